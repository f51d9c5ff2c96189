package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// receiverRole is a receiver of webhooks that takes every message and notes when it came.
const receiverRole = "--as-receiver"

// webhookDelayMax is the promise: a process looks for jobs each half second, and sends a watch's events one after the other.
const webhookDelayMax = 2 * time.Second

// messagesMax bounds the wait for all messages.
const messagesMax = 10 * time.Minute

// receiver notes when the message about an event came for the first time.
type receiver struct {
	mu   sync.Mutex
	came map[int64]time.Time
	// more is closed and replaced when a message comes.
	more chan struct{}
}

// ServeHTTP takes messages. GET /N waits for the messages about N events, and answers with the time of each, in nanoseconds.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.Method == http.MethodGet {
		wanted, err := strconv.Atoi(strings.TrimPrefix(request.URL.Path, "/"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if times := r.wait(request.Context(), wanted); times != nil {
			_ = json.NewEncoder(w).Encode(times)
		}
		return
	}
	at := time.Now()
	var message struct {
		Data struct {
			ID int64 `json:"id,string"`
		} `json:"data"`
	}
	if err := json.NewDecoder(request.Body).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, before := r.came[message.Data.ID]; !before {
		r.came[message.Data.ID] = at
	}
	close(r.more)
	r.more = make(chan struct{})
}

// wait returns the times when that many events have come, or nil when ctx ends.
func (r *receiver) wait(ctx context.Context, wanted int) map[int64]int64 {
	for {
		r.mu.Lock()
		more, times := r.more, make(map[int64]int64, len(r.came))
		for id, at := range r.came {
			times[id] = at.UnixNano()
		}
		r.mu.Unlock()
		if len(times) >= wanted {
			return times
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil
		}
	}
}

// runReceiver runs in the child process. It prints its address and serves until it is signalled.
func runReceiver() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: &receiver{came: map[int64]time.Time{}, more: make(chan struct{})}}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Println(port.Addr().String())
	if err := server.Serve(port); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// webhookDelay measures, on both stores, how long events take from their commit to a receiver of webhooks. The service and the
// receiver run in processes of their own.
func webhookDelay(ctx context.Context, r *report) error {
	return onBothStores(ctx, r, sandboxWatches, webhookDelayOn)
}

func webhookDelayOn(ctx context.Context, r *report, kind string, settings map[string]string, url string) (err error) {
	wanted := 300
	if r.brief {
		wanted = 20
	}
	target, err := startChild(ctx, nil, receiverRole)
	if err != nil {
		return err
	}
	defer target.stop()
	settings["ZHAOHUO_WEBHOOK_HOSTS"] = target.said
	service, err := startDrifting(ctx, settings)
	if err != nil {
		return err
	}
	defer service.stop()
	s, err := store.Open(ctx, store.Options{URL: url, Migrate: engine.Migrate})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	conn, err := grpc.NewClient(service.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	made, err := zhaohuov1.NewPriceWatchServiceClient(conn).CreatePriceWatch(ctx, driftingWatch("http://"+target.said))
	if err != nil {
		return err
	}
	if n := len(made.GetPriceWatch().GetWebhooks()); n != 1 {
		return fmt.Errorf("the watch has %d webhooks", n)
	}
	complete := make(chan struct{})
	var arrived map[int64]time.Time
	var arriveErr error
	go func() {
		defer close(complete)
		arrived, arriveErr = messageTimes(ctx, target.said, wanted)
	}()
	committed, err := commitTimes(ctx, s, complete)
	if err != nil {
		return err
	}
	if arriveErr != nil {
		return arriveErr
	}
	all := delays(committed, arrived)
	if len(all) == 0 {
		return errors.New("no event was noticed both in the store and at the receiver")
	}
	p50, p99 := middleAndTail(all)
	r.promise(fmt.Sprintf("%s, %d events to a webhook: from the commit to the receiver, p99", kind, len(all)), p99 <= webhookDelayMax,
		fmt.Sprint(webhookDelayMax), "%.0f ms (median %.0f ms)", p99.Seconds()*1000, p50.Seconds()*1000)
	return nil
}

// messageTimes waits until the receiver has got that many events, and returns when each came.
func messageTimes(ctx context.Context, address string, wanted int) (map[int64]time.Time, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/%d", address, wanted), nil)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Timeout: messagesMax}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var times map[int64]int64
	if err := json.NewDecoder(response.Body).Decode(&times); err != nil {
		return nil, err
	}
	arrived := make(map[int64]time.Time, len(times))
	for id, at := range times {
		arrived[id] = time.Unix(0, at)
	}
	return arrived, nil
}
