package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

const (
	batchKeywords = 10_000
	batchSmall    = 100
	// batchStops is after how many results a slow reader stops, and batchStill how long the upstream must get no call until all that
	// can be fetched ahead of the reader is fetched.
	batchStops = 500
	batchStill = 3 * time.Second
	// batchRunning is how many questions of one batch run at once; each waits with an answer when nobody reads.
	batchRunning = 32

	batchPromise = 1.1
)

// asking is one way to ask all keywords of a list. stop is called once, after batchStops results; it returns when reading goes on.
type asking func(ctx context.Context, s *served, keywords []string, stop func() error) (results int, err error)

// batch compares the peak memory of services that answer the same 10,000 keywords: as batches of 100 one after the other, and as
// one batch, over each transport. Each way has a service of its own. A slow reader stops in the middle of its batch.
func batch(ctx context.Context, r *report) error {
	all := batchKeywords
	if r.brief {
		all /= 10
	}
	small := int64(0)
	for _, test := range []struct {
		name string
		size int
		ask  asking
		slow bool
	}{
		{"batches of 100 keywords, over gRPC", batchSmall, batchOverGRPC, false},
		{"1 batch of all, over gRPC", all, batchOverGRPC, false},
		{"1 batch of all, over gRPC, the reader stops", all, batchOverGRPC, true},
		{"batches of 100 keywords, over REST", batchSmall, batchOverREST, false},
		{"1 batch of all, over REST", all, batchOverREST, false},
		{"1 batch of all, over REST, the reader stops", all, batchOverREST, true},
	} {
		got, err := batchPeak(ctx, all, test.size, test.slow, test.ask)
		if err != nil {
			return fmt.Errorf("%s: %w", test.name, err)
		}
		r.promise(test.name+": results", got.results == all, strconv.Itoa(all), "%d in %.0f s, %.2f ms of processor time each", got.results,
			got.took.Seconds(), got.spent.Seconds()*1000/float64(all))
		if test.size == batchSmall {
			small = got.peak
			r.figure("  peak resident memory", "%.1f MiB, %.1f MiB when it was ready", mib(got.peak), mib(got.ready))
		} else {
			ratio := float64(got.peak) / float64(small)
			r.promise("  peak resident memory against batches of 100", ratio <= batchPromise, fmt.Sprintf("≤ %.2f ×", batchPromise),
				"%.2f × (%.1f MiB)", ratio, mib(got.peak))
		}
		if test.slow {
			r.figure("  answers fetched and not read by one who stopped after 500", "%d, of which %d wait in the batch", got.ahead, min(got.ahead, batchRunning))
		}
	}
	return nil
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// batchFigures is what one service took for all keywords.
type batchFigures struct {
	results     int
	took, spent time.Duration
	// ready and peak are resident memory in bytes: before the first batch, and the highest.
	ready, peak int64
	// ahead is how many questions more than results were asked while the reader had stopped.
	ahead int64
}

// batchPeak has a new service answer all keywords, in batches of the given size.
func batchPeak(ctx context.Context, all, size int, slow bool, ask asking) (got batchFigures, err error) {
	platform, err := startSandbox(ctx)
	if err != nil {
		return got, err
	}
	defer platform.stop()
	// Stored answers would take memory that is the cache's. A busy machine is no reason to fail.
	s, err := serveBatches(ctx, platform.url, map[string]string{"ZHAOHUO_NO_CACHE": "true", "ZHAOHUO_UPSTREAM_TIMEOUT": "2m"})
	if err != nil {
		return got, err
	}
	defer s.close()
	if got.ready, err = s.peakRSS(); err != nil {
		return got, err
	}
	stop := func() error { return nil }
	if slow {
		stop = func() error {
			asked, err := still(ctx, platform)
			got.ahead = asked - batchStops
			return err
		}
	}
	from := time.Now()
	for first := 0; first < all; first += size {
		results, err := ask(ctx, s, keywordsFrom(first, size), stop)
		got.results += results
		if err != nil {
			return got, err
		}
	}
	got.took = time.Since(from)
	got.spent, err = s.spent()
	peak, errPeak := s.peakRSS()
	got.peak = peak
	return got, errors.Join(err, errPeak)
}

// still waits until no more calls reach the upstream, and returns how many did.
func still(ctx context.Context, p *platform) (int64, error) {
	last, since := int64(-1), time.Now()
	for {
		came, err := p.arrived(ctx)
		if err != nil {
			return 0, err
		}
		if came.Arrivals != last {
			last, since = came.Arrivals, time.Now()
		}
		if time.Since(since) >= batchStill {
			return last, nil
		}
		if !pause.For(ctx, 100*time.Millisecond) {
			return 0, ctx.Err()
		}
	}
}

// keywordsFrom returns different keywords that find goods. The upstream answers each after another time, at most 10 ms.
func keywordsFrom(first, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("批发 sandbox:slow=%dus", first+i+1)
	}
	return all
}

func serveBatches(ctx context.Context, upstream string, settings map[string]string) (*served, error) {
	web, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	settings["ZHAOHUO_HTTP_ADDR"], settings["ZHAOHUO_OPS_ADDR"], settings["ZHAOHUO_DATA_DIR"] = web, "127.0.0.1:0", scratch()
	c, err := startChild(ctx, against(upstream, settings), serviceRole)
	if err != nil {
		return nil, err
	}
	conn, err := dialText(c.said)
	if err != nil {
		c.stop()
		return nil, err
	}
	return &served{child: c, conn: conn, web: "http://" + web}, nil
}

// countResult counts a message that has an answer, and stops the reader in the middle of a batch.
func countResult(m *zhaohuov1.BatchKeywordSearchResponse, results *int, stop func() error) error {
	result := m.GetResult()
	if result == nil {
		return nil
	}
	if result.GetError() != nil {
		return fmt.Errorf("%s: %v", result.GetKeyword(), result.GetError())
	}
	if *results++; *results == batchStops {
		return stop()
	}
	return nil
}

func batchOverGRPC(ctx context.Context, s *served, keywords []string, stop func() error) (results int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := zhaohuov1.NewSearchServiceClient(s.conn).BatchKeywordSearch(ctx, &zhaohuov1.BatchKeywordSearchRequest{Keywords: keywords})
	if err != nil {
		return 0, err
	}
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return results, nil
		}
		if err == nil {
			err = countResult(m, &results, stop)
		}
		if err != nil {
			return results, err
		}
	}
}

func batchOverREST(ctx context.Context, s *served, keywords []string, stop func() error) (results int, err error) {
	question, err := protojson.Marshal(&zhaohuov1.BatchKeywordSearchRequest{Keywords: keywords})
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.web+"/v1/products:batchKeywordSearch", bytes.NewReader(question))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, errors.New(response.Status)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line, ok := bytes.CutPrefix(lines.Bytes(), []byte(`{"result":`))
		if !ok {
			return results, fmt.Errorf("a line without a result: %.300s", lines.Bytes())
		}
		m := &zhaohuov1.BatchKeywordSearchResponse{}
		if err := protojson.Unmarshal(bytes.TrimSuffix(line, []byte("}")), m); err != nil {
			return results, err
		}
		if err := countResult(m, &results, stop); err != nil {
			return results, err
		}
	}
	return results, lines.Err()
}
