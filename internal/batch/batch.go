// Package batch works off many searches, or all pages of one: what to ask next, when to stop, and what to tell.
//
// It asks a [Searcher] and hands each message to whoever sends it, never faster than they go out. It paces nothing
// (the searcher's quota does), keeps no answers (its cache does) and knows no connection. All it needs to go on later
// stands in the resume token that every message of a batch carries.
package batch

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// Searcher answers one page of one search.
type Searcher interface {
	// KeywordSearch must return soon after ctx ends, and every failure as a fault.
	KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error)
}

// The defaults of [Config].
const (
	// widthDefault keeps any rate in use whose turns times the upstream's answering time stay below it: 32 calls a second
	// at a whole second each. It also bounds what a batch holds: so many answers, each of one page.
	widthDefault = 32
	everyDefault = time.Second
)

// Config is what batches and whole results need.
type Config struct {
	Searcher Searcher
	// Window is how many goods of one search can be paged to.
	Window int32
	// Width is how many questions of one batch are under way at once; 32 by default.
	Width int
	// Every is the time between two reports of progress; a second by default.
	Every time.Duration
	// Since has questions under the context it returns take answers that were fetched since a time, however old they
	// are by now. A batch that goes on asks so: what was answered since it began is its own, also where the answer was
	// stored and the token that says so was lost. Nil where no answers are kept.
	Since func(ctx context.Context, began time.Time) context.Context
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
}

// Room answers batches and whole results. It is safe for concurrent use.
type Room struct{ c Config }

// New makes a Room.
func New(c Config) *Room {
	if c.Width <= 0 {
		c.Width = widthDefault
	}
	if c.Every <= 0 {
		c.Every = everyDefault
	}
	if c.Since == nil {
		c.Since = func(ctx context.Context, _ time.Time) context.Context { return ctx }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Room{c}
}

// outcome is what came of one question.
type outcome struct {
	keyword int
	page    int32
	answer  *zhaohuov1.KeywordSearchResponse
	err     error
	// ended tells that the keyword has no further page.
	ended bool
	// panicked is what a searcher died of.
	panicked any
}

// Keywords works off a batch. Each message goes to send, one at a time, and nothing is fetched far ahead of it. Errors
// of single questions are told in acceptLanguage. It fails with send's error, with ctx's when that ends, or with a
// ResumeTokenInvalid fault; all of its work has ended when it returns.
func (r *Room) Keywords(ctx context.Context, q *zhaohuov1.BatchKeywordSearchRequest, acceptLanguage string,
	send func(*zhaohuov1.BatchKeywordSearchResponse) error,
) error {
	p, err := newPlan(q, r.c.Now())
	if err != nil {
		return err
	}
	working, stop := context.WithCancel(ctx)
	if p.resumed {
		working = r.c.Since(working, p.began)
	}
	outcomes := r.work(working, p)
	defer func() {
		stop()
		for range outcomes {
			continue // The workers' way out: what they still bring is of no use.
		}
	}()
	report := &reporter{plan: p, language: acceptLanguage, send: send, began: time.Now()}
	return report.all(ctx, outcomes, r.c.Every)
}

// work asks the plan's open questions. The channel has no room, so that a worker whose outcome is not taken asks
// nothing more; it is closed when all workers have ended.
func (r *Room) work(ctx context.Context, p *plan) <-chan outcome {
	outcomes := make(chan outcome)
	open := p.open()
	var (
		workers sync.WaitGroup
		lock    sync.Mutex
	)
	next := func() (int, bool) {
		lock.Lock()
		defer lock.Unlock()
		if len(open) == 0 {
			return 0, false
		}
		keyword := open[0]
		open = open[1:]
		return keyword, true
	}
	for range min(len(open), r.c.Width) {
		workers.Go(func() {
			for keyword, ok := next(); ok && ctx.Err() == nil; keyword, ok = next() {
				if !r.pages(ctx, p, keyword, outcomes) {
					return
				}
			}
		})
	}
	go func() {
		workers.Wait()
		close(outcomes)
	}()
	return outcomes
}

// pages asks a keyword's pages in their order, since only each page tells whether there is another; false when nobody
// takes outcomes any more.
func (r *Room) pages(ctx context.Context, p *plan, keyword int, outcomes chan<- outcome) bool {
	seed, before := maphash.MakeSeed(), uint64(0)
	first := p.answered[keyword] + 1
	for page := first; page <= p.pages; page++ {
		got := r.ask(ctx, p.question(keyword, page))
		got.keyword, got.page = keyword, page
		if got.err == nil && got.panicked == nil {
			here := idsOf(seed, got.answer.GetProducts())
			got.ended = endsAt(got.answer, page) || page > first && here == before
			before = here
		}
		select {
		case outcomes <- got:
		case <-ctx.Done():
			return false
		}
		if got.answer == nil || got.ended {
			return true
		}
	}
	return true
}

// endsAt tells whether the upstream has no page after this one: it says so, the page is empty, or it is not the one
// that was asked for.
func endsAt(a *zhaohuov1.KeywordSearchResponse, page int32) bool {
	return a.GetNextPage() == 0 || len(a.GetProducts()) == 0 || a.GetPage() != page
}

// idsOf tells pages apart. Equal pages in a row are an upstream that ignores the page number.
func idsOf(seed maphash.Seed, products []*zhaohuov1.Product) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, p := range products {
		_, _ = h.WriteString(p.GetId())
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}

// ask asks one question of a batch. What a searcher panics with is an outcome, for the goroutine that reports.
func (r *Room) ask(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (got outcome) {
	defer func() {
		if why := recover(); why != nil {
			got = outcome{panicked: why}
		}
	}()
	answer, err := r.search(ctx, q)
	return outcome{answer: answer, err: err}
}

// search asks one question, again while the queue for the upstream is full: a list can wait.
func (r *Room) search(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (answer *zhaohuov1.KeywordSearchResponse, err error) {
	err = Patiently(ctx, func() error {
		answer, err = r.c.Searcher.KeywordSearch(ctx, q)
		return err
	})
	return answer, err
}

// reporter turns outcomes into messages.
type reporter struct {
	plan     *plan
	language string
	send     func(*zhaohuov1.BatchKeywordSearchResponse) error
	began    time.Time
	// settled counts this call's questions, failed those of them that failed.
	settled, failed, calls int32
}

// all sends until there are no more outcomes.
func (r *reporter) all(ctx context.Context, outcomes <-chan outcome, every time.Duration) error {
	if err := r.progress(); err != nil {
		return err
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case got, more := <-outcomes:
			switch {
			case ctx.Err() != nil:
				return ctx.Err() // What came of a call that was cut off is no outcome.
			case !more:
				return r.progress()
			case got.panicked != nil:
				panic(got.panicked)
			}
			err = r.result(got)
		case <-tick.C:
			err = r.progress()
		}
		if err != nil {
			return err
		}
	}
}

func (r *reporter) result(got outcome) error {
	result := &zhaohuov1.BatchKeywordResult{Keyword: r.plan.keywords[got.keyword], Page: got.page}
	r.settled++
	if got.err != nil {
		r.failed++
		r.calls += int32(fault.CallsOf(got.err))
		r.plan.fail(got.keyword)
		result.Outcome = &zhaohuov1.BatchKeywordResult_Error{Error: rpcerr.Status(got.err, r.language).Proto()}
	} else {
		r.calls += got.answer.GetMeta().GetUpstreamCalls()
		r.plan.answer(got.keyword, got.ended)
		result.Outcome = &zhaohuov1.BatchKeywordResult_Response{Response: got.answer}
	}
	return r.send(&zhaohuov1.BatchKeywordSearchResponse{
		Event:       &zhaohuov1.BatchKeywordSearchResponse_Result{Result: result},
		ResumeToken: r.plan.token(),
	})
}

func (r *reporter) progress() error {
	done, total := r.plan.done+r.failed, r.plan.total
	progress := &zhaohuov1.BatchProgress{Done: done, Failed: r.failed, Total: total, UpstreamCalls: r.calls}
	switch {
	case done == total:
		progress.Remaining = durationpb.New(0)
	case r.settled > 0:
		each := time.Since(r.began) / time.Duration(r.settled)
		progress.Remaining = durationpb.New((each * time.Duration(total-done)).Round(time.Millisecond))
	}
	return r.send(&zhaohuov1.BatchKeywordSearchResponse{
		Event:       &zhaohuov1.BatchKeywordSearchResponse_Progress{Progress: progress},
		ResumeToken: r.plan.token(),
	})
}
