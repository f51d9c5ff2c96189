package cli

import (
	"slices"
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

// salesPeriod is a period of a filter, by its name on the command line, and where the filter has its bounds.
type salesPeriod struct {
	name   string
	bounds **zhaohuov1.SalesRange
}

func salesPeriods(f *zhaohuov1.SalesFilter) []salesPeriod {
	return []salesPeriod{{"week", &f.Week}, {"two-weeks", &f.TwoWeeks}, {"month", &f.Month}, {"all-time", &f.AllTime}}
}

// salesOf parses bounds of sales; nil for none.
func salesOf(texts []string) (*zhaohuov1.SalesFilter, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	filter := &zhaohuov1.SalesFilter{}
	periods := salesPeriods(filter)
	for _, text := range texts {
		name, bounds, colon := strings.Cut(strings.TrimSpace(text), ":")
		at := slices.IndexFunc(periods, func(p salesPeriod) bool { return p.name == name })
		if at >= 0 && colon && *periods[at].bounds != nil {
			return nil, usage("--sales: %s is given twice", name)
		}
		parsed, ok := salesRange(bounds)
		if at < 0 || !ok {
			return nil, usage("--sales: %q is not PERIOD:MIN-MAX: the periods are week, two-weeks, month and all-time; write month:100-500, week:50- or month:-20", text)
		}
		*periods[at].bounds = parsed
	}
	return filter, nil
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
	if f == nil {
		return nil
	}
	for _, period := range salesPeriods(f) {
		if r := *period.bounds; r != nil {
			all = append(all, period.name+":"+boundText(r.Min)+"-"+boundText(r.Max))
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
