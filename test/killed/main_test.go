// Package killed_test kills processes that observe price watches, at random moments, and starts them again: no observation that was
// acknowledged may be lost, none stored twice, and no event missed by a reader who goes on after the last one it has.
//
// `go test` kills 3 times on each store. With -full (`make soak`) it does so 50 times.
package killed_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
	"github.com/zhaohuo-dev/zhaohuo/test/postgres"
)

// storeURL is set for programs that the tests start: they observe the watches of that store.
const storeURL = "ZHAOHUO_TEST_STORE_URL"

// receiverHost is set for them too: where webhooks are.
const receiverHost = "ZHAOHUO_TEST_RECEIVER"

// appSecret is what signing secrets are encrypted with.
const appSecret = "app secret"

// askers is how many ask by hand at a time.
const askers = 3

var (
	full    = flag.Bool("full", false, "kill as often as what is promised")
	cluster *postgres.Cluster
)

func TestMain(m *testing.M) {
	if url := os.Getenv(storeURL); url != "" {
		if err := observe(url, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1) //nolint:forbidigo // This is a main.
		}
		return
	}
	code, err := postgres.Run(func(c *postgres.Cluster) int {
		cluster = c
		return m.Run()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code) //nolint:forbidigo // This is a main.
}

// observe runs an engine until SIGTERM. It prints "ready", and a line for each observation that somebody was answered with.
func observe(url string, out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	s, err := store.Open(ctx, store.Options{URL: url, Log: log, Migrate: engine.Migrate})
	if err != nil {
		return err
	}
	defer s.Close()
	secrets, err := webhook.NewSecrets(appSecret)
	if err != nil {
		return err
	}
	e, err := engine.New(engine.Options{Store: s, Observer: goods{}, Log: log, Deliverer: webhook.New(webhook.Options{
		Store: s, Secrets: secrets, Log: log, Hosts: []string{os.Getenv(receiverHost)},
	})})
	if err != nil {
		return err
	}
	if err := e.Start(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "ready"); err != nil {
		return err
	}
	var asking sync.WaitGroup
	for asker := range askers {
		asking.Go(func() {
			for n := asker; ctx.Err() == nil; n += askers {
				o, err := ask(ctx, e, watchID(n%watches))
				if err != nil {
					pause.For(ctx, 10*time.Millisecond) // The end, or a store that is busy.
					continue
				}
				_, _ = fmt.Fprintln(out, "stored", o.GetWatchId(), o.GetDueTime().AsTime().UnixMilli()) // The test misses lines.
			}
		})
	}
	asking.Wait()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4500*time.Millisecond)
	defer cancel()
	return e.Stop(end)
}

// ask asks for an observation. It does not wait for one that a killed process began.
func ask(ctx context.Context, e *engine.Engine, id string) (*zhaohuov1.PriceObservation, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return e.RunNow(ctx, id)
}

// goods are made up: their price follows from the watch and the time.
type goods struct{}

// Observe implements [engine.Observer].
func (goods) Observe(ctx context.Context, w *store.Watch, _ []byte, due time.Time) (*zhaohuov1.PriceObservation, error) {
	number := numberOf(w.ID, due)
	if !pause.For(ctx, time.Duration(number%40)*time.Millisecond) {
		return nil, ctx.Err()
	}
	price := &money.Money{CurrencyCode: "CNY", Units: 10 + int64(number%7)}
	return &zhaohuov1.PriceObservation{
		FetchTime: timestamppb.Now(), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, UpstreamCalls: 1, ProductCount: 1,
		Statistics: &zhaohuov1.PriceStatistics{Min: price, Q1: price, Median: price, Q3: price, Max: price},
		Products: []*zhaohuov1.ObservedPrice{{
			ProductId: "600000000001", Title: "杯子", Price: price, PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY,
		}},
	}, nil
}

func numberOf(id string, due time.Time) uint64 {
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, id, due.UnixMilli()) // A hash takes everything.
	return hash.Sum64() >> 8
}

func watchID(n int) string { return fmt.Sprintf("watch-%02d", n) }

// lines sends the lines of a reader until it ends.
func lines(r io.Reader, to chan<- string) {
	defer close(to)
	for scanner := bufio.NewScanner(r); scanner.Scan(); {
		to <- scanner.Text()
	}
}
