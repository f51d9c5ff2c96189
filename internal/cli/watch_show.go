package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// watchList lists watches.
type watchList struct {
	Output string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run asks for all pages and writes them as one.
func (c *watchList) Run(s *session) error {
	all := &zhaohuov1.ListPriceWatchesResponse{}
	for token := ""; ; {
		page, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.ListPriceWatches, &zhaohuov1.ListPriceWatchesRequest{
			PageSize: watchPage, PageToken: token,
		})
		if err != nil {
			return err
		}
		all.PriceWatches = append(all.PriceWatches, page.GetPriceWatches()...)
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if c.Output == "json" {
		return writeJSON(s.Stdout, all)
	}
	if len(all.GetPriceWatches()) > 0 {
		if err := s.writeWatches(all.GetPriceWatches()); err != nil {
			return err
		}
	}
	return s.printEnd("%s\n", counted(s.words, len(all.GetPriceWatches()), "price watch", "price watches"))
}

// watchPage is how many watches or observations are asked for at a time.
const watchPage = 200

func (s *session) writeWatches(watches []*zhaohuov1.PriceWatch) error {
	columns := []column{
		{title: "ID"},
		{title: "NAME", widest: 28},
		{title: "WATCHES", widest: 36, grows: true},
		{title: "EVERY", right: true},
		{title: "STATE"},
		{title: "OBSERVED"},
		{title: "GOODS", right: true},
		{title: "LOWEST", right: true},
		{title: "MEDIAN", right: true},
		{title: "CALLS TODAY", right: true},
	}
	rows := make([][]string, len(watches))
	for i, w := range watches {
		last := w.GetLastObservation()
		goods := unknown
		if last != nil && last.GetError() == nil {
			goods = strconv.Itoa(int(last.GetProductCount()))
		}
		rows[i] = []string{
			w.GetId(), cmp.Or(w.GetDisplayName(), unknown), s.targetText(w), spoken(w.GetInterval().AsDuration(), s.words), s.stateText(w),
			timeText(last.GetDueTime()), goods, moneyText(last.GetStatistics().GetMin()), moneyText(last.GetStatistics().GetMedian()),
			strconv.Itoa(int(w.GetUpstreamCallsToday())),
		}
	}
	return writeTable(s, columns, rows)
}

// timeText is a time as the user's clock shows it; unknown for none.
func timeText(t *timestamppb.Timestamp) string {
	if t == nil {
		return unknown
	}
	return localTime(t.AsTime())
}

// stateText is how a watch goes, and what it waits for.
func (s *session) stateText(w *zhaohuov1.PriceWatch) string {
	text := unknown
	switch w.GetState() {
	case zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_ACTIVE:
		text = s.words.say("active")
	case zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_PAUSED:
		text = s.words.say("paused")
	case zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_FAILING:
		text = s.words.say("failing")
	case zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_NOTHING_FOUND:
		text = s.words.say("nothing found")
	}
	switch w.GetWaitingFor() {
	case zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER:
		text += s.words.say(", waits for a worker")
	case zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA:
		text += s.words.say(", waits for quota")
	case zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY:
		text += s.words.say(", waits for the next day")
	}
	return text
}

// writeWatch writes what a watch is and how it goes.
func (s *session) writeWatch(w *zhaohuov1.PriceWatch) error {
	calls := strconv.Itoa(int(w.GetUpstreamCallsToday()))
	if bound := w.GetUpstreamCallsPerDay(); bound > 0 {
		calls = s.words.say("%s of %d", calls, bound)
	}
	fields := [][2]string{
		{"price watch", plain(w.GetId())},
		{"name", plain(cmp.Or(w.GetDisplayName(), unknown))},
		{"watches", s.targetText(w)},
		{"observes every", spoken(w.GetInterval().AsDuration(), s.words)},
		{"reports", s.conditionsText(w)},
		{"state", s.stateText(w)},
		{"calls today", calls},
		{"last", timeText(w.GetLastObservation().GetDueTime())},
		{"next", timeText(w.GetNextDueTime())},
	}
	for _, hook := range w.GetWebhooks() {
		fields = append(fields, [2]string{"webhook", s.webhookText(hook)})
	}
	return s.printFields(14, fields)
}

// watchShow shows a watch.
type watchShow struct {
	ID     string `arg:"" name:"id" help:"Id of the price watch."`
	Since  string `name:"since" placeholder:"TIME" default:"30d" help:"How far back the trend goes, such as 6h or 30d."`
	All    bool   `name:"all" help:"Show all products, even if there are many."`
	Trends bool   `name:"trends" help:"Also show the median prices that 1688 itself recorded of the first 5 products. Costs an upstream call for each product and month."`
	Output string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run asks for the watch, its trend and its last observation that succeeded, and writes them.
func (c *watchShow) Run(s *session) error {
	since, err := spanOf("--since", c.Since)
	if err != nil {
		return err
	}
	found, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.GetPriceWatch, &zhaohuov1.GetPriceWatchRequest{Id: c.ID})
	if err != nil {
		return err
	}
	trend, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.QueryPriceTrend, &zhaohuov1.QueryPriceTrendRequest{
		Id: c.ID, StartTime: timestamppb.New(time.Now().Add(-since)),
	})
	if err != nil {
		return err
	}
	last, err := c.last(s, trend)
	if err != nil {
		return err
	}
	if c.Trends {
		if err := c.addRecorded(s, trend, found.GetPriceWatch(), last, since); err != nil {
			return err
		}
	}
	s.warnOfSandbox(&zhaohuov1.AnswerMeta{Source: max(trend.GetSource(), trend.GetRecordedMeta().GetSource())})
	if c.Output == "json" {
		return s.writeJSONParts([]string{"priceWatch", "trend", "lastObservation"}, found.GetPriceWatch(), trend, last)
	}
	if err := s.writeWatch(found.GetPriceWatch()); err != nil {
		return err
	}
	if failed := found.GetPriceWatch().GetLastObservation(); failed.GetError() != nil {
		s.print("\nthe last observation failed: %s\n", plain(status.FromProto(failed.GetError()).Message()))
	}
	if err := s.writeTrend(trend, found.GetPriceWatch().GetInterval().AsDuration()); err != nil {
		return err
	}
	if err := s.writeRecorded("\n", trend.GetRecorded(), ""); err != nil {
		return err
	}
	s.noteUnrecorded(trend.GetRecorded())
	if last == nil {
		return s.printEnd("\nno prices since %s\n", localTime(time.Now().Add(-since)))
	}
	fmt.Fprintln(s.Stdout)
	return s.writeObservation(last, c.All)
}

// last is the last observation of a trend that succeeded, with its products; nil for none.
func (c *watchShow) last(s *session, trend *zhaohuov1.QueryPriceTrendResponse) (*zhaohuov1.PriceObservation, error) {
	points := trend.GetPoints()
	for i := len(points) - 1; i >= 0; i-- {
		if points[i].GetObservationCount() == 0 {
			continue
		}
		// In the trend's own resolution, the first observation from here on is the point's last that succeeded.
		answer, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.ListPriceObservations, &zhaohuov1.ListPriceObservationsRequest{
			Id: c.ID, StartTime: points[i].GetTime(), Resolution: trend.GetResolution(), PageSize: 1,
		})
		if err != nil || len(answer.GetObservations()) == 0 {
			return nil, err
		}
		return answer.GetObservations()[0], nil
	}
	return nil, nil
}

// writeJSONParts writes an object of messages, as REST would write each.
func (s *session) writeJSONParts(names []string, messages ...proto.Message) error {
	all := map[string]json.RawMessage{}
	for i, m := range messages {
		text := []byte("null")
		if m.ProtoReflect().IsValid() {
			var err error
			if text, err = (protojson.MarshalOptions{EmitDefaultValues: true}).Marshal(m); err != nil {
				return err
			}
		}
		all[names[i]] = text
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		_, err = s.Stdout.Write(append(text, '\n'))
	}
	return err
}

// writeObservation writes what was seen at one time: each price with what it holds for.
func (s *session) writeObservation(o *zhaohuov1.PriceObservation, all bool) error {
	if o.GetError() != nil {
		return errors.Join(s.printEnd("%s: failed\n", timeText(o.GetDueTime())), callError{error: status.ErrorProto(o.GetError())})
	}
	st := o.GetStatistics()
	s.print("%s: %s, lowest %s, median %s, highest %s\n", timeText(o.GetDueTime()), counted(s.words, o.GetProductCount(), "product", "goods"),
		moneyText(st.GetMin()), moneyText(st.GetMedian()), moneyText(st.GetMax()))
	if len(o.GetUnseen()) > 0 {
		s.print("could not be seen: %s\n", plain(strings.Join(o.GetUnseen(), ", ")))
	}
	shown, more := tail(o.GetProducts(), all)
	if len(shown) == 0 {
		return nil
	}
	rows := make([][]string, len(shown))
	for i, p := range shown {
		basis := s.basisText(p.GetPriceBasis())
		if p.GetPrice() == nil {
			basis = s.words.say(plainName(p.GetUnpriced().String(), "UNPRICED_REASON_"))
		}
		moq, compared := unknown, ""
		if p.GetMinOrderQuantity() > 0 {
			moq = strconv.FormatInt(p.GetMinOrderQuantity(), 10)
		}
		if p.GetImageCompared() {
			compared = s.words.say("same image")
		}
		rows[i] = []string{
			p.GetProductId(), cmp.Or(p.GetTitle(), unknown), moneyText(p.GetPrice()), basis, moq, countText(p.SoldCount, false),
			cmp.Or(p.GetSupplierName(), p.GetSupplierId(), unknown), compared,
		}
	}
	if err := writeTable(s, []column{
		{title: "ID"},
		{title: "TITLE", widest: 40, grows: true},
		{title: "PRICE", right: true},
		{title: "BASIS"},
		{title: "MOQ", right: true},
		{title: "SOLD", right: true},
		{title: "SUPPLIER", widest: 28},
		{title: "IMAGE"},
	}, rows); err != nil {
		return err
	}
	return s.writeMore(more, "product", "products")
}
