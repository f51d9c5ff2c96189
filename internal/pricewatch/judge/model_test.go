package judge_test

import (
	"cmp"
	"math/big"
	"slices"
	"strconv"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// model keeps every observation and answers each question by looking through all of them. It is slow and plain, and
// shares nothing with the package but the contract.
type model struct {
	watch *zhaohuov1.PriceWatch
	all   []*zhaohuov1.PriceObservation
}

// sight is a product in one observation.
type sight struct {
	due   time.Time
	found *zhaohuov1.ObservedPrice
}

// observe adds an observation and gives its events in short, as tell does.
func (m *model) observe(o *zhaohuov1.PriceObservation) []string {
	m.all = append(m.all, o)
	if o.GetError() != nil {
		return m.failed()
	}
	past := m.comparable()
	var events []string
	if n := m.failedBefore(len(m.all) - 1); n >= 3 {
		events = append(events, "WATCH_RECOVERED "+number(m.all[len(m.all)-2].GetDueTime().AsTime())+" > "+number(o.GetDueTime().AsTime()))
	}
	now := append(slices.Clone(past), o)
	for _, p := range o.GetProducts() {
		events = append(events, m.product(past, o, p)...)
	}
	for _, id := range idsOf(past) {
		if m.has(gone) != nil && !m.isGone(past, id) && m.isGone(now, id) {
			events = append(events, "PRODUCT_GONE "+id+" "+lastKnown(past, id).text()+" > "+number(o.GetDueTime().AsTime()))
		}
	}
	if len(past) > 0 {
		events = append(events, m.cheapest(past, now)...)
		events = append(events, m.suppliers(past, now)...)
		events = append(events, m.median(past, now)...)
	}
	return events
}

// failedBefore is how many observations in a row failed before the n-th.
func (m *model) failedBefore(n int) int {
	count := 0
	for i := n - 1; i >= 0 && m.all[i].GetError() != nil; i-- {
		count++
	}
	return count
}

func (m *model) failed() []string {
	last := len(m.all) - 1
	if m.failedBefore(last) != 2 {
		return nil
	}
	before := "nothing"
	for _, o := range m.all[:last] {
		if o.GetError() == nil {
			before = number(o.GetDueTime().AsTime())
		}
	}
	return []string{"WATCH_FAILING " + before + " > " + number(m.all[last].GetDueTime().AsTime())}
}

// comparable are the observations before the last one that it may be compared with: those that succeeded, back to the last
// change of the source.
func (m *model) comparable() []*zhaohuov1.PriceObservation {
	now := m.all[len(m.all)-1]
	var past []*zhaohuov1.PriceObservation
	for _, o := range slices.Backward(m.all[:len(m.all)-1]) {
		if o.GetError() != nil {
			continue
		}
		if o.GetSource() != now.GetSource() {
			break
		}
		past = append(past, o)
	}
	slices.Reverse(past)
	return past
}

func (m *model) has(kind zhaohuov1.PriceEventKind) *zhaohuov1.PriceCondition {
	for _, c := range m.watch.GetConditions() {
		if c.GetKind() == kind {
			return c
		}
	}
	return nil
}

// sights are all sights of a product, and priced those with a price of one basis.
func sights(past []*zhaohuov1.PriceObservation, id string) []sight {
	var all []sight
	for _, o := range past {
		for _, p := range o.GetProducts() {
			if p.GetProductId() == id {
				all = append(all, sight{o.GetDueTime().AsTime(), p})
			}
		}
	}
	return all
}

func priced(past []*zhaohuov1.PriceObservation, id string, basis zhaohuov1.PriceBasis) []sight {
	return slices.DeleteFunc(sights(past, id), func(s sight) bool { return s.found.GetPrice() == nil || s.found.GetPriceBasis() != basis })
}

func (s sight) nanos() int64 {
	amount, _ := money.Of(s.found.GetPrice())
	return int64(amount)
}

func (s sight) text() string {
	if s.found.GetPrice() == nil {
		return number(s.due)
	}
	return number(s.due) + " " + money.Amount(s.nanos()).String()
}

func number(due time.Time) string {
	return "#" + strconv.Itoa(int(due.Sub(begin())/(10*time.Minute)))
}

func idsOf(past []*zhaohuov1.PriceObservation) []string {
	var ids []string
	for _, o := range past {
		for _, p := range o.GetProducts() {
			ids = append(ids, p.GetProductId())
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// isGone looks back from the end: how many observations could have found the product and did not?
func (m *model) isGone(past []*zhaohuov1.PriceObservation, id string) bool {
	absences, needed := 0, 1
	if m.watch.GetComparison() != nil {
		needed = 2
	}
	for _, o := range slices.Backward(past) {
		switch {
		case len(sights([]*zhaohuov1.PriceObservation{o}, id)) > 0:
			return absences >= needed
		case slices.Contains(o.GetUnseen(), "keyword_search"), slices.Contains(o.GetUnseen(), id):
		default:
			absences++
		}
	}
	return false
}

// lastKnown is the last sight with a price, or the last one if none has.
func lastKnown(past []*zhaohuov1.PriceObservation, id string) sight {
	all := sights(past, id)
	for _, s := range slices.Backward(all) {
		if s.found.GetPrice() != nil {
			return s
		}
	}
	return all[len(all)-1]
}

// product gives the events of a product that was found.
func (m *model) product(past []*zhaohuov1.PriceObservation, o *zhaohuov1.PriceObservation, p *zhaohuov1.ObservedPrice) []string {
	now := sight{o.GetDueTime().AsTime(), p}
	var events []string
	if m.has(back) != nil && m.isGone(past, p.GetProductId()) {
		before := lastKnown(past, p.GetProductId())
		text := "PRODUCT_BACK " + p.GetProductId() + " " + before.text() + " > " + now.text()
		if p.GetPrice() != nil && before.found.GetPrice() != nil && before.found.GetPriceBasis() == p.GetPriceBasis() {
			text += ratio(before.nanos(), now.nanos())
		}
		events = append(events, text)
	}
	if p.GetPrice() == nil {
		return events
	}
	before := priced(past, p.GetProductId(), p.GetPriceBasis())
	for _, kind := range []zhaohuov1.PriceEventKind{fell, rose} {
		for _, c := range m.watch.GetConditions() {
			if c.GetKind() != kind {
				continue
			}
			if base, baseDue, ok := happens(c, before, now); ok {
				name := map[zhaohuov1.PriceEventKind]string{fell: "PRICE_FELL ", rose: "PRICE_ROSE "}[kind]
				events = append(events, name+p.GetProductId()+" "+number(baseDue)+" "+money.Amount(base).String()+" > "+now.text()+ratio(base, now.nanos()))
				break
			}
		}
	}
	return events
}

// happens reports whether a condition holds of a price after others of its basis, and what it is compared with.
func happens(c *zhaohuov1.PriceCondition, before []sight, now sight) (base int64, due time.Time, ok bool) {
	if len(before) == 0 {
		return 0, time.Time{}, false
	}
	last := before[len(before)-1]
	switch c.GetBaseline() {
	case zhaohuov1.PriceBaseline_PRICE_BASELINE_REFERENCE_PRICE:
		amount, _ := money.Parse(c.GetReferencePrice())
		return int64(amount), last.due, enough(c, int64(amount), now.nanos()) && !enough(c, int64(amount), last.nanos())
	case zhaohuov1.PriceBaseline_PRICE_BASELINE_WINDOW_LOWEST:
		lowest, ok := lowestIn(before, now.due.Add(-c.GetWindow().AsDuration()))
		if !ok || !enough(c, lowest.nanos(), now.nanos()) {
			return 0, time.Time{}, false
		}
		if c.GetKind() == rose {
			of, ok := lowestIn(before[:len(before)-1], last.due.Add(-c.GetWindow().AsDuration()))
			if ok && enough(c, of.nanos(), last.nanos()) {
				return 0, time.Time{}, false
			}
		}
		return lowest.nanos(), lowest.due, true
	}
	return last.nanos(), last.due, enough(c, last.nanos(), now.nanos())
}

// lowestIn is the lowest of the prices since a time, of equal ones the latest.
func lowestIn(all []sight, since time.Time) (sight, bool) {
	all = slices.DeleteFunc(slices.Clone(all), func(s sight) bool { return s.due.Before(since) })
	if len(all) == 0 {
		return sight{}, false
	}
	slices.Reverse(all)
	return slices.MinFunc(all, func(a, b sight) int { return cmp.Compare(a.nanos(), b.nanos()) }), true
}

// enough reports whether a change goes the way of the condition and is large enough.
func enough(c *zhaohuov1.PriceCondition, from, to int64) bool {
	change := to - from
	if c.GetKind() == fell {
		change = -change
	}
	if c.GetKind() == moved {
		change = max(change, -change)
	}
	if change <= 0 {
		return false
	}
	switch least := c.GetLeastChange().(type) {
	case *zhaohuov1.PriceCondition_Ratio:
		part := new(big.Rat)
		part.SetString(strconv.FormatFloat(least.Ratio, 'f', -1, 64))
		return big.NewRat(change, 1).Cmp(part.Mul(part, big.NewRat(from, 1))) >= 0
	case *zhaohuov1.PriceCondition_Amount:
		amount, _ := money.Parse(least.Amount)
		return change >= int64(amount)
	}
	return true
}

func ratio(from, to int64) string {
	value, _ := big.NewRat(to-from, from).Float64()
	return " " + strconv.FormatFloat(value, 'g', -1, 64)
}

// there are the products that are not gone, with what is known of each last.
func (m *model) there(past []*zhaohuov1.PriceObservation) map[string]sight {
	there := map[string]sight{}
	for _, id := range idsOf(past) {
		if !m.isGone(past, id) {
			there[id] = lastKnown(past, id)
		}
	}
	return there
}

func (m *model) cheapest(past, now []*zhaohuov1.PriceObservation) []string {
	lowest := func(there map[string]sight) (best string) {
		for id, s := range there {
			if s.found.GetPrice() != nil && (best == "" || cmp.Or(cmp.Compare(s.nanos(), there[best].nanos()), cmp.Compare(id, best)) < 0) {
				best = id
			}
		}
		return best
	}
	thereBefore, thereNow := m.there(past), m.there(now)
	a, b := lowest(thereBefore), lowest(thereNow)
	if m.has(cheapest) == nil || a == "" || b == "" || a == b {
		return nil
	}
	was, is := thereBefore[a], thereNow[b]
	if was.found.GetPriceBasis() != is.found.GetPriceBasis() || is.nanos() >= was.nanos() {
		return nil
	}
	return []string{"NEW_CHEAPEST " + b + " " + a + was.text() + " > " + b + is.text() + ratio(was.nanos(), is.nanos())}
}

func (m *model) suppliers(past, now []*zhaohuov1.PriceObservation) []string {
	last, due := past[len(past)-1].GetDueTime().AsTime(), now[len(now)-1].GetDueTime().AsTime()
	thereBefore, thereNow := m.bySupplier(past), m.bySupplier(now)
	var events []string
	for _, name := range []string{"A", "B", "C"} {
		after, is := thereNow[name]
		if _, was := thereBefore[name]; is && !was && m.has(appeared) != nil {
			events = append(events, "SUPPLIER_APPEARED "+name+" "+number(last)+" > "+after.text())
		}
	}
	for _, name := range []string{"A", "B", "C"} {
		before, was := thereBefore[name]
		if _, is := thereNow[name]; was && !is && m.has(left) != nil {
			events = append(events, "SUPPLIER_LEFT "+name+" "+before.text()+" > "+number(due))
		}
	}
	return events
}

// bySupplier is the cheapest of each supplier's products that are there. In the model a supplier is its name, and a product's
// supplier is the last one that was said.
func (m *model) bySupplier(past []*zhaohuov1.PriceObservation) map[string]sight {
	groups := map[string]sight{}
	ids := map[string]string{}
	for id, s := range m.there(past) {
		name := ""
		for _, of := range sights(past, id) {
			name = cmp.Or(of.found.GetSupplierName(), name)
		}
		if name == "" {
			continue
		}
		best, taken := groups[name]
		known, bestKnown := s.found.GetPrice() != nil, best.found.GetPrice() != nil
		switch {
		case !taken, known && !bestKnown:
		case !known && bestKnown, cmp.Or(cmp.Compare(s.nanos(), best.nanos()), cmp.Compare(id, ids[name])) > 0:
			continue
		}
		groups[name], ids[name] = s, id
	}
	return groups
}

func (m *model) median(past, now []*zhaohuov1.PriceObservation) []string {
	o := now[len(now)-1]
	full := func(n int) bool {
		o := now[n]
		there := m.there(now[:n+1])
		return o.GetStatistics().GetMedian() != nil && !slices.ContainsFunc(o.GetUnseen(), func(part string) bool {
			_, offered := there[part]
			return offered || part == "keyword_search"
		})
	}
	if !full(len(past)) {
		return nil
	}
	for n, before := range slices.Backward(past) {
		if !full(n) {
			continue
		}
		from, _ := money.Of(before.GetStatistics().GetMedian())
		to, _ := money.Of(o.GetStatistics().GetMedian())
		for _, c := range m.watch.GetConditions() {
			if c.GetKind() == moved && enough(c, int64(from), int64(to)) {
				return []string{"MEDIAN_MOVED " + number(before.GetDueTime().AsTime()) + " " + from.String() + " > " + number(o.GetDueTime().AsTime()) + " " + to.String() + ratio(int64(from), int64(to))}
			}
		}
		return nil
	}
	return nil
}
