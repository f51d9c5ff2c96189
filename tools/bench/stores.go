package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

// storesExtent is how much is measured of the stores behind memory.
type storesExtent struct {
	rounds, questions, asks int
	// keywords are how many different ones a service is asked, and visits how often it is asked for hit rates.
	keywords, visits int
}

func (r *report) storesExtent() storesExtent {
	if r.brief {
		return storesExtent{rounds: 2, questions: 200, asks: 1000, keywords: 150, visits: 1000}
	}
	return storesExtent{rounds: 9, questions: 2000, asks: 6000, keywords: 1200, visits: 10_000}
}

// storeRatio is the promise of a hit in Redis, against the bare GET.
const storeRatio = 2.0

// stores measures answers that are in memory, on disk and in Redis: first the cache alone beside the barest way to the same bytes, then
// complete services. The redis-server, the cache, and the services are processes of their own; so is the sandbox.
func stores(ctx context.Context, r *report) error {
	redis, err := startRedis(ctx)
	if err != nil {
		return err
	}
	defer redis.stop()
	if err := storesAlone(ctx, r, redis.url); err != nil {
		return err
	}
	return storesServed(ctx, r)
}

// storesAlone compares the way from a question to its encoded answer with a bare GET and a bare SELECT. All ways take turns.
func storesAlone(ctx context.Context, r *report, redisURL string) error {
	of := r.storesExtent()
	k, err := startKept(ctx) // For an answer as services give it.
	if err != nil {
		return err
	}
	k.stop()
	spec, err := json.Marshal(readerSpec{Redis: redisURL, Dir: scratch(), Answer: filepath.Join(os.TempDir(), "answer"), Questions: of.questions})
	if err != nil {
		return err
	}
	reader, err := startChild(ctx, nil, readerRole, string(spec))
	if err != nil {
		return err
	}
	defer reader.stop()
	r.figure("an answer", "%d bytes", k.size)
	for _, callers := range []int{1, keptCallers} {
		turns := map[string][]readerTurn{}
		for range of.rounds {
			for _, way := range []string{wayMemory, wayDisk, waySelect, wayRedis, wayGet} {
				t, err := askReader(ctx, reader.said, way, callers, of.asks)
				if err != nil {
					return fmt.Errorf("%s: %w", way, err)
				}
				turns[way] = append(turns[way], t)
			}
		}
		reportTurns(r, callers, turns)
	}
	return nil
}

func reportTurns(r *report, callers int, turns map[string][]readerTurn) {
	who := "one caller: "
	if callers > 1 {
		who = fmt.Sprintf("%d callers: ", callers)
	}
	names := map[string]string{
		wayMemory: "a hit in memory", wayDisk: "a hit on disk", waySelect: "a bare SELECT", wayRedis: "a hit in Redis", wayGet: "a bare GET",
	}
	of := func(way string, value func(readerTurn) float64) float64 {
		var all []float64
		for _, t := range turns[way] {
			all = append(all, value(t))
		}
		return median(all)
	}
	middle, each := func(t readerTurn) float64 { return t.Middle }, func(t readerTurn) float64 { return t.Each }
	processor := func(t readerTurn) float64 { return t.Processor }
	for _, way := range []string{wayMemory, wayDisk, waySelect, wayRedis, wayGet} {
		r.figure(who+names[way], "median %.1f µs, p99 %.1f µs, one after %.1f µs, %.1f µs of processor time",
			of(way, middle), of(way, func(t readerTurn) float64 { return t.Tail }), of(way, each), of(way, processor))
	}
	r.figure(who+"a hit on disk against a bare SELECT", "%.2f × by median time, %.2f × by processor time",
		of(wayDisk, middle)/of(waySelect, middle), of(wayDisk, processor)/of(waySelect, processor))
	// Alone, a caller waits for its answer. Of many callers each waits for the others, so the time of all counts.
	what, by := "median time", middle
	if callers > 1 {
		what, by = "time of all", each
	}
	ratio := of(wayRedis, by) / of(wayGet, by)
	r.promise(who+"a hit in Redis against a bare GET", ratio <= storeRatio, fmt.Sprintf("≤ %.2f ×", storeRatio), "%.2f × by %s, %.2f × by processor time",
		ratio, what, of(wayRedis, processor)/of(wayGet, processor))
}

// askReader has the reader take a turn.
func askReader(ctx context.Context, at, way string, callers, asks int) (t readerTurn, err error) {
	query := url.Values{"way": {way}, "callers": {strconv.Itoa(callers)}, "asks": {strconv.Itoa(asks)}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at+"/turn?"+query.Encode(), nil)
	if err != nil {
		return t, err
	}
	response, err := (&http.Client{Timeout: 2 * time.Minute}).Do(request)
	if err != nil {
		return t, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", response.Status, body)
	}
	if err != nil {
		return t, err
	}
	return t, json.Unmarshal(body, &t)
}

// storesServed asks services: one that has just started and finds all answers in its store, and one whose memory is small.
func storesServed(ctx context.Context, r *report) error {
	platform, err := startSandbox(ctx)
	if err != nil {
		return err
	}
	defer platform.stop()
	redis, err := startRedis(ctx)
	if err != nil {
		return err
	}
	defer redis.stop()
	for _, store := range []struct {
		name     string
		settings map[string]string
	}{
		{"on disk", map[string]string{"ZHAOHUO_DATA_DIR": scratch()}},
		{"in Redis", map[string]string{"ZHAOHUO_DATA_DIR": scratch(), "ZHAOHUO_REDIS_URL": redis.url}},
	} {
		if err := storeServed(ctx, r, platform, store.name, store.settings); err != nil {
			return fmt.Errorf("%s: %w", store.name, err)
		}
	}
	return newerAnswers(ctx, r, platform, redis.url)
}

// newerAnswers measures how long it takes until a replica gives the newer answer of another one, in place of the one in its memory.
func newerAnswers(ctx context.Context, r *report, p *platform, redisURL string) error {
	of := r.storesExtent()
	var clients [2]zhaohuov1.SearchServiceClient
	var ends []func()
	defer func() {
		for _, end := range ends {
			end()
		}
	}()
	for i := range clients {
		s, err := servePhotos(ctx, p.url, map[string]string{"ZHAOHUO_DATA_DIR": scratch(), "ZHAOHUO_REDIS_URL": redisURL})
		if err != nil {
			return err
		}
		ends = append(ends, s.close)
		clients[i] = zhaohuov1.NewSearchServiceClient(s.conn)
	}
	delays := make([]time.Duration, of.keywords/12)
	for i := range delays {
		question, anew := questionOf(i), questionOf(i)
		anew.MaxStaleness = durationpb.New(0)
		if _, err := clients[1].KeywordSearch(ctx, question); err != nil { // It is in the memory of this replica.
			return err
		}
		newer, err := clients[0].KeywordSearch(ctx, anew)
		if err != nil {
			return err
		}
		for from := time.Now(); ; pause.For(ctx, 100*time.Microsecond) {
			got, err := clients[1].KeywordSearch(ctx, question)
			if err != nil {
				return err
			}
			delays[i] = time.Since(from)
			if got.GetMeta().GetFetchTime().AsTime().Equal(newer.GetMeta().GetFetchTime().AsTime()) {
				break
			}
			if delays[i] > time.Minute {
				return errors.New("another replica's newer answer is not given")
			}
		}
	}
	p50, p99 := middleAndTail(delays)
	r.figure("from a replica's newer answer until another replica gives it", "median %.1f ms, p99 %.1f ms", p50.Seconds()*1e3, p99.Seconds()*1e3)
	return nil
}

func storeServed(ctx context.Context, r *report, p *platform, name string, settings map[string]string) error {
	of := r.storesExtent()
	settings["ZHAOHUO_CACHE_FRESH"] = "KeywordSearch=24h"
	inOrder := func(i int) int { return i % of.keywords }
	// The first service asks the upstream and stores the answers.
	if _, _, err := askService(ctx, p, settings, of.keywords, inOrder, nil); err != nil {
		return err
	}
	times, rates, err := askService(ctx, p, settings, 2*of.keywords, inOrder, nil)
	if err != nil {
		return err
	}
	if rates["store"] != 0.5 || rates["memory"] != 0.5 {
		return fmt.Errorf("answered by %v", rates)
	}
	firstP50, firstP99 := middleAndTail(times[:of.keywords])
	secondP50, secondP99 := middleAndTail(times[of.keywords:])
	r.figure("over gRPC, one caller: an answer that is "+name+", first time after a start", "median %.0f µs, p99 %.0f µs",
		firstP50.Seconds()*1e6, firstP99.Seconds()*1e6)
	r.figure("over gRPC, one caller: the same again, from memory", "median %.0f µs, p99 %.0f µs", secondP50.Seconds()*1e6, secondP99.Seconds()*1e6)
	// Some keywords are asked for much more often than others.
	const skew, seed = 1.1, 18
	zipf := rand.NewZipf(rand.New(rand.NewPCG(seed, seed)), skew, 1, uint64(of.keywords-1))
	small := map[string]string{"ZHAOHUO_CACHE_MEMORY": strconv.Itoa(1 << 20)}
	if _, rates, err = askService(ctx, p, settings, of.visits, func(int) int { return int(zipf.Uint64()) }, small); err != nil {
		return err
	}
	r.figure(fmt.Sprintf("%d questions of %d keywords (Zipf, 1.1), 1 MiB of memory: answered from memory", of.visits, of.keywords), "%.1f %%", 100*rates["memory"])
	r.figure("  from what is "+name, "%.1f %%", 100*rates["store"])
	r.figure("  by the upstream", "%.1f %%", 100*rates["upstream"])
	return nil
}

// askService starts a service, asks it one question after the other, and ends it. It returns the time of each question, and by what the
// questions were answered, as shares.
func askService(ctx context.Context, p *platform, settings map[string]string, asks int, which func(int) int, more map[string]string) (
	_ []time.Duration, _ map[string]float64, err error,
) {
	all := map[string]string{}
	for _, m := range []map[string]string{settings, more} {
		for name, value := range m {
			all[name] = value
		}
	}
	s, err := servePhotos(ctx, p.url, all)
	if err != nil {
		return nil, nil, err
	}
	defer s.close() // What is not stored yet is stored before it ends.
	client := zhaohuov1.NewSearchServiceClient(s.conn)
	if _, err := zhaohuov1.NewInfoServiceClient(s.conn).GetServerInfo(ctx, &zhaohuov1.GetServerInfoRequest{}); err != nil { // It connects.
		return nil, nil, err
	}
	times := make([]time.Duration, asks)
	for i := range times {
		question, from := questionOf(which(i)), time.Now()
		if _, err := client.KeywordSearch(ctx, question); err != nil {
			return nil, nil, err
		}
		times[i] = time.Since(from)
	}
	rates := map[string]float64{}
	for _, by := range []string{"memory", "store", "upstream"} {
		n, err := s.metric(ctx, fmt.Sprintf(`zhaohuo_cache_answers_total{by=%q,kind="KeywordSearch"}`, by))
		if err != nil && !errors.Is(err, errNoMetric) {
			return nil, nil, err
		}
		rates[by] = n / float64(asks)
	}
	return times, rates, nil
}
