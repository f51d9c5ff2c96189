package agent

import (
	"cmp"
	"context"

	"github.com/google/jsonschema-go/jsonschema"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	// trendDays is how far back a trend looks, unless the agent says how far.
	trendDays = 30
	// recordedDays is how far back 1688 itself recorded prices.
	recordedDays = 90
	// daysOfCall are the days that one call about them has at least: those of the shortest month and one more.
	daysOfCall = 29
)

type priceTrend struct {
	ID       string   `json:"id" jsonschema:"The watch's id."`
	Days     int      `json:"days,omitempty" jsonschema:"How many days back, 1 to 365. 30 unless set."`
	Products []string `json:"product_ids,omitempty" jsonschema:"Also give the series of these products, at most 10."`
	Hourly   bool     `json:"hourly,omitempty" jsonschema:"A point an hour instead of one a day."`
	Recorded []string `json:"recorded_product_ids,omitempty" jsonschema:"Also give the median prices that 1688 itself recorded of these products, at most 5, of the last 90 days. Each costs an upstream call for each month."`
}

// What 1688 recorded costs a call for each product and month; what a watch observed costs none.
func (in priceTrend) wanted() int {
	if len(in.Recorded) == 0 {
		return 0
	}
	days := min(cmp.Or(in.Days, trendDays), recordedDays) + 2 // Both ends are included, and the day of Shanghai may be another one.
	return len(in.Recorded) * max((days+daysOfCall-1)/daysOfCall, 1)
}

// shapeTrend completes the schema of a trend.
func shapeTrend(schema *jsonschema.Schema) {
	shapes(schema)
	for name, most := range map[string]int{"product_ids": 10, "recorded_product_ids": 5} {
		p := schema.Properties[name]
		p.Types, p.Type, p.MaxItems = nil, "array", jsonschema.Ptr(most)
	}
	schema.Properties["recorded_product_ids"].UniqueItems = true
}

func (s *Server) addPriceTrend() error {
	return add(s, tool{
		name: "price_trend", title: "The prices of a watch over time",
		description: "Gives the prices that a watch observed, a point a day or an hour: lowest, median, highest. Where nothing was seen there is a gap. Costs no upstream call without recorded_product_ids.",
		calls:       spending{least: 1}, shape: shapeTrend,
	}, func(ctx context.Context, c *call, in priceTrend) (*answer, error) {
		days, resolution := cmp.Or(in.Days, trendDays), zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY
		if in.Hourly {
			resolution = zhaohuov1.PriceResolution_PRICE_RESOLUTION_HOUR
		}
		end := c.config.now()
		got, err := c.watches.QueryPriceTrend(ctx, &zhaohuov1.QueryPriceTrendRequest{
			Id: in.ID, StartTime: timestamppb.New(end.AddDate(0, 0, -days)), EndTime: timestamppb.New(end), Resolution: resolution, ProductIds: in.Products,
			RecordedProductIds: in.Recorded,
		})
		if err != nil {
			return nil, err
		}
		if got.GetRecordedMeta() != nil {
			c.answered(got.GetRecordedMeta())
		}
		c.sandbox = c.sandbox || got.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
		return trendOf(c.language, got), nil
	})
}

// trend is the answer of price_trend.
type trend struct {
	about

	Name     string         `json:"name,omitempty"`
	Points   []trendPoint   `json:"points"`
	Products []productTrend `json:"products,omitempty"`
	// Recorded is what 1688 itself recorded, and nothing that the watch observed.
	Recorded []recordedTrend `json:"recorded_by_1688,omitempty"`
}

// recordedTrend are the median prices that 1688 recorded of a product. A day without one is left out.
type recordedTrend struct {
	recorded

	Points []productPoint `json:"points"`
}

func recordedTrendsOf(all []*zhaohuov1.RecordedTrends) []recordedTrend {
	var list []recordedTrend
	for i, is := range recordedOf(all) {
		t := recordedTrend{is, []productPoint{}}
		for _, trend := range all[i].GetTrends() {
			for _, day := range trend.GetPoints() {
				if price := amountOf(day.GetMedianPrice(), ""); price != nil {
					t.Points = append(t.Points, productPoint{day.GetDate(), price})
				}
			}
		}
		list = append(list, t)
	}
	return list
}

type trendPoint struct {
	Time    string  `json:"time"`
	Lowest  *amount `json:"lowest,omitempty"`
	Median  *amount `json:"median,omitempty"`
	Highest *amount `json:"highest,omitempty"`
	Failed  int32   `json:"failed_observations,omitempty"`
}

type productTrend struct {
	ID     string         `json:"id"`
	Title  string         `json:"title,omitempty"`
	Points []productPoint `json:"points"`
}

type productPoint struct {
	Time  string  `json:"time"`
	Price *amount `json:"price,omitempty"`
}

func trendOf(in language, got *zhaohuov1.QueryPriceTrendResponse) *answer {
	t := &trend{Name: got.GetWatchDisplayName(), Points: []trendPoint{}}
	text := []string{in.say(pointCount, len(got.GetPoints()))}
	for _, p := range got.GetPoints() {
		point := trendPoint{p.GetTime().AsTime().Format(timeForm), amountOf(p.GetMin(), ""), amountOf(p.GetMedian(), ""), amountOf(p.GetMax(), ""), p.GetFailedCount()}
		t.Points = append(t.Points, point)
		if point.Lowest != nil && point.Median != nil && point.Highest != nil {
			text = append(text, in.say(pointOf, point.Time, point.Lowest.text(in), point.Highest.text(in), point.Median.text(in)))
		}
	}
	for _, p := range got.GetProducts() {
		series := productTrend{ID: p.GetProductId(), Title: p.GetTitle(), Points: []productPoint{}}
		for _, at := range p.GetPoints() {
			series.Points = append(series.Points, productPoint{at.GetTime().AsTime().Format(timeForm), amountOf(at.GetPrice(), basisOf(at.GetPriceBasis()))})
		}
		t.Products = append(t.Products, series)
		text = append(text, in.say(seriesOf, series.ID, series.Title, len(series.Points)))
	}
	t.Recorded = recordedTrendsOf(got.GetRecorded())
	for _, r := range t.Recorded {
		text = append(text, recordedLines(in, []recorded{r.recorded})...)
	}
	return &answer{lines: text, structure: t}
}
