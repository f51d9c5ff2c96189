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
	// attemptsMax is how often a caller reconnects for one question. The service may close an idle connection at any time,
	// also while a question is on its way.
	attemptsMax = 4
	// answerTimeout is how long a question may take before it counts as not answered.
	answerTimeout = 30 * time.Second
	// kept is the question that is answered from the cache.
	kept = ""
)

// prober is a caller other than the attacker. It asks at a steady rate, over both ports, for stored answers and for answers
// that need the upstream.
type prober struct {
	service *process.Service
	conn    *grpc.ClientConn
	key     string
	asked   atomic.Int64
}

// newProber makes a caller with a key, which is empty where no keys are required. It returns when every question has been
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

// question asks once. It fails with broken when the connection is the cause.
type question struct {
	name string
	ask  func(ctx context.Context) error
}

// broken is the error of a connection that broke before an answer.
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

// fresh returns a highest price that was not used before. Such a question needs the upstream.
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

// answered asks until there is an answer. It reconnects when the connection broke.
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

// waits holds how long callers waited for answers.
type waits []time.Duration

// p99 is the longest wait of the fastest 99 of 100; with fewer than 100 waits it is the longest.
func (w waits) p99() time.Duration {
	if len(w) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(w))
	return sorted[min(len(sorted)*99/100, len(sorted)-1)]
}

// probe asks each question every interval until ctx ends, and returns how long the answers took. Time counts from when a
// question was due, so a question that is late because the one before took long has waited too. A question without an
// answer fails the test.
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
				// Wait for the question that was asked.
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

// until waits for a moment. It returns false if ctx ends before.
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
