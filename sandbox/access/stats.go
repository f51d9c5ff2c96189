package access

import (
	"maps"
	"sync"
	"time"
)

// Stats counts what reached the platform. Every request counts once as an arrival. Codes counts how requests were answered.
type Stats struct {
	// Arrivals counts requests of either dialect. Throttled counts those refused for a rate, QuotaRefused those refused for
	// a day's limit or a package.
	Arrivals int64 `json:"arrivals"`
	// FirstArrival and LastArrival are the times of the first and the last of them.
	FirstArrival time.Time `json:"firstArrival,omitzero"`
	LastArrival  time.Time `json:"lastArrival,omitzero"`

	Throttled    int64 `json:"throttled"`
	QuotaRefused int64 `json:"quotaRefused"`
	// Admitted counts calls that passed every check of access control.
	Admitted int64 `json:"admitted"`
	// Departures counts callers who disconnected before their answer was complete.
	Departures int64 `json:"departures"`
	// InFlight counts requests in flight now; MostInFlight is its highest value.
	Active     int64 `json:"inFlight"`
	MostActive int64 `json:"mostInFlight"`
	// BusiestSecond is the largest number of arrivals of one app in any sliding second, refused ones included.
	BusiestSecond map[string]int `json:"busiestSecond,omitempty"`
	// APIs counts admitted calls by API; Codes counts answers by their code ("ok", "gw.ParamMissing", "25").
	APIs  map[string]int64 `json:"apis,omitempty"`
	Codes map[string]int64 `json:"codes,omitempty"`
}

// Book records the statistics. The zero value is ready. It is safe for concurrent use.
type Book struct {
	mu       sync.Mutex
	s        Stats
	arrivals map[string]*window
}

// Arrive records the arrival of a request and returns its time. The time is read under the lock, so times rise in the order
// of arrival.
func (b *Book) Arrive(clock func() time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.s.Arrivals++
	b.s.Active++
	b.s.MostActive = max(b.s.MostActive, b.s.Active)
	now := clock()
	if b.s.FirstArrival.IsZero() {
		b.s.FirstArrival = now
	}
	b.s.LastArrival = now
	return now
}

// Known counts an arrival for a registered app.
func (b *Book) Known(app string, arrived time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.arrivals == nil {
		b.arrivals = make(map[string]*window)
		b.s.BusiestSecond = make(map[string]int)
	}
	w, ok := b.arrivals[app]
	if !ok {
		w = new(window)
		b.arrivals[app] = w
	}
	b.s.BusiestSecond[app] = max(b.s.BusiestSecond[app], w.add(arrived))
}

// Judge records the verdict on a call.
func (b *Book) Judge(api string, v Verdict) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch v {
	case TooFast, APITooFast:
		b.s.Throttled++
	case DayUsedUp, PackageUsedUp:
		b.s.QuotaRefused++
	default:
		b.s.Admitted++
		count(&b.s.APIs, api)
	}
}

// Leave records the end of a request: its code, and whether the caller had disconnected.
func (b *Book) Leave(code string, departed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.s.Active--
	if departed {
		b.s.Departures++
		return
	}
	count(&b.s.Codes, code)
}

func count(m *map[string]int64, key string) {
	if *m == nil {
		*m = make(map[string]int64)
	}
	(*m)[key]++
}

// Read returns a copy of the statistics.
func (b *Book) Read() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.s
	s.BusiestSecond = maps.Clone(s.BusiestSecond)
	s.APIs = maps.Clone(s.APIs)
	s.Codes = maps.Clone(s.Codes)
	return s
}
