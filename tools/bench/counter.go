package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

// counterRole is an upstream that counts arrivals in an exact sliding second and does nothing else, so that it is never
// slower than the limit it enforces. It can delay calls before they arrive, and its answers. The argument is a [behavior]
// in JSON.
const counterRole = "--as-counter"

// behavior is what the counter does with calls.
type behavior struct {
	// Limit is how many calls may arrive in any second; further ones are throttled.
	Limit int
	// LateMS is the longest delay before a call arrives. AnswerMinMS and AnswerMaxMS bound the time until its answer. All
	// are in milliseconds.
	LateMS, AnswerMinMS, AnswerMaxMS int
}

func between(low, high int) time.Duration {
	return time.Duration(low)*time.Millisecond + rand.N(time.Duration(high-low)*time.Millisecond+1)
}

// tally is what arrived since counting began.
type tally struct {
	Admitted, Throttled int
	// Busiest is the largest number of arrivals in any half-open second, throttled ones included.
	Busiest int
	// Seconds is how long was counted.
	Seconds float64
	// Early holds, for each throttled call, when it came and by how much it was too early.
	Early []string
}

type counter struct {
	behavior
	mu       sync.Mutex
	from     time.Time
	arrivals []time.Time
	admitted []time.Time
	refused  int
	early    []string
}

const throttledAnswer = `{"error_code":"gw.QosAppFrequencyLimit","error_message":"App call exceeds limited frequency"}`

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/count/begin":
		c.begin()
		return
	case "/count/tally":
		_ = json.NewEncoder(w).Encode(c.tally())
		return
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	pause.For(r.Context(), between(0, c.LateMS))
	fits := c.arrive()
	w.Header().Set("Content-Type", "application/json")
	if !fits {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, throttledAnswer)
		return
	}
	pause.For(r.Context(), between(c.AnswerMinMS, c.AnswerMaxMS))
	_, _ = io.WriteString(w, sinkGoods)
}

// arrive records an arrival and reports whether it is within the limit. Throttled ones do not count against the limit.
func (c *counter) arrive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.arrivals = append(c.arrivals, now)
	n := len(c.admitted)
	if n >= c.Limit && now.Sub(c.admitted[n-c.Limit]) < time.Second {
		c.refused++
		short := time.Second - now.Sub(c.admitted[n-c.Limit])
		c.early = append(c.early, fmt.Sprintf("%.1f s: %.1f ms", now.Sub(c.from).Seconds(), short.Seconds()*1000))
		return false
	}
	c.admitted = append(c.admitted, now)
	return true
}

func (c *counter) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.from, c.refused, c.early = time.Now(), 0, nil
	c.arrivals = slices.DeleteFunc(c.arrivals, func(t time.Time) bool { return c.from.Sub(t) >= time.Second })
}

func (c *counter) tally() tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := tally{Throttled: c.refused, Early: c.early, Seconds: time.Since(c.from).Seconds()}
	for _, at := range c.admitted {
		if at.After(c.from) {
			t.Admitted++
		}
	}
	first := 0
	for i, at := range c.arrivals {
		for at.Sub(c.arrivals[first]) >= time.Second {
			first++
		}
		t.Busiest = max(t.Busiest, i-first+1)
	}
	return t
}

// runCounter runs in the child process. It prints its address and serves until it is signalled.
func runCounter(spec string) error {
	c := &counter{from: time.Now()}
	if err := json.Unmarshal([]byte(spec), &c.behavior); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: c}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Println("http://" + port.Addr().String())
	if err := server.Serve(port); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// counting is a counter in another process.
type counting struct{ *child }

func startCounter(ctx context.Context, c behavior) (*counting, error) {
	spec, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	child, err := startChild(ctx, nil, counterRole, string(spec))
	if err != nil {
		return nil, err
	}
	return &counting{child}, nil
}

// begin restarts the counting.
func (c *counting) begin(ctx context.Context) error {
	_, err := c.get(ctx, "/count/begin")
	return err
}

// read returns what was counted since begin.
func (c *counting) read(ctx context.Context) (t tally, err error) {
	body, err := c.get(ctx, "/count/tally")
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(body, &t)
}

func (c *counting) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.said+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
