package cli

import (
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// recordedOptions ask a combo for what 1688 itself recorded of its goods.
type recordedOptions struct {
	Trends        []string `name:"trends" enum:"sales,price,repurchase" placeholder:"KIND,…" help:"Also show what 1688 itself recorded in the last four weeks: sales, price or repurchase. Each costs an upstream call for each product."`
	TrendProducts *int32   `name:"trend-products" placeholder:"N" help:"Of how many products, 1 to 5 (default 3)."`
}

func (r recordedOptions) kinds() []zhaohuov1.ProductTrendKind {
	var kinds []zhaohuov1.ProductTrendKind
	for _, word := range r.Trends {
		kinds = append(kinds, trendKinds[word])
	}
	return kinds
}

// writeRecorded writes what 1688 itself recorded, a row a product, between what stands before and after it; nothing for none.
func (s *session) writeRecorded(before string, all []*zhaohuov1.RecordedTrends, after string) error {
	if len(all) == 0 {
		return nil
	}
	rows := make([][]string, len(all))
	for i, r := range all {
		rows[i] = []string{plain(r.GetProductId()), countText(r.UnitsSold, false), moneyText(r.GetFirstMedianPrice()), moneyText(r.GetLastMedianPrice()), unknown, strconv.Itoa(recordedDays(r))}
		if r.RepurchaseRate != nil {
			rows[i][4] = percentText(r.GetRepurchaseRate())
		}
	}
	fmt.Fprint(s.Stdout, before)
	s.print("recorded by 1688 itself, as the median of 30 days; no buyer was offered these prices\n")
	columns := []column{
		{title: "ID"},
		{title: "SOLD", right: true},
		{title: "FIRST MEDIAN", right: true},
		{title: "LAST MEDIAN", right: true},
		{title: "REPURCHASE", right: true},
		{title: "DAYS", right: true},
	}
	if err := writeTable(s, columns, rows); err != nil {
		return err
	}
	_, err := fmt.Fprint(s.Stdout, after)
	return err
}

// recordedDays is how many days have a value of any kind, as far as one trend shows.
func recordedDays(r *zhaohuov1.RecordedTrends) int {
	most := 0
	for _, trend := range r.GetTrends() {
		days := 0
		for _, point := range trend.GetPoints() {
			if trendText(point) != unknown {
				days++
			}
		}
		most = max(most, days)
	}
	return most
}

// trendStepName says what a step does that asks for a trend; "" for other steps.
func trendStepName(step string) string {
	switch step {
	case "sales_trend":
		return "asking 1688 what was sold by day"
	case "price_trend":
		return "asking 1688 for prices by day"
	case "repurchase_trend":
		return "asking 1688 who came back by day"
	}
	return ""
}

// recordedMax is how many products of a watch are asked for.
const recordedMax = 5

// addRecorded adds to a watch's trend what 1688 itself recorded of its first products: those that it names, or those that the
// last observation found.
func (c *watchShow) addRecorded(
	s *session, trend *zhaohuov1.QueryPriceTrendResponse, watch *zhaohuov1.PriceWatch, last *zhaohuov1.PriceObservation, since time.Duration,
) error {
	ids := watch.GetProducts().GetIds()
	if len(ids) == 0 {
		for _, p := range last.GetProducts() {
			ids = append(ids, p.GetProductId())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.QueryPriceTrend, &zhaohuov1.QueryPriceTrendRequest{
		Id: c.ID, StartTime: timestamppb.New(time.Now().Add(-since)), Resolution: zhaohuov1.PriceResolution_PRICE_RESOLUTION_DAY,
		RecordedProductIds: ids[:min(len(ids), recordedMax)],
	})
	trend.Recorded, trend.RecordedMeta = found.GetRecorded(), found.GetRecordedMeta()
	return err
}

// noteUnrecorded says what is missing.
func (s *session) noteUnrecorded(all []*zhaohuov1.RecordedTrends) {
	for _, r := range all {
		for _, trend := range r.GetTrends() {
			if trend.GetError() != nil {
				s.note("without %s: %s", plain(r.GetProductId()), plain(trend.GetError().GetMessage()))
			}
		}
	}
}
