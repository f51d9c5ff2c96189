package cli

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// wordCriteria are the criteria that only searches by words have. Empty ones are left out of the fingerprint of a batch,
// so that files begun before there were such criteria can be resumed.
type wordCriteria struct {
	Categories []string `name:"categories" placeholder:"ID,…" json:",omitempty" help:"Only goods of any of these categories, instead of --category. Only with dialect aop."`
	Sales      []string `name:"sales" placeholder:"PERIOD:MIN-MAX,…" json:",omitempty" help:"Only goods of which so many pieces were sold, by period: week, two-weeks, month or all-time. Such as month:100-500, week:50- or month:-20. Only with dialect aop."`
	RegionOpp  string   `name:"region-opp" placeholder:"VALUE" json:",omitempty" help:"The regionOpp of 1688, sent as it is: 1688 does not publish its values. Only with dialect aop."`
}

// put sets the criteria in the request of a search by words.
func (c wordCriteria) put(q proto.Message) error {
	sales, err := salesOf(c.Sales)
	if err != nil {
		return err
	}
	fields.Copy(q, &zhaohuov1.KeywordSearchRequest{CategoryIds: c.Categories, Sales: sales, RegionOpp: c.RegionOpp})
	return nil
}

// given reports whether any of the criteria is given.
func (c wordCriteria) given() bool {
	return len(c.Categories) > 0 || len(c.Sales) > 0 || c.RegionOpp != ""
}

// salesOf parses bounds of sales; nil for none.
func salesOf(texts []string) (*zhaohuov1.SalesFilter, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	var filter zhaohuov1.SalesFilter
	for _, text := range texts {
		period, bounds, ok := strings.Cut(strings.TrimSpace(text), ":")
		place := salesPlace(&filter, period)
		if place == nil || !ok {
			return nil, usage("--sales: %q is not PERIOD:MIN-MAX: the periods are week, two-weeks, month and all-time; write month:100-500, week:50- or month:-20", text)
		}
		if *place != nil {
			return nil, usage("--sales: %s is given twice", period)
		}
		if *place, ok = salesRange(bounds); !ok {
			return nil, usage("--sales: %q is not PERIOD:MIN-MAX: the periods are week, two-weeks, month and all-time; write month:100-500, week:50- or month:-20", text)
		}
	}
	return &filter, nil
}

// salesPlace is where a filter has the bounds of a period; nil for an unknown one.
func salesPlace(f *zhaohuov1.SalesFilter, period string) **zhaohuov1.SalesRange {
	switch period {
	case "week":
		return &f.Week
	case "two-weeks":
		return &f.TwoWeeks
	case "month":
		return &f.Month
	case "all-time":
		return &f.AllTime
	}
	return nil
}

// salesRange parses MIN-MAX. One of the bounds may be missing.
func salesRange(text string) (*zhaohuov1.SalesRange, bool) {
	low, high, ok := strings.Cut(text, "-")
	if !ok || low == "" && high == "" {
		return nil, false
	}
	var r zhaohuov1.SalesRange
	for bound, digits := range map[**int64]string{&r.Min: low, &r.Max: high} {
		if digits == "" {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil {
			return nil, false
		}
		*bound = proto.Int64(int64(n))
	}
	return &r, true
}

// salesTexts are the bounds of sales as the command line has them.
func salesTexts(f *zhaohuov1.SalesFilter) []string {
	var all []string
	for _, period := range []struct {
		name   string
		bounds *zhaohuov1.SalesRange
	}{{"week", f.GetWeek()}, {"two-weeks", f.GetTwoWeeks()}, {"month", f.GetMonth()}, {"all-time", f.GetAllTime()}} {
		if period.bounds != nil {
			all = append(all, period.name+":"+boundText(period.bounds.Min)+"-"+boundText(period.bounds.Max))
		}
	}
	return all
}

func boundText(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
