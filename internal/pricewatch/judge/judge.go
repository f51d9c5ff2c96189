// Package judge decides what an observation of a price watch means: which events it shows.
//
// It is pure. It gets the watch, what it remembered of earlier observations, and the new observation; it gives the events
// and what to remember. It reads no clock and no store. What each event means stands in proto/zhaohuo/v1/price_event.proto.
//
// Everything is compared in integers or exact fractions: 9.50 is 5 % below 10.00.
package judge

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// failuresReported is how many observations in a row must fail for WATCH_FAILING.
const failuresReported = 3

// Judge gives the events that an observation shows, in order and without ids, and the memory for the next observation.
// A new watch has no memory. Memory that cannot be read counts as none.
//
// Observations of one watch must be judged one after the other, in the order in which they were made. A definition must name
// the image of its comparison, by a hash for example: judging starts anew when the target changes, and only the definition is compared.
//
// An error means that a condition cannot be read; a definition that passes the contract's rules has none.
func Judge(watch *zhaohuov1.PriceWatch, memory []byte, observation *zhaohuov1.PriceObservation) ([]*zhaohuov1.PriceEvent, []byte, error) {
	rules, err := readRules(watch.GetConditions())
	if err != nil {
		return nil, nil, err
	}
	j := &judgement{watch: watch, observation: observation, rules: rules, memory: load(memory), due: observation.GetDueTime().AsTime().UnixMilli()}
	if observation.GetError() != nil {
		j.fail()
	} else {
		j.recover()
		j.compare()
	}
	saved, err := j.memory.save()
	return j.events, saved, err
}

// judgement is the work on one observation.
type judgement struct {
	watch       *zhaohuov1.PriceWatch
	observation *zhaohuov1.PriceObservation
	rules       []rule
	memory      *memory
	due         int64 // of the observation, Unix milliseconds
	events      []*zhaohuov1.PriceEvent
}

// fail counts a failed observation. It changes nothing else.
func (j *judgement) fail() {
	m := j.memory
	m.Failures++
	m.LastFailed = j.due
	if m.Failures < failuresReported || m.Failing {
		return
	}
	m.Failing = true
	e := j.event(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_FAILING, nil)
	e.Time = j.observation.GetDueTime()
	e.Error = j.observation.GetError()
	e.Before = j.observationBefore()
}

// recover ends a run of failed observations.
func (j *judgement) recover() {
	m := j.memory
	if m.Failing {
		e := j.event(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_RECOVERED, nil)
		e.Before = &zhaohuov1.PricePoint{DueTime: timeOf(m.LastFailed)}
	}
	m.Failures, m.Failing = 0, false
}

// compare compares the observation with those before.
func (j *judgement) compare() {
	m := j.memory
	m.startAnewUnlessSame(fingerprint(j.watch), j.observation.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX)
	before := m.offers()
	seen := map[string]bool{}
	for _, p := range j.observation.GetProducts() {
		if id := p.GetProductId(); !seen[id] {
			seen[id] = true
			j.see(p)
		}
	}
	for _, id := range m.ids() {
		if !seen[id] {
			j.miss(id)
		}
	}
	after := m.offers()
	if m.Compared {
		j.compareCheapest(before, after)
		j.compareSuppliers(before, after)
	}
	j.compareMedian()
	m.Compared, m.LastDue = true, j.due
	m.forget(j.due)
}

// see compares a product that was found with what is remembered of it.
func (j *judgement) see(found *zhaohuov1.ObservedPrice) {
	p := j.memory.product(found.GetProductId())
	gone, before := p.Gone, p.last()
	p.see(found, j.due)
	if gone {
		if c := j.first(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_BACK); c != nil {
			e := j.productEvent(c, found.GetProductId(), p)
			e.Before = before.proto()
			e.After = j.seenNow(found)
			e.ChangeRatio = changeRatio(e.Before, e.After)
		}
	}
	now, known := pointOf(found, j.due)
	if !known {
		return
	}
	history := p.history(now.kind())
	j.priceEvent(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL, found.GetProductId(), p, history, now)
	j.priceEvent(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE, found.GetProductId(), p, history, now)
	p.price(now)
}

// priceEvent reports a price that fell or rose, by the first condition that says so.
func (j *judgement) priceEvent(what zhaohuov1.PriceEventKind, id string, p *product, before history, now point) {
	for _, r := range j.rules {
		if r.condition.GetKind() != what {
			continue
		}
		if base, ok := r.priceEvent(before, now); ok {
			e := j.productEvent(r.condition, id, p)
			e.Before, e.After = base.proto(), now.proto()
			e.ChangeRatio = changeRatio(e.Before, e.After)
			return
		}
	}
}

// miss counts a product that was not found, unless it could not be seen.
func (j *judgement) miss(id string) {
	p := j.memory.product(id)
	if p.Gone || !j.couldSee(id) {
		return
	}
	p.Absences++
	if p.Absences < j.absencesOfGone() {
		return
	}
	p.Gone = true
	if c := j.first(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE); c != nil {
		e := j.productEvent(c, id, p)
		e.Before = p.last().proto()
		e.After = j.pointNow()
	}
}

// absencesOfGone is how many observations in a row must not find a product that is gone. 1688 says it of a product that is
// asked for by its id. A search may leave one out once.
func (j *judgement) absencesOfGone() int {
	if j.watch.GetComparison() != nil {
		return 2
	}
	return 1
}

// couldSee reports whether the observation would have found a product: neither it nor a step is unseen.
func (j *judgement) couldSee(id string) bool {
	return !slices.ContainsFunc(j.observation.GetUnseen(), func(part string) bool { return part == id || isStep(part) })
}

// sawAll reports whether the observation could see everything that is offered.
func (j *judgement) sawAll() bool {
	return !slices.ContainsFunc(j.observation.GetUnseen(), func(part string) bool {
		p := j.memory.Products[part]
		return isStep(part) || p != nil && !p.Gone
	})
}

// isStep reports whether an unseen part is a step: ids of products are digits.
func isStep(part string) bool {
	return strings.ContainsFunc(part, func(r rune) bool { return r < '0' || r > '9' })
}

// compareCheapest reports another product as the cheapest.
func (j *judgement) compareCheapest(before, after []offer) {
	c := j.first(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_NEW_CHEAPEST)
	old, known := cheapest(before)
	now, stillKnown := cheapest(after)
	if c == nil || !known || !stillKnown || old.id == now.id || old.price.kind() != now.price.kind() || now.price.Nanos >= old.price.Nanos {
		return
	}
	e := j.productEvent(c, now.id, j.memory.product(now.id))
	e.Before, e.After = old.price.proto(), now.price.proto()
	e.Before.ProductId, e.After.ProductId = old.id, now.id
	e.ChangeRatio = changeRatio(e.Before, e.After)
}

// compareSuppliers reports suppliers that offer the goods and did not before, then those that no longer do.
func (j *judgement) compareSuppliers(before, after []offer) {
	old, now := bySupplier(before, after)
	for _, key := range sortedKeys(now) {
		c := j.first(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_APPEARED)
		if _, there := old[key]; there || c == nil {
			continue
		}
		e := j.supplierEvent(c, now[key])
		e.Before = j.observationBefore()
		e.After = now[key].price.proto()
	}
	for _, key := range sortedKeys(old) {
		c := j.first(zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_LEFT)
		if _, there := now[key]; there || c == nil {
			continue
		}
		e := j.supplierEvent(c, old[key])
		e.Before = old[key].price.proto()
		e.After = j.pointNow()
	}
}

// compareMedian compares the median with the last one. The median of an observation that could not see everything says
// nothing of the goods.
func (j *judgement) compareMedian() {
	median := j.observation.GetStatistics().GetMedian()
	if median == nil || !j.sawAll() {
		return
	}
	now := moneyPoint(median, zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED, j.due)
	last := j.memory.Median
	j.memory.Median = &now
	if last == nil || last.kind() != now.kind() {
		return
	}
	for _, r := range j.rules {
		if r.condition.GetKind() == zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_MEDIAN_MOVED && r.moved(*last, now) {
			e := j.event(r.condition.GetKind(), r.condition)
			e.Before, e.After = last.proto(), now.proto()
			e.ChangeRatio = changeRatio(e.Before, e.After)
			return
		}
	}
}

// first is the first condition of a kind; nil for none.
func (j *judgement) first(kind zhaohuov1.PriceEventKind) *zhaohuov1.PriceCondition {
	for _, r := range j.rules {
		if r.condition.GetKind() == kind {
			return r.condition
		}
	}
	return nil
}

// event adds an event.
func (j *judgement) event(kind zhaohuov1.PriceEventKind, condition *zhaohuov1.PriceCondition) *zhaohuov1.PriceEvent {
	e := &zhaohuov1.PriceEvent{
		WatchId: j.observation.GetWatchId(), WatchDisplayName: j.watch.GetDisplayName(), Kind: kind,
		Time: j.observation.GetFetchTime(), After: j.pointNow(), Condition: condition,
	}
	if e.Time == nil {
		e.Time = j.observation.GetDueTime()
	}
	j.events = append(j.events, e)
	return e
}

// productEvent adds an event of a product.
func (j *judgement) productEvent(condition *zhaohuov1.PriceCondition, id string, p *product) *zhaohuov1.PriceEvent {
	e := j.event(condition.GetKind(), condition)
	e.ProductId, e.Title, e.SupplierId, e.SupplierName = id, p.Title, p.Supplier.ID, p.Supplier.Name
	return e
}

// supplierEvent adds an event of a supplier.
func (j *judgement) supplierEvent(condition *zhaohuov1.PriceCondition, of offer) *zhaohuov1.PriceEvent {
	e := j.event(condition.GetKind(), condition)
	e.SupplierId, e.SupplierName = of.supplier.ID, of.supplier.Name
	return e
}

// pointNow is this observation, without a price.
func (j *judgement) pointNow() *zhaohuov1.PricePoint {
	return &zhaohuov1.PricePoint{DueTime: j.observation.GetDueTime()}
}

// seenNow is a product in this observation, with its price where it is known.
func (j *judgement) seenNow(found *zhaohuov1.ObservedPrice) *zhaohuov1.PricePoint {
	if now, known := pointOf(found, j.due); known {
		return now.proto()
	}
	return j.pointNow()
}

// observationBefore is the last observation that was compared, without a price; nil for none.
func (j *judgement) observationBefore() *zhaohuov1.PricePoint {
	if !j.memory.Compared {
		return nil
	}
	return &zhaohuov1.PricePoint{DueTime: timeOf(j.memory.LastDue)}
}

func timeOf(unixMilli int64) *timestamppb.Timestamp {
	return &timestamppb.Timestamp{Seconds: floorDiv(unixMilli, 1000), Nanos: int32(unixMilli-floorDiv(unixMilli, 1000)*1000) * 1_000_000}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
