package attacks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

const (
	// attemptsMax is how often a caller connects anew for one question: the service may close an idle connection at any
	// time, also when a question is on its way to it.
	attemptsMax = 4
	// answerTimeout is how long a question may take before it counts as not answered.
	answerTimeout = 30 * time.Second
	// kept is the question that is answered from the cache.
	kept = ""
)

// prober is another caller than the attacker: it asks at a steady pace, over both ports, for what is kept and for what the upstream
// must be asked for.
type prober struct {
	service *process.Service
	conn    *grpc.ClientConn
	key     string
	asked   atomic.Int64
}

// newProber is a caller with a key, which is empty where no keys are in force. It returns when every question of its kinds has been
// answered once.
func newProber(t *testing.T, s *process.Service, key string) *prober {
	t.Helper()
	conn, err := grpc.NewClient(s.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &prober{service: s, conn: conn, key: key}
	for _, q := range p.questions() {
		if err := p.answered(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// question is asked once. It fails with a broken where the connection is to blame.
type question struct {
	name string
	ask  func(ctx context.Context) error
}

// broken is a connection that broke before an answer.
type broken struct{ error }

func (b broken) Unwrap() error { return b.error }

func (p *prober) questions() []question {
	return []question{
		{"gRPC, kept", func(ctx context.Context) error { return p.overGRPC(ctx, kept) }},
		{"gRPC, fresh", func(ctx context.Context) error { return p.overGRPC(ctx, p.fresh()) }},
		{"REST, kept", func(ctx context.Context) error { return p.overREST(ctx, kept) }},
		{"REST, fresh", func(ctx context.Context) error { return p.overREST(ctx, p.fresh()) }},
	}
}

// fresh is a highest price that was not asked for before, and so a question that only the upstream can answer.
func (p *prober) fresh() string { return strconv.FormatInt(100000+p.asked.Add(1), 10) }

func (p *prober) overGRPC(ctx context.Context, priceMax string) error {
	if p.key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "x-api-key", p.key)
	}
	answer, err := zhaohuov1.NewSearchServiceClient(p.conn).KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{
		Keyword: "耳机", PageSize: new(int32(1)), PriceMax: priceMax,
	})
	if st := status.Convert(err); st.Code() == codes.Unavailable && rpcerr.Reason(st) == "" {
		return broken{err} // The service gives a reason.
	}
	if err == nil && len(answer.GetProducts()) != 1 {
		err = fmt.Errorf("%d products, want 1", len(answer.GetProducts()))
	}
	return err
}

func (p *prober) overREST(ctx context.Context, priceMax string) error {
	query := url.Values{"keyword": {"耳机"}, "pageSize": {"1"}, "priceMax": {priceMax}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.service.URL+"/v1/products:keywordSearch?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	if p.key != "" {
		request.Header.Set("x-api-key", p.key)
	}
	response, err := p.service.HTTP.Do(request)
	if err != nil {
		return broken{err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return broken{err}
	}
	if response.StatusCode != http.StatusOK || len(gjson.GetBytes(body, "products").Array()) != 1 {
		return fmt.Errorf("HTTP %d: %.300s", response.StatusCode, body)
	}
	return nil
}

// answered asks until there is an answer, as callers do whose connection broke.
func (p *prober) answered(ctx context.Context, q question) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var err error
	for range attemptsMax {
		err = q.ask(ctx)
		if _, repeated := errors.AsType[broken](err); !repeated {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", q.name, err)
	}
	return nil
}

// waits are how long callers waited for answers.
type waits []time.Duration

// p99 is what 99 of 100 waited at most; of fewer, what all did.
func (w waits) p99() time.Duration {
	if len(w) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(w))
	return sorted[min(len(sorted)*99/100, len(sorted)-1)]
}

// probe asks until ctx ends, each question every interval, and gives how long the answers took from when each question was due:
// one that is late because the one before it took long, has waited. A question without an answer fails the test.
func (p *prober) probe(ctx context.Context, t *testing.T, interval time.Duration) waits {
	t.Helper()
	var (
		mu    sync.Mutex
		all   waits
		asked sync.WaitGroup
	)
	began := time.Now()
	for _, q := range p.questions() {
		asked.Go(func() {
			for due := began; until(ctx, due); due = due.Add(interval) {
				// What was asked is waited for.
				if err := p.answered(context.WithoutCancel(ctx), q); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				all = append(all, time.Since(due))
				mu.Unlock()
			}
		})
	}
	asked.Wait()
	return all
}

// until waits for a moment; false if ctx ends before.
func until(ctx context.Context, due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
