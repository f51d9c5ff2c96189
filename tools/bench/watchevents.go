package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// sandboxWatches is the SQLite file in which a service keeps the price watches of its sandbox.
const sandboxWatches = "pricewatch-sandbox.db"

// readersPerConnection is how many streams share a connection.
const readersPerConnection = 100

// startDrifting starts a service in another process on a sandbox whose prices move each second.
func startDrifting(ctx context.Context, settings map[string]string) (*child, error) {
	env := map[string]string{
		"ZHAOHUO_GRPC_ADDR": "127.0.0.1:0", "ZHAOHUO_HTTP_ADDR": "127.0.0.1:0", "ZHAOHUO_LAME_DUCK": "0s", "ZHAOHUO_LOG_LEVEL": "error",
		"ZHAOHUO_SANDBOX_DRIFT": "1s", "ZHAOHUO_SANDBOX_QPS": "0", "ZHAOHUO_UPSTREAM_QPS": "0",
	}
	maps.Copy(env, settings)
	return startChild(ctx, env, serviceRole)
}

// driftingWatch is a watch of moving prices that has several events a second. They are sent to the addresses too.
func driftingWatch(webhooks ...string) *zhaohuov1.CreatePriceWatchRequest {
	w := &zhaohuov1.PriceWatch{
		Target:   &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: "保温杯", Quantity: 100}},
		Interval: durationpb.New(time.Second),
		Conditions: []*zhaohuov1.PriceCondition{
			{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL}, {Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE},
		},
	}
	for _, address := range webhooks {
		w.Webhooks = append(w.Webhooks, &zhaohuov1.PriceWebhook{Url: address})
	}
	return &zhaohuov1.CreatePriceWatchRequest{PriceWatch: w}
}

// watchEvents measures, on both stores, how long events take from their commit to the last of many readers of a service in another
// process. This process reads the store each millisecond.
func watchEvents(ctx context.Context, r *report) error {
	return onBothStores(ctx, r, sandboxWatches, watchEventsOn)
}

func watchEventsOn(ctx context.Context, r *report, kind string, settings map[string]string, url string) (err error) {
	readers, wanted := 1000, 60
	if r.brief {
		readers, wanted = 50, 4
	}
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
	var opened []*grpc.ClientConn
	defer func() {
		for _, conn := range opened {
			err = errors.Join(err, conn.Close())
		}
	}()
	var connections []zhaohuov1.PriceWatchServiceClient
	for range (readers + readersPerConnection - 1) / readersPerConnection {
		conn, dialErr := grpc.NewClient(service.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if dialErr != nil {
			return dialErr
		}
		opened = append(opened, conn)
		connections = append(connections, zhaohuov1.NewPriceWatchServiceClient(conn))
	}
	if _, err = connections[0].CreatePriceWatch(ctx, driftingWatch()); err != nil {
		return err
	}
	arrived, err := readEvents(ctx, connections, readers, wanted, s)
	if err != nil {
		return err
	}
	p50, p99 := middleAndTail(arrived)
	r.figure(fmt.Sprintf("%s, %d events to %d stream readers: from the commit to the last reader, p99", kind, len(arrived), readers), "%.1f ms (median %.1f ms)",
		p99.Seconds()*1000, p50.Seconds()*1000)
	return nil
}

// middleAndTail are the 50th and the 99th percentile of some durations, which it sorts.
func middleAndTail(all []time.Duration) (p50, p99 time.Duration) {
	slices.Sort(all)
	return all[len(all)/2], all[(len(all)*99+99)/100-1]
}

// readEvents opens the streams, and returns for each event how long it took from its commit to the last reader.
func readEvents(ctx context.Context, connections []zhaohuov1.PriceWatchServiceClient, readers, wanted int, s *store.Store) ([]time.Duration, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	last, count := map[int64]time.Time{}, map[int64]int{}
	begun, complete := make(chan error, readers), make(chan struct{}, 1)
	done := 0
	for i := range readers {
		stream, err := connections[i%len(connections)].StreamPriceEvents(ctx, &zhaohuov1.StreamPriceEventsRequest{})
		if err != nil {
			return nil, err
		}
		go func() {
			_, err := stream.Recv() // the first message is a heartbeat
			begun <- err
			for err == nil {
				var message *zhaohuov1.StreamPriceEventsResponse
				if message, err = stream.Recv(); message.GetEvent() == nil {
					continue
				}
				id, _ := strconv.ParseInt(message.GetEvent().GetId(), 10, 64) // The service's ids are numbers.
				now := time.Now()
				mu.Lock()
				if count[id]++; count[id] == readers {
					if last[id], done = now, done+1; done == wanted {
						complete <- struct{}{}
					}
				}
				mu.Unlock()
			}
		}()
	}
	for range readers {
		if err := <-begun; err != nil {
			return nil, err
		}
	}
	committed, err := commitTimes(ctx, s, complete)
	if err != nil {
		return nil, err
	}
	mu.Lock()
	defer mu.Unlock()
	return delays(committed, last), nil
}

// commitTimes notes when events can be read in the store, until something comes from the channel.
func commitTimes(ctx context.Context, s *store.Store, until <-chan struct{}) (map[int64]time.Time, error) {
	committed := map[int64]time.Time{}
	seen, err := s.LastEventID(ctx)
	for err == nil {
		var now int64
		if now, err = s.LastEventID(ctx); err != nil {
			break
		}
		for at := time.Now(); seen < now; {
			seen++
			committed[seen] = at
		}
		select {
		case <-until:
			return committed, nil
		default:
			pause.For(ctx, time.Millisecond)
		}
	}
	return nil, err
}

// delays are the times from the commit to the arrival. An event that arrived before its commit was noticed took no time.
func delays(committed, arrived map[int64]time.Time) (all []time.Duration) {
	for id, at := range arrived {
		if from, known := committed[id]; known {
			all = append(all, max(at.Sub(from), 0))
		}
	}
	return all
}
