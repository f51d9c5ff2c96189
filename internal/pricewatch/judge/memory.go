package judge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	// memoryVersion is the form of the memory. Memory of another form counts as none.
	memoryVersion = 1
	// remembered is how long prices and products that are gone are remembered: the longest window of a condition.
	remembered = 90 * 24 * time.Hour
	// productsMost is how many products are remembered. Beyond it, those are forgotten that are gone the longest.
	productsMost = 2000
	// pricesMost is how many prices of one product are remembered. A history holds only prices that are lower than all later
	// ones, so only a price that rises again and again needs that many. Beyond it, the oldest are forgotten.
	pricesMost = 1000
)

// memory is what is kept from one observation to the next.
type memory struct {
	Version int `json:"version"`
	// Failures are the failed observations in a row, and Failing that they were reported.
	Failures   int   `json:"failures,omitempty"`
	Failing    bool  `json:"failing,omitempty"`
	LastFailed int64 `json:"last_failed,omitempty"`
	compared
}

// compared is what is kept of observations that are compared with each other: of one target, from 1688 or the sandbox.
type compared struct {
	Target  string `json:"target,omitempty"`
	Sandbox bool   `json:"sandbox,omitempty"`
	// Compared tells that there was an observation, and LastDue when the last one was due.
	Compared bool                `json:"compared,omitempty"`
	LastDue  int64               `json:"last_due,omitempty"`
	Median   *point              `json:"median,omitempty"`
	Products map[string]*product `json:"products,omitempty"`
}

// product is what is known of a product.
type product struct {
	Title    string   `json:"title,omitempty"`
	Supplier supplier `json:"supplier"`
	// Seen is when the last observation that found it was due.
	Seen     int64 `json:"seen"`
	Absences int   `json:"absences,omitempty"`
	Gone     bool  `json:"gone,omitempty"`
	// Prices are its prices; the kind whose price is known last stands last.
	Prices []history `json:"prices,omitempty"`
}

// supplier names a supplier. Lists often know only the name.
type supplier struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// load reads memory. What cannot be read is no memory.
func load(saved []byte) *memory {
	m := &memory{}
	if json.Unmarshal(saved, m) != nil || m.Version != memoryVersion || !m.sound() {
		return &memory{Version: memoryVersion}
	}
	return m
}

// sound reports whether memory holds nothing that this package does not write.
func (m *memory) sound() bool {
	for _, p := range m.Products {
		if p == nil || slices.ContainsFunc(p.Prices, func(h history) bool { return !h.sound() }) {
			return false
		}
	}
	return true
}

func (m *memory) save() ([]byte, error) { return json.Marshal(m) }

// startAnewUnlessSame forgets observations of another target or from another source.
func (m *memory) startAnewUnlessSame(target string, sandbox bool) {
	if !m.Compared || m.Target != target || m.Sandbox != sandbox {
		m.compared = compared{Target: target, Sandbox: sandbox}
	}
}

// fingerprint names the target of a watch.
func fingerprint(watch *zhaohuov1.PriceWatch) string {
	target := &zhaohuov1.PriceWatch{Target: watch.GetTarget()}
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(target)
	if err != nil {
		return "" // Text that is not UTF-8: no door lets it in.
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// product is the memory of a product, new if there is none.
func (m *memory) product(id string) *product {
	p := m.Products[id]
	if p == nil {
		if m.Products == nil {
			m.Products = map[string]*product{}
		}
		p = &product{}
		m.Products[id] = p
	}
	return p
}

// ids are the products' ids, sorted.
func (m *memory) ids() []string { return slices.Sorted(maps.Keys(m.Products)) }

// forget drops what is too old or too much.
func (m *memory) forget(now int64) {
	oldest := now - remembered.Milliseconds()
	maps.DeleteFunc(m.Products, func(_ string, p *product) bool { return p.Gone && p.Seen < oldest })
	for _, p := range m.Products {
		for i := range p.Prices {
			p.Prices[i] = p.Prices[i].recent()
		}
	}
	tooMany := len(m.Products) - productsMost
	if tooMany <= 0 {
		return
	}
	gone := slices.DeleteFunc(m.ids(), func(id string) bool { return !m.Products[id].Gone })
	slices.SortStableFunc(gone, func(a, b string) int { return int(m.Products[a].Seen - m.Products[b].Seen) })
	for _, id := range gone[:min(tooMany, len(gone))] {
		delete(m.Products, id)
	}
}

// see takes over what an observation says of a product beside its price.
func (p *product) see(found *zhaohuov1.ObservedPrice, due int64) {
	p.Seen, p.Absences, p.Gone = due, 0, false
	if found.GetTitle() != "" {
		p.Title = found.GetTitle()
	}
	p.Supplier = p.Supplier.learn(supplier{found.GetSupplierId(), found.GetSupplierName()})
}

// learn is the supplier after an observation that says less or more. What it does not say stays, unless it names another
// supplier.
func (s supplier) learn(said supplier) supplier {
	if said.ID == "" && said.Name == "" {
		return s
	}
	if s.ID != "" && said.ID != "" && s.ID != said.ID {
		return said
	}
	if said.ID == "" && s.Name != "" && s.Name != said.Name {
		return said
	}
	if said.ID != "" {
		s.ID = said.ID
	}
	if said.Name != "" {
		s.Name = said.Name
	}
	return s
}

// last is the last known price, or when the product was seen if there is none.
func (p *product) last() point {
	if len(p.Prices) > 0 {
		if last, ok := p.Prices[len(p.Prices)-1].last(); ok {
			return last
		}
	}
	return point{Due: p.Seen}
}

// history is the product's prices of a kind.
func (p *product) history(of kind) history {
	for _, h := range p.Prices {
		if last, ok := h.last(); ok && last.kind() == of {
			return h
		}
	}
	return nil
}

// price adds a price, which is the last known one from now on.
func (p *product) price(now point) {
	h := p.history(now.kind())
	p.Prices = slices.DeleteFunc(p.Prices, func(h history) bool { last, ok := h.last(); return !ok || last.kind() == now.kind() })
	p.Prices = append(p.Prices, h.add(now))
}
