package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/observe"
)

const comparePricesRPC = "zhaohuo.v1.ComboService/ComparePrices"

// The bounds of a condition's window.
const (
	windowLeast = time.Hour
	windowMost  = 90 * 24 * time.Hour
)

// changeable are the fields of a watch that an update may name.
func changeable() []string {
	return []string{"display_name", "products", "comparison", "interval", "conditions", "upstream_calls_per_day", "webhooks"}
}

// changeOf is what an update asks for, with its image.
func (p *PriceWatch) changeOf(ctx context.Context, owner string, q *zhaohuov1.UpdatePriceWatchRequest) (pricewatch.Change, error) {
	fields := q.GetUpdateMask().GetPaths()
	change := pricewatch.Change{ID: q.GetId(), Etag: q.GetEtag(), Fields: fields, Values: q.GetPriceWatch(), Check: p.check}
	if err := checkMask(fields, q.GetPriceWatch()); err != nil {
		return change, err
	}
	source := q.GetPriceWatch().GetComparison().GetImage()
	if source == nil || !slices.Contains(fields, "comparison") {
		return change, nil
	}
	// An unknown watch is refused before the image is fetched.
	if _, err := p.Service.Get(ctx, owner, q.GetId()); err != nil {
		return change, err
	}
	var err error
	change.Image, err = p.image(ctx, source)
	return change, err
}

// checkMask refuses a mask that names no field, an unknown one, or a target that the new values do not have.
func checkMask(fields []string, values *zhaohuov1.PriceWatch) error {
	if len(fields) == 0 {
		return fault.Invalid("update_mask", ruleRequired, "must name the fields to change")
	}
	for _, name := range fields {
		if !slices.Contains(changeable(), name) {
			return fault.Invalid("update_mask", "FIELD", "%.60q cannot be changed: it must name some of %s", name, strings.Join(changeable(), ", "))
		}
	}
	targets := map[string]bool{"products": values.GetProducts() != nil, "comparison": values.GetComparison() != nil}
	if slices.Contains(fields, "products") && slices.Contains(fields, "comparison") {
		return fault.Invalid("update_mask", "ONEOF", "must name one of products and comparison: a watch has one target")
	}
	for _, name := range []string{"products", "comparison"} {
		if slices.Contains(fields, name) && !targets[name] {
			return fault.Invalid("price_watch."+name, ruleRequired, "is named by update_mask and must be given: a watch has a target")
		}
	}
	return nil
}

// refusals gathers what is wrong with a definition.
type refusals struct{ fault *fault.Fault }

func (r *refusals) add(path, rule, format string, args ...any) {
	if r.fault == nil {
		r.fault = fault.Invalid(path, rule, format, args...)
		return
	}
	r.fault = r.fault.WithField(path, rule, fmt.Sprintf(format, args...))
}

func (r *refusals) err() error {
	if r.fault == nil {
		return nil
	}
	return r.fault
}

// check refuses a definition that no field's own rule can see is wrong.
func (p *PriceWatch) check(d *zhaohuov1.PriceWatch, hasImage bool) error {
	var r refusals
	if interval := d.GetInterval(); interval != nil && (interval.AsDuration() < p.IntervalMin || interval.AsDuration() > p.IntervalMax) {
		r.add("price_watch.interval", "INTERVAL", "must be %s to %s", lengthOf(p.IntervalMin), lengthOf(p.IntervalMax))
	}
	for i, condition := range d.GetConditions() {
		checkCondition(&r, fmt.Sprintf("price_watch.conditions[%d].", i), condition)
	}
	switch {
	case d.GetTarget() == nil:
		r.add("price_watch.products", ruleRequired, "or comparison must be given: it says what is observed")
	case d.GetComparison() != nil:
		checkComparison(&r, d.GetComparison(), hasImage)
	}
	if bound, needs := d.GetUpstreamCallsPerDay(), int32(observe.Calls(d)); bound > 0 && bound < needs {
		r.add("price_watch.upstream_calls_per_day", "CALLS", "must be 0 or at least %d, which one observation may cost", needs)
	}
	if err := r.err(); err != nil {
		return err
	}
	if comparison := d.GetComparison(); comparison != nil {
		return p.checkOffered(comparison, hasImage)
	}
	return nil
}

// checkComparison refuses a comparison that cannot be observed again and again.
func checkComparison(r *refusals, q *zhaohuov1.ComparePricesRequest, hasImage bool) {
	const path = "price_watch.comparison."
	if strings.TrimSpace(q.GetKeyword()) == "" && !hasImage {
		r.add(path+"keyword", ruleRequired, "or image must be given: it says which goods are observed")
	}
	const unset = "must be unset: "
	if q.MaxStaleness != nil {
		r.add(path+"max_staleness", "UNSET", unset+"an observation is always new")
	}
	if q.GetIncludeRaw() {
		r.add(path+"include_raw", "UNSET", unset+"observations keep no raw JSON")
	}
	if q.GetLanguageCode() != "" {
		r.add(path+"language_code", "UNSET", unset+"titles of observations stay Chinese")
	}
	if len(q.GetTrends()) > 0 {
		r.add(path+"trends", "UNSET", unset+"what 1688 recorded is no observation; QueryPriceTrend gives it")
	}
	if err := checkCriteria(q); err != nil {
		if f, ok := fault.As(err); ok {
			for _, field := range f.Fields {
				r.add(path+field.Path, field.Rule, "%s", field.Why)
			}
		}
	}
}

// checkOffered refuses what the dialect does not offer, by the fields' paths in the watch.
func (p *PriceWatch) checkOffered(q *zhaohuov1.ComparePricesRequest, hasImage bool) error {
	q = proto.CloneOf(q)
	q.Image = nil
	if hasImage {
		q.Image = &zhaohuov1.ImageSource{}
	}
	err := p.Offered.Check(comparePricesRPC, q)
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.UnsupportedByDialect {
		return err
	}
	inWatch := fault.New(f.Kind, "%s", f.Detail)
	for _, field := range f.Fields {
		inWatch = inWatch.WithField("price_watch.comparison."+field.Path, field.Rule, field.Why)
	}
	return inWatch
}

// checkCondition refuses fields that are for other kinds and baselines, and misses those that are for these.
func checkCondition(r *refusals, path string, c *zhaohuov1.PriceCondition) {
	const (
		last      = zhaohuov1.PriceBaseline_PRICE_BASELINE_LAST_OBSERVATION
		reference = zhaohuov1.PriceBaseline_PRICE_BASELINE_REFERENCE_PRICE
		lowest    = zhaohuov1.PriceBaseline_PRICE_BASELINE_WINDOW_LOWEST
	)
	price := c.GetKind() == zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL || c.GetKind() == zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE
	checkLeastChange(r, path, c, price || c.GetKind() == zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_MEDIAN_MOVED)
	if baseline := c.GetBaseline(); !price && (baseline == reference || baseline == lowest) {
		r.add(path+"baseline", "KIND", "is for PRICE_FELL and PRICE_ROSE; others are compared with the %s", last)
		return
	}
	switch given := c.GetReferencePrice(); {
	case c.GetBaseline() == reference && !positive(given):
		r.add(path+"reference_price", ruleRequired, "must be a price above 0: it is what the baseline REFERENCE_PRICE compares with")
	case c.GetBaseline() != reference && given != "":
		r.add(path+"reference_price", "BASELINE", "is for the baseline REFERENCE_PRICE")
	}
	switch window := c.GetWindow(); {
	case c.GetBaseline() == lowest && (window.AsDuration() < windowLeast || window.AsDuration() > windowMost):
		r.add(path+"window", "WINDOW", "must be %s to %s: the baseline WINDOW_LOWEST looks back so far", lengthOf(windowLeast), lengthOf(windowMost))
	case c.GetBaseline() != lowest && window != nil:
		r.add(path+"window", "BASELINE", "is for the baseline WINDOW_LOWEST")
	}
}

// checkLeastChange refuses a least change of nothing, and any for a kind that has no change.
func checkLeastChange(r *refusals, path string, c *zhaohuov1.PriceCondition, changes bool) {
	const why = "is for PRICE_FELL, PRICE_ROSE and MEDIAN_MOVED"
	switch given := c.GetLeastChange().(type) {
	case *zhaohuov1.PriceCondition_Ratio:
		if !changes {
			r.add(path+"ratio", "KIND", why)
		}
	case *zhaohuov1.PriceCondition_Amount:
		if !changes {
			r.add(path+"amount", "KIND", why)
		}
		if given.Amount != "" && !positive(given.Amount) {
			r.add(path+"amount", "POSITIVE", "must be above 0: without it any change is reported")
		}
	}
}

// positive reports whether a text is an amount above 0.
func positive(text string) bool {
	amount, ok := money.Parse(text)
	return ok && amount > 0
}

// lengthOf writes a time in its largest unit that is exact, such as "10 minutes".
func lengthOf(d time.Duration) string {
	units := []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}}
	for _, unit := range units {
		if n := d / unit.length; n > 0 && d%unit.length == 0 {
			return fmt.Sprintf("%d %s%s", n, unit.name, map[bool]string{true: "s"}[n != 1])
		}
	}
	return d.String()
}
