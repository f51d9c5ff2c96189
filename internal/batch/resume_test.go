package batch_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// world is what survives a process: the upstream, the store, the clock, and the tokens a client has received.
type world struct {
	mu    sync.Mutex
	now   time.Time
	depth map[string]int32
	kept  map[cache.Key][]byte
	asked map[string]int
	// stored are the questions whose answers a killed process had stored.
	stored   map[string]bool
	repeated []string // the stored ones that were asked again
	tokens   []string
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// process is a service: its cache asks and stores through it. After it is killed, its calls have no effect.
type process struct {
	cache.Upstream
	*world

	killed bool
	// calls is how many more calls it makes before kill kills it; negative for no limit.
	calls int
	kill  func()
}

var errKilled = errors.New("killed")

func which(keyword string, page int32) string { return fmt.Sprint(keyword, " ", page) }

func (p *process) KeywordSearch(ctx context.Context, q *question) (*answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed || ctx.Err() != nil {
		return nil, fault.New(fault.CallerGone, "")
	}
	w := which(q.GetKeyword(), q.GetPage())
	p.asked[w]++
	if p.stored[w] {
		p.repeated = append(p.repeated, w)
	}
	if p.calls--; p.calls == 0 {
		p.killed = true
		p.kill()
		return nil, fault.New(fault.CallerGone, "")
	}
	a := pageOf(q, p.depth[q.GetKeyword()])
	a.Meta.FetchTime = timestamppb.New(p.now)
	return a, nil
}

func (p *process) Get(_ context.Context, key cache.Key) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[key], nil
}

func (p *process) Put(_ context.Context, items []cache.Item) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return errKilled
	}
	for _, item := range items {
		p.kept[item.Key] = item.Value
	}
	return nil
}

func (*process) Ping(context.Context) error { return nil }
func (*process) Close() error               { return nil }

// TestStoredAnswersAreReusedOnResume runs a batch in process after process, each killed at a random moment. The client
// resumes with any token it ever received, after any time. No question is asked whose answer a killed process had stored,
// and all questions are answered in the end.
func TestStoredAnswersAreReusedOnResume(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{
			now: time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC), kept: map[cache.Key][]byte{}, asked: map[string]int{}, stored: map[string]bool{},
			depth: rapid.MapOfN(rapid.StringMatching(`[a-h]{1,2}`), rapid.Int32Range(0, 4), 1, 8).Draw(t, "depths"),
		}
		q := &request{Keywords: slices.Sorted(maps.Keys(w.depth)), Pages: proto.Int32(rapid.Int32Range(1, 3).Draw(t, "pages"))}
		if d := rapid.SampledFrom([]time.Duration{-1, 0, time.Minute, time.Hour}).Draw(t, "max staleness"); d >= 0 {
			q.MaxStaleness = durationpb.New(d)
		}
		for run := range 7 {
			if ended := runOnce(t, w, q, run == 6); ended {
				break
			}
			noteStored(t, w, q)
			w.now = w.now.Add(time.Duration(rapid.Int64Range(0, int64(3*time.Hour)).Draw(t, "pause")))
		}
		if len(w.repeated) > 0 {
			t.Fatalf("asked again: %q", w.repeated)
		}
		for keyword, depth := range w.depth {
			for page := int32(1); page <= min(q.GetPages(), max(depth, 1)); page++ {
				if w.asked[which(keyword, page)] == 0 {
					t.Fatalf("%s was never asked", which(keyword, page))
				}
			}
		}
	})
}

// runOnce runs the batch in a new process, which is killed at some point unless it is the last one or ends before.
func runOnce(t *rapid.T, w *world, q *request, last bool) (ended bool) {
	ctx, kill := context.WithCancelCause(context.Background())
	defer kill(nil)
	p := &process{world: w, kill: func() { kill(errKilled) }, calls: rapid.IntRange(1, 14).Draw(t, "calls")}
	messages := rapid.IntRange(2, 15).Draw(t, "messages") // Without any token it would be another batch.
	if last {
		p.calls, messages = -1, -1
	}
	orderly := rapid.Bool().Draw(t, "with all stored")
	c, err := cache.Wrap(p, cache.Config{Store: p, StoreTimeout: time.Minute, Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	q = proto.CloneOf(q)
	if len(w.tokens) > 0 {
		q.ResumeToken = rapid.SampledFrom(w.tokens).Draw(t, "token")
	}
	room := batch.New(batch.Config{Searcher: c, Width: rapid.IntRange(1, 4).Draw(t, "width"), Since: upstream.WithAnswersSince, Now: w.clock})
	err = room.Keywords(ctx, q, "", func(m *message) error {
		if messages--; messages == 0 {
			return errKilled
		}
		w.tokens = append(w.tokens, m.GetResumeToken())
		return nil
	})
	if err != nil && !errors.Is(err, errKilled) && !errors.Is(context.Cause(ctx), errKilled) {
		t.Fatal(err)
	}
	if orderly {
		_ = c.Flush(context.Background()) // It fails only with its context.
	}
	w.mu.Lock()
	p.killed = true
	w.mu.Unlock()
	if err := c.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	return err == nil
}

// noteStored notes the questions whose answers are in the store.
func noteStored(t *rapid.T, w *world, q *request) {
	asker := &process{world: w, killed: true} // A question that reaches it is not stored.
	c, err := cache.Wrap(asker, cache.Config{Store: asker, StoreTimeout: time.Minute, Now: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	for keyword := range w.depth {
		for page := int32(1); page <= q.GetPages(); page++ {
			_, err := c.KeywordSearch(context.Background(), &question{
				Keyword: keyword, Page: &page, PageSize: proto.Int32(20), MaxStaleness: durationpb.New(48 * time.Hour),
			})
			if err == nil {
				w.stored[which(keyword, page)] = true
			}
		}
	}
	if err := c.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestABatchKeepsItsBeginning: however often it is resumed, a batch reuses answers since its first call. An implausible
// beginning is ignored.
func TestABatchKeepsItsBeginning(t *testing.T) {
	first := time.Date(2026, 5, 1, 8, 0, 0, 123e6, time.UTC)
	now := first
	var since []time.Time
	r := batch.New(batch.Config{
		Searcher: deep(3), Now: func() time.Time { return now },
		Since: func(ctx context.Context, began time.Time) context.Context {
			since = append(since, began)
			return ctx
		},
	})
	token := ""
	next := func(at time.Time) {
		now = at
		all, err := collect(t.Context(), r, &request{Keywords: []string{"a"}, ResumeToken: token})
		if err != nil {
			t.Fatal(err)
		}
		token = all[len(all)-1].GetResumeToken()
	}
	next(first)
	begun := token
	next(first.Add(20 * time.Minute))
	next(first.Add(30 * 24 * time.Hour))
	tooEarly := first.Add(-time.Hour)
	next(tooEarly) // The clock was set back: the batch begins anew at this time.
	next(first)
	token = begun
	tooLate := first.Add(2 * 365 * 24 * time.Hour)
	next(tooLate)
	want := []time.Time{first, first, tooEarly, tooEarly, tooLate}
	if len(since) != len(want) {
		t.Fatalf("%v, want %v", since, want)
	}
	for i := range want {
		if !since[i].Equal(want[i]) {
			t.Errorf("call %d: answers since %v, want %v", i+2, since[i], want[i])
		}
	}
}
