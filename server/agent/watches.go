package agent

import (
	"context"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	// intervalMinutes is the time between two observations of a watch that an agent creates, unless it names another.
	intervalMinutes = 360
	// comparisonCalls is what one observation of a comparison may spend.
	comparisonCalls = 6
	minutesOfDay    = 24 * 60

	eventPrefix = "PRICE_EVENT_KIND_"
)

// reports are what a watch can be asked to report.
func reports() []string {
	return []string{
		"price_fell", "price_rose", "new_cheapest", "supplier_appeared", "supplier_left", "median_moved", "product_gone", "product_back",
	}
}

// withAmount are the reports that take a least change.
var withAmount = map[string]bool{"price_fell": true, "price_rose": true, "median_moved": true}

// watch is a price watch as agents see it.
type watch struct {
	ID       string   `json:"id"`
	Name     string   `json:"name,omitempty"`
	State    string   `json:"state,omitempty"`
	Products []string `json:"product_ids,omitempty"`
	Keyword  string   `json:"keyword,omitempty"`
	HasImage bool     `json:"by_image,omitempty"`
	Minutes  int64    `json:"interval_minutes,omitempty"`
	PerDay   int32    `json:"upstream_calls_per_day,omitempty"`
	Today    int32    `json:"upstream_calls_today"`
	Reports  []string `json:"reports,omitempty"`
	Last     *seen    `json:"last_observation,omitempty"`
	NextDue  string   `json:"next_due,omitempty"`
}

// seen is one observation, in short.
type seen struct {
	Time     string  `json:"time"`
	Products int32   `json:"products"`
	Lowest   *amount `json:"lowest,omitempty"`
	Median   *amount `json:"median,omitempty"`
	Failed   string  `json:"failed,omitempty"`
	Sandbox  bool    `json:"sandbox,omitempty"`
}

func watchOf(w *zhaohuov1.PriceWatch) *watch {
	is := &watch{
		ID: w.GetId(), Name: w.GetDisplayName(), State: short(w.GetState().String(), "PRICE_WATCH_STATE_"),
		Products: w.GetProducts().GetIds(), Keyword: w.GetComparison().GetKeyword(), HasImage: w.GetImageSizeBytes() > 0,
		Minutes: int64(w.GetInterval().AsDuration() / time.Minute), PerDay: w.GetUpstreamCallsPerDay(), Today: w.GetUpstreamCallsToday(),
	}
	for _, c := range w.GetConditions() {
		is.Reports = append(is.Reports, strings.ToLower(short(c.GetKind().String(), eventPrefix)))
	}
	if w.GetNextDueTime() != nil {
		is.NextDue = w.GetNextDueTime().AsTime().Format(timeForm)
	}
	if o := w.GetLastObservation(); o != nil {
		is.Last = &seen{
			Time: o.GetDueTime().AsTime().Format(timeForm), Products: o.GetProductCount(),
			Lowest: amountOf(o.GetStatistics().GetMin(), ""), Median: amountOf(o.GetStatistics().GetMedian(), ""),
			Failed: o.GetError().GetMessage(), Sandbox: o.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX,
		}
	}
	return is
}

func (w *watch) line(in language) string {
	parts := []string{w.ID, w.State}
	if w.Name != "" {
		parts = append(parts, w.Name)
	}
	switch {
	case len(w.Products) > 0:
		parts = append(parts, in.say(watchedGoods, len(w.Products)))
	case w.Keyword != "":
		parts = append(parts, w.Keyword)
	}
	if w.Last != nil && w.Last.Lowest != nil {
		parts = append(parts, in.say(lowestSeen, w.Last.Lowest.text(in)))
	}
	return strings.Join(parts, " | ")
}

// watchList is the answer of list_price_watches; watchOne that of tools about one watch.
type watchList struct {
	about

	Watches []*watch `json:"watches"`
	Next    string   `json:"next_page_token,omitempty"`
}

type watchOne struct {
	about

	Watch *watch `json:"watch"`
	// Charged is what the session's budget was charged for the watch.
	Charged int `json:"session_charged,omitempty"`
}

// sandboxOf marks an answer that has goods of the sandbox.
func (c *call) sandboxOf(w *watch) {
	c.sandbox = c.sandbox || w.Last != nil && w.Last.Sandbox
}

type listWatches struct {
	PageSize  int32  `json:"page_size,omitempty" jsonschema:"Watches a page, 1 to 50. 20 unless set."`
	PageToken string `json:"page_token,omitempty" jsonschema:"next_page_token of the page before."`
}

type createWatch struct {
	Name     string   `json:"name,omitempty" jsonschema:"A name for people, at most 100 characters."`
	Products []string `json:"product_ids,omitempty" jsonschema:"Observe these products, 1 to 50. Each costs one upstream call an observation."`
	Keyword  string   `json:"keyword,omitempty" jsonschema:"Or observe the goods that these words find, at most 6 upstream calls an observation."`
	pictured
	Quantity    int64    `json:"quantity,omitempty" jsonschema:"The quantity that prices are read at."`
	Minutes     int32    `json:"interval_minutes,omitempty" jsonschema:"Minutes from one observation to the next, 10 to 43200. 360 unless set."`
	PerDay      int32    `json:"upstream_calls_per_day,omitempty" jsonschema:"The most upstream calls a day. As many as the observations of a day need unless set. The session's budget is charged with them once."`
	Reports     []string `json:"reports,omitempty" jsonschema:"What to report as events. price_fell unless set."`
	FellPercent float64  `json:"fell_percent,omitempty" jsonschema:"The least change that price_fell, price_rose and median_moved report, in percent. Any change unless set."`
}

type pauseWatch struct {
	ID string `json:"id" jsonschema:"The watch's id."`
}

func (s *Server) addWatches() error {
	if err := s.addWatchReads(); err != nil {
		return err
	}
	err := add(s, tool{
		name: "create_price_watch", title: "Watch prices", writes: true, shape: s.shapeWatch,
		description: "Creates a watch that observes prices again and again, also after this session. It changes something: create one only if the person wants it. The session's budget is charged with the upstream calls that the watch may spend a day.",
	}, func(ctx context.Context, c *call, in createWatch) (*answer, error) {
		wanted, err := c.wantedWatch(in)
		if err != nil {
			return nil, err
		}
		charged := int(wanted.GetUpstreamCallsPerDay())
		if c.budget == nil {
			return nil, advice{Reason: reasonCallers, Message: c.say(tooManyCallers), until: c.renews}
		}
		if taken, left := c.budget.reserve(charged, charged); taken == 0 {
			return nil, advice{Reason: reasonSession, Message: c.say(sessionCosts, charged, left), until: c.renews}
		}
		got, err := c.watches.CreatePriceWatch(ctx, &zhaohuov1.CreatePriceWatchRequest{PriceWatch: wanted})
		if err != nil {
			if _, known := callsOf(err); known { // Nothing was created.
				c.budget.give(charged)
			}
			return nil, err
		}
		w := watchOf(got.GetPriceWatch())
		return &answer{lines: []string{c.say(createdWatch, w.line(c.language))}, structure: &watchOne{Watch: w, Charged: charged}}, nil
	})
	if err != nil {
		return err
	}
	return add(s, tool{
		name: "pause_price_watch", title: "Pause a price watch", writes: true, repeatable: true,
		description: "Pauses a watch: it observes nothing and spends nothing until a person resumes it. Its history stays.",
	}, func(ctx context.Context, c *call, in pauseWatch) (*answer, error) {
		got, err := c.watches.PausePriceWatch(ctx, &zhaohuov1.PausePriceWatchRequest{Id: in.ID})
		if err != nil {
			return nil, err
		}
		w := watchOf(got.GetPriceWatch())
		c.sandboxOf(w)
		return &answer{lines: []string{w.line(c.language)}, structure: &watchOne{Watch: w}}, nil
	})
}

// shapeWatch completes the schema of a new watch.
func (s *Server) shapeWatch(schema *jsonschema.Schema) {
	shapes(schema)
	s.shapeImage(schema)
	p := schema.Properties["reports"]
	p.Types, p.Type, p.UniqueItems = nil, "array", true
	p.Items.Enum = anyOf(reports())
	p = schema.Properties["product_ids"]
	p.Types, p.Type, p.MaxItems = nil, "array", jsonschema.Ptr(50)
}

// wantedWatch is the watch that the arguments describe.
func (c *call) wantedWatch(in createWatch) (*zhaohuov1.PriceWatch, error) {
	minutes, calls := in.Minutes, int32(len(in.Products))
	if minutes == 0 {
		minutes = intervalMinutes
	}
	w := &zhaohuov1.PriceWatch{DisplayName: in.Name, Interval: durationpb.New(time.Duration(minutes) * time.Minute)}
	if len(in.Products) > 0 {
		w.Target = &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: in.Products, Quantity: in.Quantity}}
	} else {
		image, err := c.image(in.pictured, true)
		if err != nil {
			return nil, err
		}
		calls = comparisonCalls
		w.Target = &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{
			Keyword: in.Keyword, Image: image, Quantity: in.Quantity, MaxUpstreamCalls: proto.Int32(comparisonCalls),
		}}
	}
	w.UpstreamCallsPerDay = in.PerDay
	if in.PerDay == 0 {
		w.UpstreamCallsPerDay = calls * max((minutesOfDay+minutes-1)/minutes, 1)
	}
	kinds := in.Reports
	if len(kinds) == 0 {
		kinds = reports()[:1]
	}
	for _, kind := range kinds {
		condition := &zhaohuov1.PriceCondition{Kind: zhaohuov1.PriceEventKind(zhaohuov1.PriceEventKind_value[eventPrefix+strings.ToUpper(kind)])}
		if in.FellPercent > 0 && withAmount[kind] {
			condition.LeastChange = &zhaohuov1.PriceCondition_Ratio{Ratio: in.FellPercent / 100}
		}
		w.Conditions = append(w.Conditions, condition)
	}
	return w, nil
}

func (s *Server) addWatchReads() error {
	err := add(s, tool{
		name: "list_price_watches", title: "The price watches", shape: shapes,
		description: "Lists the price watches (价格监控) with their last observation, the newest first. Costs no upstream call.",
	}, func(ctx context.Context, c *call, in listWatches) (*answer, error) {
		size := in.PageSize
		if size == 0 {
			size = 20
		}
		got, err := c.watches.ListPriceWatches(ctx, &zhaohuov1.ListPriceWatchesRequest{PageSize: size, PageToken: in.PageToken})
		if err != nil {
			return nil, err
		}
		list := &watchList{Watches: []*watch{}, Next: got.GetNextPageToken()}
		text := []string{c.say(watchCount, len(got.GetPriceWatches()))}
		for _, w := range got.GetPriceWatches() {
			is := watchOf(w)
			c.sandboxOf(is)
			list.Watches = append(list.Watches, is)
			text = append(text, is.line(c.language))
		}
		return &answer{lines: text, structure: list}, nil
	})
	if err != nil {
		return err
	}
	return s.addPriceTrend()
}
