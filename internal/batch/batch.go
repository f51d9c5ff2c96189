// Package batch runs many searches, or all pages of one search. It decides what to ask next, when to stop, and what to
// report.
//
// It asks a [Searcher] and passes each message to a send function, with backpressure: it fetches no faster than messages
// are sent. It limits no rate (the searcher's quota does), stores no answers (the searcher's cache does) and knows no
// connection. The resume token in every message of a batch holds all it needs to resume.
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
	// widthDefault is enough to use a rate of 32 calls a second with an upstream that takes a second to answer. It also
	// bounds memory: a batch holds at most this many answers, of one page each.
	widthDefault = 32
	everyDefault = time.Second
)

// Config configures a Runner.
type Config struct {
	Searcher Searcher
	// Window is how many products of one search can be reached by paging.
	Window int32
	// Width is how many questions of one batch run at once; 32 by default.
	Width int
	// Every is the interval of progress messages; a second by default.
	Every time.Duration
	// Since returns a context under which questions accept cached answers that were fetched after began, whatever their
	// age. A resumed batch uses it: answers since its beginning are its own, even if the token that counts them was lost.
	// Nil without a cache.
	Since func(ctx context.Context, began time.Time) context.Context
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
}

// Runner answers batches and streams. It is safe for concurrent use.
type Runner struct{ c Config }

// New makes a Runner.
func New(c Config) *Runner {
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
	return &Runner{c}
}

// outcome is the answer or the error of one question.
type outcome struct {
	keyword int
	page    int32
	answer  *zhaohuov1.KeywordSearchResponse
	err     error
	// ended means that the keyword has no further page.
	ended bool
	// panicked is the value a searcher panicked with.
	panicked any
}

// Keywords runs a batch. It calls send for each message, one at a time, and fetches little ahead of it. Errors of single
// questions are messages in acceptLanguage. It fails with send's error, with ctx's error, or with a ResumeTokenInvalid
// fault. All its goroutines have ended when it returns.
func (r *Runner) Keywords(ctx context.Context, q *zhaohuov1.BatchKeywordSearchRequest, acceptLanguage string,
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
			continue // Drain, so that the workers end. These outcomes are discarded.
		}
	}()
	report := &reporter{plan: p, language: acceptLanguage, send: send, began: time.Now()}
	return report.all(ctx, outcomes, r.c.Every)
}

// work asks the plan's open questions. The channel is unbuffered, so that a worker waits until its outcome is read. It
// is closed when all workers have ended.
func (r *Runner) work(ctx context.Context, p *plan) <-chan outcome {
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

// pages asks a keyword's pages in order, since only a page says whether there is a next one. It returns false when ctx
// has ended and outcomes are no longer taken.
func (r *Runner) pages(ctx context.Context, p *plan, keyword int, outcomes chan<- outcome) bool {
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

// endsAt reports whether the upstream has no page after this one: it says so, the page is empty, or it is not the
// requested page.
func endsAt(a *zhaohuov1.KeywordSearchResponse, page int32) bool {
	return a.GetNextPage() == 0 || len(a.GetProducts()) == 0 || a.GetPage() != page
}

// idsOf is a hash of the page's product ids. Two equal pages in a row mean that the upstream ignores the page number.
func idsOf(seed maphash.Seed, products []*zhaohuov1.Product) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, p := range products {
		_, _ = h.WriteString(p.GetId())
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}

// ask asks one question of a batch. A panic of the searcher becomes an outcome, and is raised again by the reporter.
func (r *Runner) ask(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (got outcome) {
	defer func() {
		if why := recover(); why != nil {
			got = outcome{panicked: why}
		}
	}()
	answer, err := r.search(ctx, q)
	return outcome{answer: answer, err: err}
}

// search asks one question, and retries while the upstream queue is full: a batch can wait.
func (r *Runner) search(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (answer *zhaohuov1.KeywordSearchResponse, err error) {
	err = WaitForCapacity(ctx, func() error {
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
	// settled counts the answered and failed questions of this call, failed the failed ones.
	settled, failed, calls int32
}

// all sends messages until there are no more outcomes.
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
				return ctx.Err() // The outcome of a cancelled call says nothing about the question.
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
	progress := &zhaohuov1.BatchKeywordProgress{Done: done, Failed: r.failed, Total: total, UpstreamCalls: r.calls}
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
