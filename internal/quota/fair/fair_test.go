package fair_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota/fair"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func any1(string) bool { return true }

// backlog is callers with their numbers of waiting calls.
type backlog []struct {
	demand upstream.Demand
	calls  int
}

func (b backlog) queue() *fair.Queue[string] {
	q := fair.New[string]()
	for _, row := range b {
		for range row.calls {
			q.Push(row.demand, "search", row.demand.Class.String()+" "+row.demand.Caller)
		}
	}
	return q
}

// served counts the callers of the next grants.
func served(q *fair.Queue[string], turns int) map[string]int {
	got := map[string]int{}
	for range turns {
		t := q.Next(any1)
		if t == nil {
			break
		}
		q.Take(t, any1)
		got[t.Of]++
	}
	return got
}

func TestShares(t *testing.T) {
	interactive := func(caller string, weight float64) upstream.Demand {
		return upstream.Demand{Caller: caller, Weight: weight}
	}
	batch := func(caller string) upstream.Demand {
		return upstream.Demand{Class: upstream.Batch, Caller: caller}
	}
	for _, tc := range []struct {
		name    string
		backlog backlog
		turns   int
		want    map[string]int
	}{
		{"alone", backlog{{interactive("a", 1), 5}}, 3, map[string]int{"interactive a": 3}},
		{"equal weights", backlog{{interactive("a", 1), 100}, {interactive("b", 0), 100}}, 50, map[string]int{"interactive a": 25, "interactive b": 25}},
		{"weights 1 and 3", backlog{{interactive("a", 1), 100}, {interactive("b", 3), 100}}, 40, map[string]int{"interactive a": 10, "interactive b": 30}},
		{"weights 1, 2 and 5", backlog{{interactive("a", 1), 100}, {interactive("b", 2), 100}, {interactive("c", 5), 100}}, 80, map[string]int{"interactive a": 10, "interactive b": 20, "interactive c": 50}},
		{"one of ten thousand against one", backlog{{interactive("a", 1), 10_000}, {interactive("b", 1), 1}}, 2, map[string]int{"interactive a": 1, "interactive b": 1}},
		{"batch keeps a tenth", backlog{{batch("a"), 100}, {interactive("b", 1), 100}}, 100, map[string]int{"batch a": 10, "interactive b": 90}},
		{"batch takes what is left", backlog{{batch("a"), 100}, {interactive("b", 1), 5}}, 50, map[string]int{"batch a": 45, "interactive b": 5}},
		{"one name in both classes", backlog{{batch("a"), 100}, {interactive("a", 1), 100}, {batch("b"), 100}}, 100, map[string]int{"batch a": 5, "batch b": 5, "interactive a": 90}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, served(tc.backlog.queue(), tc.turns)); diff != "" {
				t.Errorf("grants (-want +got):\n%s", diff)
			}
		})
	}
}

// TestComingAndGoing: a caller who always has one waiting call does not push aside a caller with a long line.
func TestComingAndGoing(t *testing.T) {
	q := backlog{{upstream.Demand{Caller: "line"}, 100}}.queue()
	single := upstream.Demand{Caller: "single"}
	q.Push(single, "search", "single")
	got := map[string]int{}
	for range 100 {
		ticket := q.Next(any1)
		q.Take(ticket, any1)
		got[ticket.Of]++
		if ticket.Of == "single" {
			q.Push(single, "search", "single")
		}
	}
	if diff := cmp.Diff(map[string]int{"interactive line": 50, "single": 50}, got); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

func TestPassedOver(t *testing.T) {
	q := fair.New[string]()
	q.Push(upstream.Demand{Caller: "a"}, "product", "a product")
	q.Push(upstream.Demand{Caller: "a"}, "search", "a search")
	q.Push(upstream.Demand{Caller: "b", Class: upstream.Batch}, "search", "b search")
	search := func(api string) bool { return api == "search" }
	var got []string
	for _, ready := range []func(string) bool{search, search, search, any1} {
		ticket := q.Next(ready)
		if ticket == nil {
			got = append(got, "nobody")
			continue
		}
		q.Take(ticket, ready)
		got = append(got, ticket.Of)
	}
	if diff := cmp.Diff([]string{"a search", "b search", "nobody", "a product"}, got); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

func TestFits(t *testing.T) {
	q := fair.New[int]()
	fill := func(d upstream.Demand) int {
		n := 0
		for q.Fits(d, 90) {
			q.Push(d, "search", n)
			n++
		}
		return n
	}
	got := []int{
		fill(upstream.Demand{Caller: "a"}), fill(upstream.Demand{Caller: "b"}), fill(upstream.Demand{Caller: "c"}),
		fill(upstream.Demand{Caller: "a", Class: upstream.Batch}),
	}
	if diff := cmp.Diff([]int{45, 23, 11, 45}, got); diff != "" {
		t.Errorf("admitted (-want +got):\n%s", diff)
	}
}

// TestAheadIsExact: if nobody comes or leaves, the predicted number of grants is exact.
func TestAheadIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := fair.New[string]()
		demand := rapid.Custom(func(t *rapid.T) upstream.Demand {
			return upstream.Demand{
				Class:  upstream.Class(rapid.IntRange(0, 1).Draw(t, "class")),
				Caller: rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "caller"),
				Weight: 1,
			}
		})
		for range rapid.IntRange(0, 60).Draw(t, "calls") {
			q.Push(demand.Draw(t, "d"), "search", "")
			if rapid.IntRange(0, 3).Draw(t, "serve") == 0 {
				q.Take(q.Next(any1), any1)
			}
		}
		d := demand.Draw(t, "mine")
		want, same := q.Ahead(d, "search")
		if same != want {
			t.Fatalf("all %d, same API %d, with one API only", want, same)
		}
		mine := q.Push(d, "search", "mine")
		for got := 0; ; got++ {
			next := q.Next(any1)
			if next == mine {
				if got != want {
					t.Fatalf("%d grants came before, predicted were %d", got, want)
				}
				return
			}
			q.Take(next, any1)
		}
	})
}

// TestAgainstModel compares the queue with a model that scans all waiting calls.
func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, m := fair.New[int](), newModel()
		tickets := map[int]*fair.Ticket[int]{}
		apis := []string{"x", "y", "z"}
		weights := map[string]float64{"a": 1, "b": 2, "c": 0.5, "d": 4}
		id := 0
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				caller := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "caller")
				d := upstream.Demand{Class: upstream.Class(rapid.IntRange(0, 1).Draw(t, "class")), Caller: caller, Weight: weights[caller]}
				api := rapid.SampledFrom(apis).Draw(t, "api")
				id++
				tickets[id] = q.Push(d, api, id)
				m.push(d, api, id)
			},
			"turn": func(t *rapid.T) {
				ready := map[string]bool{}
				for _, api := range apis {
					ready[api] = rapid.IntRange(0, 3).Draw(t, api) > 0
				}
				is := func(api string) bool { return ready[api] }
				want := m.turn(is)
				ticket := q.Next(is)
				got := 0
				if ticket != nil {
					got = ticket.Of
					q.Take(ticket, is)
					delete(tickets, got)
				}
				if got != want {
					t.Fatalf("granted to %d, want %d", got, want)
				}
			},
			"leave": func(t *rapid.T) {
				if len(m.waiting) == 0 {
					return
				}
				gone := m.waiting[rapid.IntRange(0, len(m.waiting)-1).Draw(t, "who")].id
				m.leave(gone)
				q.Remove(tickets[gone])
				q.Remove(tickets[gone]) // Removing twice has no effect.
			},
			"": func(t *rapid.T) {
				if q.Len() != len(m.waiting) {
					t.Fatalf("%d wait, want %d", q.Len(), len(m.waiting))
				}
			},
		})
	})
}

type modelCall struct {
	id     int
	class  upstream.Class
	caller string
	api    string
	weight float64
}

type modelFlow struct {
	class  upstream.Class
	caller string
}

// model keeps the waiting calls in order of arrival.
type model struct {
	waiting []modelCall
	pass    map[modelFlow]float64
	now     [2]float64
	passed  int
}

func newModel() *model { return &model{pass: map[modelFlow]float64{}} }

func (m *model) key(c modelCall) modelFlow { return modelFlow{c.class, c.caller} }

func (m *model) push(d upstream.Demand, api string, id int) {
	c := modelCall{id, d.Class, d.Caller, api, d.Weight}
	idle := true
	for _, w := range m.waiting {
		idle = idle && m.key(w) != m.key(c)
	}
	if idle {
		m.pass[m.key(c)] = max(m.pass[m.key(c)], m.now[c.class])
	}
	m.waiting = append(m.waiting, c)
}

func (m *model) best(class upstream.Class, ready func(string) bool) int {
	best := -1
	for i, c := range m.waiting {
		if c.class == class && ready(c.api) && (best < 0 || m.pass[m.key(c)] < m.pass[m.key(m.waiting[best])]) {
			best = i
		}
	}
	return best
}

func (m *model) turn(ready func(string) bool) int {
	urgent, patient := m.best(upstream.Interactive, ready), m.best(upstream.Batch, ready)
	i := urgent
	switch {
	case urgent < 0 && patient < 0:
		return 0
	case urgent < 0 || patient >= 0 && m.passed >= 9:
		i, m.passed = patient, 0
	case patient >= 0:
		m.passed++
	}
	c := m.waiting[i]
	m.now[c.class] = max(m.now[c.class], m.pass[m.key(c)])
	m.pass[m.key(c)] += 1 / c.weight
	m.leave(c.id)
	return c.id
}

func (m *model) leave(id int) {
	rest := m.waiting[:0]
	var class upstream.Class
	for _, c := range m.waiting {
		if c.id == id {
			class = c.class
			continue
		}
		rest = append(rest, c)
	}
	m.waiting = rest
	for _, c := range rest {
		if c.class == class {
			return
		}
	}
	m.now[class] = 0
	for key := range m.pass {
		if key.class == class {
			delete(m.pass, key)
		}
	}
}

func BenchmarkTurnAmong10000Callers(b *testing.B) {
	q := fair.New[int]()
	for i := range 10_000 {
		q.Push(upstream.Demand{Caller: fmt.Sprint(i)}, "search", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		t := q.Next(any1)
		q.Take(t, any1)
		q.Push(upstream.Demand{Caller: fmt.Sprint(t.Of)}, "search", t.Of)
	}
}
