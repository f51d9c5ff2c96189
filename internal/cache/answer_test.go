package cache_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func TestAnAnswerIsKeptForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		ctx := t.Context()
		want(t, "first", search(ctx, c, words("杯")), got{"1", live, 1, ""})
		first, _ := c.KeywordSearch(ctx, words("杯"))
		time.Sleep(7 * time.Minute)
		want(t, "after 7 minutes", search(ctx, c, words(" 杯 ")), got{"1", cached, 0, ""})
		want(t, "another", search(ctx, c, words("碗")), got{"2", live, 1, ""})
		second, _ := c.KeywordSearch(ctx, words("杯"))
		if diff := cmp.Diff(first, second, protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
		time.Sleep(4 * time.Minute)
		want(t, "after 11 minutes", search(ctx, c, words("杯")), got{"3", live, 1, ""})
	})
}

func TestAnswersAreEachCallersOwn(t *testing.T) {
	c := wrap(t, newPlatform(), cache.Config{})
	first, _ := c.KeywordSearch(t.Context(), words("杯"))
	first.Products[0].Title = "changed"
	second, _ := c.KeywordSearch(t.Context(), words("杯"))
	if second.Products[0].Title != "杯" {
		t.Error("a caller changed what others get")
	}
}

func TestARipeAnswerIsRenewedOnceInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		search(t.Context(), c, words("杯"))
		time.Sleep(9 * time.Minute)
		classes := make(chan upstream.Class, 10)
		p.says(func(ctx context.Context, _ int) error {
			classes <- upstream.DemandOf(ctx).Class
			time.Sleep(time.Second)
			return nil
		})
		for range 5 {
			want(t, "ripe", search(t.Context(), c, words("杯")), got{"1", cached, 0, ""})
		}
		time.Sleep(2 * time.Second)
		if n := p.asked(); n != 2 {
			t.Errorf("asked %d times, want 2", n)
		}
		if class := <-classes; class != upstream.Batch {
			t.Errorf("renewed as %s", class)
		}
		want(t, "renewed", search(t.Context(), c, words("杯")), got{"2", cached, 0, ""})
	})
}

func TestAnAnswerPastItsTimeIsGivenOnlyWhenTheUpstreamCannotAnswer(t *testing.T) {
	for _, kind := range fault.Kinds() {
		wanted, number := got{Fault: kind.String()}, "4"
		switch kind {
		case fault.ProductNotFound:
			number = "3" // It is remembered, also for one with a wish.
		case fault.UpstreamUnavailable, fault.UpstreamTimeout, fault.UpstreamThrottled, fault.UpstreamQuotaExhausted,
			fault.UpstreamAnswerUnreadable, fault.QuotaWaitTooLong, fault.QuotaQueueFull, fault.QuotaDayUsedUp, fault.QuotaStoreUnavailable, fault.CallerCallsUsedUp, fault.UpstreamCallsPaused:
			wanted = got{"1", late, 2, ""}
		}
		t.Run(kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlatform()
				c := wrap(t, p, cache.Config{})
				search(t.Context(), c, words("杯"))
				time.Sleep(time.Hour)
				p.fails(kind)
				want(t, "failing", search(t.Context(), c, words("杯")), wanted)
				strict := words("杯")
				strict.MaxStaleness = durationpb.New(time.Minute)
				want(t, "with a wish", search(t.Context(), c, strict), got{Fault: kind.String()})
				time.Sleep(2 * time.Minute) // A not-found is remembered for one.
				p.works()
				want(t, "working", search(t.Context(), c, words("杯")), got{number, live, 1, ""})
			})
		})
	}
}

func TestAfterAFailureTheUpstreamHasAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		search(t.Context(), c, words("杯"))
		time.Sleep(time.Hour)
		p.fails(fault.UpstreamUnavailable)
		want(t, "the first pays", search(t.Context(), c, words("杯")), got{"1", late, 2, ""})
		for range 10 {
			want(t, "in the pause", search(t.Context(), c, words("杯")), got{"1", late, 0, ""})
		}
		time.Sleep(time.Second)
		want(t, "after it", search(t.Context(), c, words("杯")), got{"1", late, 2, ""})
		if n := p.asked(); n != 3 {
			t.Errorf("asked %d times, want 3", n)
		}
	})
}

func TestASilentUpstreamLeavesTimeForAnAnswerPastItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		search(t.Context(), c, words("杯"))
		time.Sleep(time.Hour)
		p.says(func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return fault.New(fault.CallerGone, "")
		})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		from := time.Now()
		want(t, "silence", search(ctx, c, words("杯")), got{"1", late, 1, ""})
		if took := time.Since(from); took != 4750*time.Millisecond {
			t.Errorf("took %v", took)
		}
		want(t, "without one", search(ctx, c, words("碗")), got{Fault: "DEADLINE_EXCEEDED"})
	})
}

func TestAnAnswerIsGoneAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		search(t.Context(), c, words("杯"))
		time.Sleep(24*time.Hour + time.Second)
		p.fails(fault.UpstreamUnavailable)
		want(t, "too old", search(t.Context(), c, words("杯")), got{Fault: "UPSTREAM_UNAVAILABLE"})
	})
}

func TestHowOldAnAnswerMayBeIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		ctx := t.Context()
		ask := func(ctx context.Context, field *durationpb.Duration) got {
			return search(ctx, c, &zhaohuov1.KeywordSearchRequest{Keyword: "杯", MaxStaleness: field})
		}
		want(t, "first", ask(ctx, durationpb.New(time.Hour)), got{"1", live, 1, ""})
		time.Sleep(time.Minute)
		want(t, "a minute is enough", ask(ctx, durationpb.New(time.Minute)), got{"1", cached, 0, ""})
		want(t, "a minute is too much", ask(ctx, durationpb.New(59*time.Second)), got{"2", live, 1, ""})
		want(t, "nothing kept will do", ask(ctx, durationpb.New(0)), got{"3", live, 1, ""})
		time.Sleep(2 * time.Hour)
		want(t, "older than fresh", ask(ctx, durationpb.New(3*time.Hour)), got{"3", cached, 0, ""})
		want(t, "as the server is set", ask(ctx, nil), got{"4", live, 1, ""})
	})
}

// A batch that goes on has answers of its own: those count whatever their age, and nothing else changes.
func TestOnesOwnAnswersCountHoweverOldTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		began := time.Now()
		mine := upstream.WithAnswersSince(t.Context(), began)
		later := upstream.WithAnswersSince(t.Context(), began.Add(time.Nanosecond))
		ask := func(ctx context.Context, oldest time.Duration) got {
			q := words("杯")
			if oldest >= 0 {
				q.MaxStaleness = durationpb.New(oldest)
			}
			return search(ctx, c, q)
		}
		ask(t.Context(), -1)
		time.Sleep(9 * time.Minute)
		want(t, "before its time is up, anybody's", ask(later, -1), got{"1", cached, 0, ""})
		synctest.Wait() // It was ripe, and is renewed.
		want(t, "of a time before", ask(later, 0), got{"2", cached, 0, ""})
		time.Sleep(3 * time.Hour)
		for _, oldest := range []time.Duration{-1, 0, time.Minute, 10 * time.Hour} {
			want(t, "one's own, with "+oldest.String(), ask(mine, oldest), got{"2", cached, 0, ""})
		}
		another := upstream.WithAnswersSince(t.Context(), time.Now())
		want(t, "older, as old as it may be", ask(another, 3*time.Hour), got{"2", cached, 0, ""})
		p.fails(fault.UpstreamUnavailable)
		want(t, "older, when the upstream fails", ask(another, -1), got{"2", late, 2, ""})
		want(t, "older, and not wanted", ask(another, time.Hour), got{Fault: "UPSTREAM_UNAVAILABLE"})
		p.works()
		want(t, "older, and the upstream can be asked", ask(another, 0), got{"5", live, 1, ""})
		time.Sleep(25 * time.Hour)
		want(t, "one's own, but gone", ask(mine, -1), got{"6", live, 1, ""})
	})
}

// An answer that a clock far ahead of ours dated is nobody's own.
func TestAnAnswerFromTheFutureIsNobodysOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.now = func() time.Time { return time.Now().Add(time.Hour) }
		c := wrap(t, p, cache.Config{})
		mine := upstream.WithAnswersSince(t.Context(), time.Now())
		search(t.Context(), c, words("杯"))
		want(t, "from the future", search(mine, c, words("杯")), got{"2", live, 1, ""})
	})
}

func TestANotFoundIsRememberedShortlyAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		ask := func() error {
			_, err := c.GetProduct(t.Context(), &zhaohuov1.GetProductRequest{Id: "7"})
			return err
		}
		p.fails(fault.ProductNotFound)
		first := ask()
		second := ask()
		if n := p.asked(); n != 1 {
			t.Errorf("asked %d times, want 1", n)
		}
		f, ok := fault.As(first)
		g, alike := fault.As(second)
		if !ok || !alike || g.Kind != fault.ProductNotFound || g.Detail != f.Detail || g.Subject != f.Subject {
			t.Fatalf("remembered as %v, was %v", second, first)
		}
		if fault.CallsOf(f) != 2 || fault.CallsOf(g) != 0 {
			t.Errorf("cost %v, then %v", f.Meta, g.Meta)
		}
		time.Sleep(61 * time.Second)
		p.fails(fault.UpstreamArgumentRefused)
		for range 2 {
			if kind := fault.KindOf(ask()); kind != fault.UpstreamArgumentRefused {
				t.Errorf("got %s", kind)
			}
		}
		if n := p.asked(); n != 3 {
			t.Errorf("asked %d times, want 3", n)
		}
	})
}

func TestADelistedProductIsNotShownFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, store := newPlatform(), newTiers()
		c := wrap(t, p, cache.Config{Store: store})
		ask := func() error {
			_, err := c.GetProduct(t.Context(), &zhaohuov1.GetProductRequest{Id: "7"})
			return err
		}
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		p.fails(fault.ProductNotFound)
		if kind := fault.KindOf(ask()); kind != fault.ProductNotFound {
			t.Fatalf("got %s", kind)
		}
		time.Sleep(time.Hour)
		p.fails(fault.UpstreamUnavailable)
		if kind := fault.KindOf(ask()); kind != fault.UpstreamUnavailable {
			t.Errorf("got %s", kind)
		}
	})
}

func TestMadeUpGoodsStayMadeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		p.source = zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
		c := wrap(t, p, cache.Config{}) // Not told that this is a sandbox.
		ask := func(name string, from zhaohuov1.ServedFrom) {
			t.Helper()
			a, err := c.KeywordSearch(t.Context(), words("杯"))
			if m := a.GetMeta(); err != nil || m.GetSource() != zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX || m.GetServedFrom() != from {
				t.Errorf("%s: %v, %v", name, m, err)
			}
		}
		ask("first", live)
		ask("kept", cached)
		time.Sleep(time.Hour)
		p.fails(fault.UpstreamUnavailable)
		ask("late", late)
	})
}

type photo []byte

func (p photo) Size() int64     { return int64(len(p)) }
func (p photo) Open() io.Reader { return bytes.NewReader(p) }

func TestPhotosAreKnownByTheirContentAndOthersByTheirAddress(t *testing.T) {
	p := newPlatform()
	c := wrap(t, p, cache.Config{})
	ask := func(q *zhaohuov1.ImageSearchRequest, picture upstream.Picture) string {
		a, err := c.ImageSearch(t.Context(), q, picture)
		if err != nil {
			t.Fatal(err)
		}
		return a.GetProducts()[0].GetId()
	}
	for _, step := range []struct {
		name    string
		q       *zhaohuov1.ImageSearchRequest
		picture upstream.Picture
		want    string
	}{
		{"a photo", &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: []byte("a")}}}, upstream.Picture{Photo: photo("a"), Key: "a"}, "1"},
		{"the same from an address", &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://x"}}}, upstream.Picture{Photo: photo("a"), Key: "a", URL: "http://x"}, "1"},
		{"another photo", &zhaohuov1.ImageSearchRequest{}, upstream.Picture{Photo: photo("b"), Key: "b"}, "2"},
		{"an address", &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "http://x"}}}, upstream.Picture{URL: "http://x"}, "3"},
		{"the address again", &zhaohuov1.ImageSearchRequest{}, upstream.Picture{URL: "http://x"}, "3"},
		{"another page", &zhaohuov1.ImageSearchRequest{Page: proto.Int32(2)}, upstream.Picture{URL: "http://x"}, "4"},
		{"a photo without a name", &zhaohuov1.ImageSearchRequest{}, upstream.Picture{Photo: photo("a")}, "5"},
		{"is equal to none", &zhaohuov1.ImageSearchRequest{}, upstream.Picture{Photo: photo("a")}, "6"},
	} {
		if got := ask(step.q, step.picture); got != step.want {
			t.Errorf("%s: answer %s, want %s", step.name, got, step.want)
		}
	}
}

func TestTheUpstreamIsAskedInTheOneForm(t *testing.T) {
	seen := make(chan *zhaohuov1.KeywordSearchRequest, 1)
	c := wrap(t, &listener{seen: seen}, cache.Config{})
	_, err := c.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{
		Keyword: " 红  杯 ", PriceMin: "10.00", Filters: []zhaohuov1.ProductFilter{3, 1}, LanguageCode: "zh", MaxStaleness: durationpb.New(0),
	})
	if err != nil {
		t.Fatal(err)
	}
	wanted := &zhaohuov1.KeywordSearchRequest{Keyword: "红 杯", PriceMin: "10", Filters: []zhaohuov1.ProductFilter{1, 3}}
	if diff := cmp.Diff(wanted, <-seen, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

type listener struct {
	cache.Upstream

	seen chan *zhaohuov1.KeywordSearchRequest
}

func (l *listener) KeywordSearch(_ context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	l.seen <- proto.CloneOf(q)
	return &zhaohuov1.KeywordSearchResponse{}, nil
}

func TestAClosedCacheAsks(t *testing.T) {
	p := newPlatform()
	c, err := cache.Wrap(p, cache.Config{Store: newTiers()})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(t, "closed", search(t.Context(), c, words("杯")), got{"1", live, 1, ""})
}

func TestAPanicBelowEndsTheQuestionOnly(t *testing.T) {
	p := newPlatform()
	c := wrap(t, p, cache.Config{})
	p.says(func(context.Context, int) error { panic(errors.New("secret")) })
	_, err := c.KeywordSearch(t.Context(), words("杯"))
	if got := err.Error(); got != "INTERNAL" {
		t.Errorf("got %q", got)
	}
	p.works()
	want(t, "afterwards", search(t.Context(), c, words("杯")), got{"2", live, 1, ""})
}

func TestBoundsThatMakeNoSenseAreRefused(t *testing.T) {
	for name, config := range map[string]cache.Config{
		"memory": {MemoryBytes: -1}, "waiting": {WaitingBytes: -1}, "refreshing": {RefreshMax: -1},
	} {
		if _, err := cache.Wrap(newPlatform(), config); err == nil || err.Error() != "the bounds of a cache cannot be negative" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
