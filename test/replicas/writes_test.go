package replicas_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

const (
	// followAPI changes something at 1688.
	followAPI = "com.alibaba.product:alibaba.product.follow.crossborder-1"
	// writePath is the path of calls by name.
	writePath = "/v1/platform:call"
	// writesPerSecond is how many calls that write are made a second.
	writesPerSecond = 20
	// writeTakes is how long the upstream works on a write: some are under way whenever a replica ends.
	writeTakes = 150 * time.Millisecond
)

// writes counts the calls that write: how many were made, what came of them, and how often each arrived at the upstream.
type writes struct {
	// apis is the file that allows them.
	apis string

	mu      sync.Mutex
	made    int
	done    map[string]bool
	arrived map[string]int
}

// openWrites puts a server of the test before a sandbox, which counts the writes and passes all calls on.
func openWrites(t *testing.T, sandbox string) (w *writes, upstream string) {
	t.Helper()
	w = &writes{done: map[string]bool{}, arrived: map[string]int{}, apis: filepath.Join(t.TempDir(), "apis.yaml")}
	if err := os.WriteFile(w.apis, []byte("- {api: '"+followAPI+"', kind: write}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(sandbox)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	inside := httputil.NewSingleHostReverseProxy(target)
	inside.Transport = transport
	inside.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) } // The replica has gone.
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "follow.crossborder") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			if form, err := url.ParseQuery(string(body)); err == nil {
				w.mu.Lock()
				w.arrived[form.Get("number")]++
				w.mu.Unlock()
			}
			pause.For(r.Context(), writeTakes)
		}
		inside.ServeHTTP(rw, r)
	}))
	t.Cleanup(func() {
		front.Close()
		transport.CloseIdleConnections()
	})
	return w, front.URL
}

// write makes one call that writes. It may fail when its replica ends, so it returns nothing.
func (p *pair) write(ctx context.Context) error {
	p.writes.mu.Lock()
	p.writes.made++
	number := strconv.Itoa(p.writes.made)
	p.writes.mu.Unlock()
	body, err := json.Marshal(map[string]any{"api": followAPI, "parameters": map[string]string{"productId": "767500314824", "number": number}})
	if err != nil {
		return err
	}
	if err := p.post(ctx, writePath, body, `"json"`); err == nil {
		p.writes.mu.Lock()
		defer p.writes.mu.Unlock()
		p.writes.done[number] = true
	}
	return nil
}

// check: no write arrived twice, and each that was answered arrived.
func (w *writes) check(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	t.Logf("%d calls that write: %d answered, %d arrived", w.made, len(w.done), len(w.arrived))
	if len(w.done) == 0 {
		t.Error("no call that writes was answered")
	}
	for number, times := range w.arrived {
		if times > 1 {
			t.Errorf("write %s arrived %d times", number, times)
		}
	}
	for number := range w.done {
		if w.arrived[number] == 0 {
			t.Errorf("write %s was answered and did not arrive", number)
		}
	}
}
