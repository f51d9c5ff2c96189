package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/test/postgres"
)

// watchExtent is how much is measured of price watches.
type watchExtent struct {
	// due is how many watches are due at once, and ticking how long their observations are counted.
	due     int
	ticking time.Duration
	// histories is of how many watches there is a history, and length how many observations each has.
	histories, length int
	// asks is how many questions are asked of the histories.
	asks int
}

func (r *report) watchExtent() watchExtent {
	if r.brief {
		return watchExtent{due: 2000, ticking: 2 * time.Second, histories: 4, length: 5000, asks: 50}
	}
	return watchExtent{due: 100_000, ticking: 20 * time.Second, histories: 100, length: 10_000, asks: 500}
}

// priceWatches measures price watches on both stores.
func priceWatches(ctx context.Context, r *report) error {
	return onBothStores(ctx, r, "pricewatch.db", watchTicks, watchHistory)
}

// storeMeasure measures something on a store. It gets the settings of a service on that store, and the store's address.
type storeMeasure func(ctx context.Context, r *report, kind string, settings map[string]string, url string) error

// onBothStores measures on SQLite files of that name, then on PostgreSQL, each time on a new store. PostgreSQL runs without fsync, as in
// the tests; SQLite waits for the disk.
func onBothStores(ctx context.Context, r *report, file string, measures ...storeMeasure) (err error) {
	_, runErr := postgres.Run(func(c *postgres.Cluster) int {
		err = onStores(ctx, r, c, file, measures)
		return 0
	})
	return errors.Join(err, runErr)
}

func onStores(ctx context.Context, r *report, c *postgres.Cluster, file string, measures []storeMeasure) error {
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		for _, measure := range measures {
			dir := scratch()
			settings, url := map[string]string{"ZHAOHUO_DATA_DIR": dir}, filepath.Join(dir, file)
			if kind == "PostgreSQL" {
				var err error
				if url, err = c.Create(ctx); err != nil {
					return err
				}
				settings["ZHAOHUO_STORE"] = url
			}
			if err := measure(ctx, r, kind, settings, url); err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
		}
	}
	return nil
}

// pricedGoods observes five products at prices that follow from the due time, and takes no time.
type pricedGoods struct{}

// Observe implements [engine.Observer].
func (pricedGoods) Observe(_ context.Context, _ *store.Watch, _ []byte, due time.Time) (*zhaohuov1.PriceObservation, error) {
	return madeUp(due), nil
}

func madeUp(due time.Time) *zhaohuov1.PriceObservation {
	price := &money.Money{CurrencyCode: "CNY", Units: 10 + due.Unix()%7}
	o := &zhaohuov1.PriceObservation{
		DueTime: timestamppb.New(due), FetchTime: timestamppb.New(due), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, UpstreamCalls: 1,
		ProductCount: 5, Statistics: &zhaohuov1.PriceStatistics{Min: price, Q1: price, Median: price, Q3: price, Max: price},
	}
	for i := range 5 {
		o.Products = append(o.Products, &zhaohuov1.ObservedPrice{
			ProductId: fmt.Sprint(600000000001 + i), Title: "保温杯 大容量 304 不锈钢", Price: price, SupplierId: "b2b-1",
			PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY,
		})
	}
	return o
}

// watchOf is a watch of made-up goods.
func watchOf(id string, created time.Time) *store.Watch {
	return &store.Watch{ID: id, CreateTime: created, NextDue: created, Definition: &zhaohuov1.PriceWatch{
		Target:   &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"600000000001"}}},
		Interval: durationpb.New(24 * time.Hour),
	}}
}

// watchTicks counts the observations a second that the engine makes and stores while many watches are due.
func watchTicks(ctx context.Context, r *report, kind string, _ map[string]string, url string) (err error) {
	of := r.watchExtent()
	s, err := store.Open(ctx, store.Options{URL: url, Migrate: engine.Migrate})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.CreateWatch(ctx, watchOf("w", time.Now()), nil, 0); err != nil {
		return err
	}
	// The others are copies of the first one.
	const same = `owner, definition, interval_ms, paused, version, created, updated, next_due, waiting_for, image_size, ticks,
		history_bytes, thinned, calls_day, calls_spent`
	if _, err := s.DB().ExecContext(ctx, `WITH RECURSIVE number(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < CAST($1 AS BIGINT) - 1)
		INSERT INTO price_watch (id, `+same+`) SELECT 'w' || CAST(i AS TEXT), `+same+` FROM number, price_watch`, of.due); err != nil {
		return err
	}
	e, err := engine.New(engine.Options{Store: s, Observer: pricedGoods{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	from := time.Now()
	if err := e.Start(ctx); err != nil {
		return err
	}
	stored, look := 0, time.NewTicker(200*time.Millisecond)
	defer look.Stop()
	for stored < of.due && time.Since(from) < of.ticking && err == nil {
		<-look.C
		err = s.DB().QueryRowContext(ctx, `SELECT count(*) FROM price_observation`).Scan(&stored)
	}
	rate := float64(stored) / time.Since(from).Seconds()
	if err := errors.Join(err, e.Stop(ctx)); err != nil {
		return err
	}
	bare, err := bareInserts(ctx, s, of.ticking/4)
	if err != nil {
		return err
	}
	r.figure(fmt.Sprintf("%s, %d watches due: observations stored", kind, of.due), "%.0f a second", rate)
	r.figure("  bare INSERTs of the same rows, a transaction each, 8 at a time", "%.0f a second", bare)
	r.figure("  ratio", "%.3f", rate/bare)
	return nil
}

// bareInserts is how many rows a second are inserted into a table that has nothing else.
func bareInserts(ctx context.Context, s *store.Store, d time.Duration) (float64, error) {
	bytes := "BLOB"
	if s.Postgres() {
		bytes = "BYTEA"
	}
	if _, err := s.DB().ExecContext(ctx, `CREATE TABLE bare (id TEXT, due BIGINT, body `+bytes+`, PRIMARY KEY (id, due))`); err != nil {
		return 0, err
	}
	body, err := proto.Marshal(madeUp(time.Now()))
	if err != nil {
		return 0, err
	}
	var group sync.WaitGroup
	var done atomic.Int64
	failures := make([]error, 8)
	from := time.Now()
	for i := range failures {
		group.Go(func() {
			for failures[i] == nil && time.Since(from) < d {
				_, failures[i] = s.DB().ExecContext(ctx, `INSERT INTO bare (id, due, body) VALUES ($1, $2, $3)`, fmt.Sprint("w", i), done.Add(1), body)
			}
		})
	}
	group.Wait()
	return float64(done.Load()) / time.Since(from).Seconds(), errors.Join(failures...)
}

// historyStep is the time from one observation of a history to the next.
const historyStep = 10 * time.Minute

// watchHistory asks a service, which runs in another process, for trends and observations out of long histories.
func watchHistory(ctx context.Context, r *report, kind string, settings map[string]string, url string) (err error) {
	of := r.watchExtent()
	begin := time.Now().Truncate(time.Millisecond).Add(-time.Duration(of.length) * historyStep)
	if err := fillHistories(ctx, url, of, begin); err != nil {
		return err
	}
	platform, err := startSandbox(ctx)
	if err != nil {
		return err
	}
	defer platform.stop()
	service, err := startChild(ctx, against(platform.url, settings), serviceRole)
	if err != nil {
		return err
	}
	defer service.stop()
	conn, err := grpc.NewClient(service.said, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	client := zhaohuov1.NewPriceWatchServiceClient(conn)
	asks := map[string]func(string) error{
		"QueryPriceTrend of 30 days": func(id string) error {
			got, err := client.QueryPriceTrend(ctx, &zhaohuov1.QueryPriceTrendRequest{Id: id})
			if err == nil && len(got.GetPoints()) < 100 {
				return fmt.Errorf("the trend has %d points", len(got.GetPoints()))
			}
			return err
		},
		"ListPriceObservations, a page of 50": func(id string) error {
			at := begin.Add(time.Duration(rand.N(of.length-100)) * historyStep)
			got, err := client.ListPriceObservations(ctx, &zhaohuov1.ListPriceObservationsRequest{Id: id, StartTime: timestamppb.New(at)})
			if err == nil && len(got.GetObservations()) != 50 {
				return fmt.Errorf("the page has %d observations", len(got.GetObservations()))
			}
			return err
		},
	}
	for _, name := range []string{"QueryPriceTrend of 30 days", "ListPriceObservations, a page of 50"} {
		took := make([]time.Duration, of.asks)
		for i := range took {
			from := time.Now()
			if err := asks[name](fmt.Sprint("h", rand.N(of.histories))); err != nil {
				return err
			}
			took[i] = time.Since(from)
		}
		slices.Sort(took)
		p99 := took[len(took)*99/100-1]
		r.promise(fmt.Sprintf("%s, %d observations: p99 of %s", kind, of.histories*of.length, name), p99 <= 50*time.Millisecond, "50 ms",
			"%.1f ms (median %.1f ms)", p99.Seconds()*1000, took[len(took)/2].Seconds()*1000)
	}
	return nil
}

// fillHistories creates the watches h0, h1, … with their histories.
func fillHistories(ctx context.Context, url string, of watchExtent, begin time.Time) (err error) {
	s, err := store.Open(ctx, store.Options{URL: url, Migrate: engine.Migrate})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for n := range of.histories {
		w := watchOf(fmt.Sprint("h", n), begin)
		w.Paused, w.NextDue = true, time.Time{}
		if err := s.CreateWatch(ctx, w, nil, 0); err != nil {
			return err
		}
		if err := fillHistory(ctx, s, w, of.length); err != nil {
			return err
		}
	}
	return nil
}

// fillHistory stores all observations but the last as rows, in bulk, and the last one as the engine does.
func fillHistory(ctx context.Context, s *store.Store, w *store.Watch, length int) error {
	tx, err := s.DB().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	const atOnce = 500
	for first := 0; first < length-1; first += atOnce {
		var rows []string
		var args []any
		for i := first; i < min(first+atOnce, length-1); i++ {
			o := madeUp(w.CreateTime.Add(time.Duration(i) * historyStep))
			o.WatchId, o.Products = w.ID, nil
			body, err := proto.Marshal(o)
			if err != nil {
				return err
			}
			price := o.GetStatistics().GetMin().GetUnits() * 1_000_000_000
			rows = append(rows, fmt.Sprintf("('%s', %d, 2, 1, %d, %d, %d, %d, %d, $%d)", w.ID, o.GetDueTime().AsTime().UnixMilli(), price, price, price,
				price, price, len(args)+1))
			args = append(args, body)
		}
		//nolint:gosec // The rows hold numbers and ids that were made here.
		if _, err := tx.ExecContext(ctx, `INSERT INTO price_observation (watch_id, due, source, succeeded, price_min, price_q1, price_median, price_q3,
			price_max, summary) VALUES `+strings.Join(rows, ","), args...); err != nil {
			return err
		}
	}
	products, err := proto.Marshal(&zhaohuov1.PriceObservation{Products: madeUp(w.CreateTime).GetProducts()})
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO price_observation_products (watch_id, due, products)
		SELECT watch_id, due, $1 FROM price_observation WHERE watch_id = $2`, products, w.ID); err != nil {
		return err
	}
	last := madeUp(w.CreateTime.Add(time.Duration(length-1) * historyStep))
	if _, err := s.FinishTick(ctx, tx, store.Tick{Watch: w, Observation: last}); err != nil {
		return err
	}
	return tx.Commit()
}
