package pricewatch

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// idle is an engine that observes nothing: the tests store what it would. It counts how often it is asked for new events.
type idle struct {
	events chan struct{}
	asked  *atomic.Int64
}

func newIdle() idle { return idle{make(chan struct{}), new(atomic.Int64)} }

func (idle) Observed(context.Context) ([]string, error) { return nil, nil }

func (idle) OpenTicks(context.Context) (map[string]engine.OpenTick, error) { return nil, nil }

func (idle) RunNow(context.Context, string) (*zhaohuov1.PriceObservation, error) {
	return nil, errors.New("nothing runs here")
}

func (i idle) NewEvents() <-chan struct{} {
	i.asked.Add(1)
	return i.events
}
func (idle) Wake() {}

// day is midnight in China.
var day = time.Date(2026, 11, 27, 0, 0, 0, 0, chinaday.Zone())

func newService(t *testing.T) *Service {
	t.Helper()
	kept, err := store.Open(t.Context(), store.Options{URL: filepath.Join(t.TempDir(), "w.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	s := New(Options{
		Store: kept, Engine: newIdle(), IntervalMin: time.Second, Limit: 100,
		Now: func() time.Time { return day.Add(48 * time.Hour) },
	})
	s.rowsAtOnce = 2 // Histories are read in several parts.
	return s
}

func words(name string) *zhaohuov1.PriceWatch {
	return &zhaohuov1.PriceWatch{DisplayName: name, Target: &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: name}}}
}

func create(t *testing.T, s *Service, w *zhaohuov1.PriceWatch, image []byte) *zhaohuov1.PriceWatch {
	t.Helper()
	made, err := s.Create(t.Context(), "me", w, image)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// observe stores an observation with one price in fen; a negative one failed. events is how many events it shows.
func observe(t *testing.T, s *Service, id string, due time.Time, fen int64, events int) {
	t.Helper()
	o := &zhaohuov1.PriceObservation{DueTime: timestamppb.New(due), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE}
	if fen < 0 {
		o.Error = rpcerr.Status(fault.New(fault.UpstreamTimeout, "late"), "").Proto()
	} else {
		price := (money.Amount(fen) * money.Fen).Proto(currency)
		o.ProductCount, o.FetchTime = 1, timestamppb.New(due)
		o.Statistics = &zhaohuov1.PriceStatistics{Min: price, Q1: price, Median: price, Q3: price, Max: price}
		o.Products = []*zhaohuov1.ObservedPrice{{ProductId: "1", Title: "杯", Price: price}}
	}
	var reports []*zhaohuov1.PriceEvent
	for range events {
		reports = append(reports, &zhaohuov1.PriceEvent{Kind: zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL})
	}
	w, err := s.Store.FindWatch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Store.InTx(t.Context(), func(tx *sql.Tx) error {
		_, err := s.Store.FinishTick(t.Context(), tx, store.Tick{Watch: w, Observation: o, Events: reports})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPagesOfWatches: each watch once, the newest first, and no token but of the same list.
func TestPagesOfWatches(t *testing.T) {
	s := newService(t)
	var made []string
	for i := range 5 {
		made = append(made, create(t, s, words(strconv.Itoa(i)), nil).GetId())
	}
	seen := map[string]int{}
	q := &zhaohuov1.ListPriceWatchesRequest{PageSize: 2}
	for pages := 1; ; pages++ {
		page, err := s.List(t.Context(), "me", q)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range page.GetPriceWatches() {
			seen[w.GetId()]++
		}
		if q.PageToken = page.GetNextPageToken(); q.PageToken == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		if _, err := s.List(t.Context(), "other", q); fault.KindOf(err) != fault.InvalidField {
			t.Errorf("another's token: %v", err)
		}
	}
	for _, id := range made {
		if seen[id] != 1 {
			t.Errorf("%s came %d times", id, seen[id])
		}
	}
	for _, token := range []string{"x", "AAAA", "!"} {
		if _, err := s.List(t.Context(), "me", &zhaohuov1.ListPriceWatchesRequest{PageToken: token}); fault.KindOf(err) != fault.InvalidField {
			t.Errorf("%q: %v", token, err)
		}
	}
}

// TestUpdateChangesWhatTheMaskNames, under an etag, and keeps an image as long as the target is a comparison.
func TestUpdateChangesWhatTheMaskNames(t *testing.T) {
	s := newService(t)
	w := create(t, s, words("a"), []byte("picture"))
	if w.GetInterval().AsDuration() != time.Hour || w.GetImageSizeBytes() != 7 || w.GetComparison().GetImage() != nil {
		t.Fatalf("created: %v", w)
	}
	update := func(c Change) (*zhaohuov1.PriceWatch, error) {
		c.ID = w.GetId()
		c.Check = func(_ *zhaohuov1.PriceWatch, hasImage bool) error {
			if !hasImage && len(c.Fields) > 0 && c.Fields[0] == "comparison" {
				return fault.Invalid("x", "IMAGE", "is gone")
			}
			return nil
		}
		return s.Update(t.Context(), "me", c)
	}
	next, err := update(Change{
		Etag: w.GetEtag(), Fields: []string{"display_name", "interval"},
		Values: &zhaohuov1.PriceWatch{DisplayName: "b", Interval: durationpb.New(time.Minute), UpstreamCallsPerDay: 9},
	})
	if err != nil || next.GetDisplayName() != "b" || next.GetInterval().AsDuration() != time.Minute || next.GetUpstreamCallsPerDay() != 0 || next.GetEtag() == w.GetEtag() {
		t.Errorf("%v, %v", next, err)
	}
	if _, err := update(Change{Etag: w.GetEtag(), Fields: []string{"display_name"}, Values: words("c")}); fault.KindOf(err) != fault.PriceWatchChanged {
		t.Errorf("an old etag: %v", err)
	}
	if kept, err := update(Change{Fields: []string{"comparison"}, Values: words("d")}); err != nil || kept.GetImageSizeBytes() != 7 || kept.GetComparison().GetKeyword() != "d" {
		t.Errorf("the image is kept: %v, %v", kept, err)
	}
	products := &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"1"}}}}
	if gone, err := update(Change{Fields: []string{"products"}, Values: products}); err != nil || gone.GetImageSizeBytes() != 0 || gone.GetProducts() == nil {
		t.Errorf("another target: %v, %v", gone, err)
	}
	paused, err := s.Pause(t.Context(), "me", w.GetId())
	if err != nil || paused.GetState() != zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_PAUSED || paused.GetNextDueTime() != nil {
		t.Errorf("paused: %v, %v", paused, err)
	}
	repeated, err := s.Pause(t.Context(), "me", w.GetId())
	if err != nil || repeated.GetEtag() != paused.GetEtag() {
		t.Errorf("paused twice: %v, %v", repeated, err)
	}
}

// TestHoursAndDaysAreThoseOfChina: of each the last observation that succeeded, page by page, and a trend with gaps.
func TestHoursAndDaysAreThoseOfChina(t *testing.T) {
	s := newService(t)
	id := create(t, s, words("a"), nil).GetId()
	for _, each := range []struct {
		after time.Duration
		fen   int64
	}{
		{10 * time.Minute, 100}, {20 * time.Minute, 300}, {30 * time.Minute, -1}, // An hour whose last one failed.
		{90 * time.Minute, -1},                                      // An hour of failures.
		{23*time.Hour + 59*time.Minute, 500}, {24 * time.Hour, 700}, // Two days of China, one of Greenwich.
	} {
		observe(t, s, id, day.Add(each.after), each.fen, 0)
	}
	for resolution, want := range map[zhaohuov1.PriceResolution][]time.Duration{
		zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR: {20 * time.Minute, 90 * time.Minute, 23*time.Hour + 59*time.Minute, 24 * time.Hour},
		zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY:  {23*time.Hour + 59*time.Minute, 24 * time.Hour},
	} {
		var got []time.Duration
		q := &zhaohuov1.ListPriceObservationsRequest{Id: id, Resolution: resolution, PageSize: 1}
		for {
			page, err := s.Observations(t.Context(), "me", q)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range page.GetObservations() {
				got = append(got, o.GetDueTime().AsTime().Sub(day))
			}
			if q.PageToken = page.GetNextPageToken(); q.PageToken == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", resolution, diff)
		}
	}
	trend, err := s.Trend(t.Context(), "me", &zhaohuov1.QueryPriceTrendRequest{
		Id: id, Resolution: zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR, ProductIds: []string{"1", "2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	first, failed := trend.GetPoints()[0], trend.GetPoints()[1]
	if len(trend.GetPoints()) != 4 || first.GetMin().GetUnits() != 1 || first.GetMedian().GetUnits() != 2 || first.GetMax().GetUnits() != 3 ||
		first.GetObservationCount() != 2 || first.GetFailedCount() != 1 || !first.GetTime().AsTime().Equal(day) {
		t.Errorf("the first hour: %v", first)
	}
	if failed.GetMedian() != nil || failed.GetFailedCount() != 1 || trend.GetSource() != zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE {
		t.Errorf("the failed hour: %v, %v", failed, trend.GetSource())
	}
	if one, two := trend.GetProducts()[0], trend.GetProducts()[1]; len(one.GetPoints()) != 3 || one.GetTitle() != "杯" || len(two.GetPoints()) != 0 ||
		one.GetPoints()[0].GetPrice().GetUnits() != 3 {
		t.Errorf("products: %v, %v", one, two)
	}
}

// TestTrendIsAsFineAsItMayBe: without a resolution, a trend has each observation, each hour or each day, so that there are few
// enough points.
func TestTrendIsAsFineAsItMayBe(t *testing.T) {
	s := newService(t)
	s.trendPoints = 3
	id := create(t, s, words("a"), nil).GetId()
	for i, each := range []struct {
		at         time.Duration
		resolution zhaohuov1.PriceResolution
		points     int
	}{
		{0, zhaohuov1.PriceResolution_PRICE_RESOLUTION_UNSPECIFIED, 1},
		{time.Minute, zhaohuov1.PriceResolution_PRICE_RESOLUTION_UNSPECIFIED, 2},
		{time.Hour, zhaohuov1.PriceResolution_PRICE_RESOLUTION_UNSPECIFIED, 3},
		{61 * time.Minute, zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR, 2},
		{2 * time.Hour, zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR, 3},
		{3 * time.Hour, zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY, 1},
		{24 * time.Hour, zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY, 2},
	} {
		observe(t, s, id, day.Add(each.at), 100, 0)
		trend, err := s.Trend(t.Context(), "me", &zhaohuov1.QueryPriceTrendRequest{Id: id})
		if err != nil || trend.GetResolution() != each.resolution || len(trend.GetPoints()) != each.points {
			t.Errorf("%d: %v, %v", i, trend, err)
		}
		count := 0
		for _, point := range trend.GetPoints() {
			count += int(point.GetObservationCount())
		}
		if count != i+1 || trend.GetSource() != zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE {
			t.Errorf("%d: the points are of %d observations, from %v", i, count, trend.GetSource())
		}
	}
}

// TestStreamResumes: a reader that goes on after the last event it has misses none and gets none twice, and a heartbeat says
// where it is.
func TestStreamResumes(t *testing.T) {
	s := newService(t)
	s.poll, s.heartbeat = time.Millisecond, time.Hour
	id := create(t, s, words("a"), nil).GetId()
	observe(t, s, id, day, 100, 3)
	enough := errors.New("enough")
	read := func(after string, n int) (ids []string) {
		err := s.Stream(t.Context(), "me", &zhaohuov1.StreamPriceEventsRequest{AfterEventId: after}, func(m *zhaohuov1.StreamPriceEventsResponse) error {
			if m.GetEvent() == nil {
				ids = append(ids, "after "+m.GetHeartbeatAfterEventId())
			} else {
				ids = append(ids, m.GetEvent().GetId())
			}
			if len(ids) > n {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) {
			t.Fatal(err)
		}
		return ids
	}
	for after, want := range map[string][]string{
		"0": {"after 0", "1", "2"}, "1": {"after 1", "2", "3"},
	} {
		if diff := cmp.Diff(want, read(after, 2)); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", after, diff)
		}
	}
	// Empty begins with what happens next; an id that was never given is of a store that is gone.
	if got := append(read("", 0), read("99", 0)...); got[0] != "after 3" || got[1] != "after 3" {
		t.Errorf("from now on: %v", got)
	}
	page, err := s.Events(t.Context(), "me", &zhaohuov1.ListPriceEventsRequest{WatchId: id, PageSize: 2})
	if err != nil || len(page.GetEvents()) != 2 || !page.GetMore() || page.GetNextAfterEventId() != "2" {
		t.Errorf("%v, %v", page, err)
	}
	stopping := make(chan struct{})
	close(stopping)
	s.Draining = stopping
	err = s.Stream(t.Context(), "me", &zhaohuov1.StreamPriceEventsRequest{}, func(*zhaohuov1.StreamPriceEventsResponse) error { return nil })
	if fault.KindOf(err) != fault.ServerDraining {
		t.Errorf("while the server stops: %v", err)
	}
}
