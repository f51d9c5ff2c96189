package coalesce_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/coalesce"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	group = coalesce.Group[string, int, int]
	call  = coalesce.Call[string, int, int]
	seat  = coalesce.Waiter[string, int, int]
	work  = coalesce.Work[string, int, int]
)

// job is work of the test: it ends when it is told to, or with its context.
type job struct {
	number int
	call   *call
	end    chan struct{}
	cause  error // why its context ended; nil while it has not
}

// waiting is one who waits, as the model has it.
type waiting struct {
	name int
	seat *seat
	job  *job
}

// model is what a group should do: at most one open job a key, and who waits for it in the order they came.
type model struct {
	group group
	open  map[string]*job
	jobs  []*job
	seats []*waiting
}

func (m *model) of(j *job) (names []int) {
	for _, w := range m.seats {
		if w.job == j {
			names = append(names, w.name)
		}
	}
	return names
}

func (m *model) join(t *rapid.T, key string, name int) {
	begun := m.open[key]
	s := m.group.Join(context.Background(), key, name, func() work {
		if begun != nil {
			t.Fatalf("%s is begun again while %d is under way", key, begun.number)
		}
		begun = &job{number: len(m.jobs) + 1, end: make(chan struct{})}
		return func(ctx context.Context, c *call) int {
			begun.call = c
			if _, bounded := ctx.Deadline(); bounded {
				t.Error("the work's context has a deadline")
			}
			select {
			case <-begun.end:
			case <-ctx.Done():
				begun.cause = context.Cause(ctx)
			}
			return begun.number
		}
	})
	if first := m.open[key] == nil; s.First() != first {
		t.Fatalf("first: %v, want %v", s.First(), first)
	}
	if m.open[key] == nil {
		m.open[key] = begun
		m.jobs = append(m.jobs, begun)
	}
	m.seats = append(m.seats, &waiting{name, s, begun})
}

// closed forgets a job that nobody can join any more.
func (m *model) closed(j *job) {
	for key, other := range m.open {
		if other == j {
			delete(m.open, key)
		}
	}
}

// served takes away those who wait for a finished job, and checks what they were given.
func (m *model) served(t *rapid.T, j *job) {
	m.closed(j)
	for _, w := range m.seats {
		if w.job != j {
			continue
		}
		select {
		case <-w.seat.Done():
		default:
			t.Fatalf("%d does not hear that %d is over", w.name, j.number)
		}
		if got := w.seat.Value(); got != j.number {
			t.Fatalf("%d was given %d, want %d", w.name, got, j.number)
		}
		if w.seat.Leave() {
			t.Fatalf("%d ended a call that was finished", w.name)
		}
	}
	m.seats = slices.DeleteFunc(m.seats, func(w *waiting) bool { return w.job == j })
}

func TestAGroupDoesWhatAListOfWaitersDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var failed any
		synctest.Test(t, func(*testing.T) {
			defer func() { failed = recover() }() // rapid ends a failed try with a panic, and wants it in its own goroutine.
			checkAgainstModel(rt)
		})
		if failed != nil {
			panic(failed)
		}
	})
}

func checkAgainstModel(t *rapid.T) {
	m := &model{open: map[string]*job{}}
	names := 0
	defer func() { // Nothing is left running.
		m.group.Stop()
		synctest.Wait()
	}()
	t.Repeat(map[string]func(*rapid.T){
		"": func(t *rapid.T) {
			synctest.Wait()
			if m.group.Len() != len(m.open) {
				t.Fatalf("%d calls are open, want %d", m.group.Len(), len(m.open))
			}
			for key, j := range m.open {
				if got, want := j.call.Waiting(), m.of(j); !slices.Equal(got, want) || j.cause != nil {
					t.Fatalf("%s: %v wait and the context ended with %v, want %v", key, got, j.cause, want)
				}
			}
		},
		"join": func(t *rapid.T) {
			names++
			m.join(t, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"), names)
		},
		"leave": func(t *rapid.T) {
			if len(m.seats) == 0 {
				return
			}
			i := rapid.IntRange(0, len(m.seats)-1).Draw(t, "who")
			w := m.seats[i]
			m.seats = slices.Delete(m.seats, i, i+1)
			last := len(m.of(w.job)) == 0
			if w.seat.Leave() != last || w.seat.Leave() {
				t.Fatalf("%d is told wrongly whether it was the last one", w.name)
			}
			synctest.Wait()
			if last {
				m.closed(w.job)
			}
			if abandoned := errors.Is(w.job.cause, coalesce.ErrAbandoned); abandoned != last {
				t.Fatalf("%d left: abandoned %v, want %v", w.name, abandoned, last)
			}
		},
		"finish": func(t *rapid.T) {
			for _, j := range m.open {
				close(j.end)
				synctest.Wait()
				m.served(t, j)
				return
			}
		},
		"stop": func(t *rapid.T) {
			m.group.Stop()
			synctest.Wait()
			for _, j := range m.open {
				if !errors.Is(j.cause, coalesce.ErrStopped) {
					t.Fatalf("%d ended with %v", j.number, j.cause)
				}
				m.served(t, j)
			}
		},
	})
}

// Who watches a call hears of everybody who comes or leaves, and of what changed about one who waits.
func TestChangesReachEveryWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g group
		changes, watched := 0, make(chan func(), 1)
		begin := func() work {
			return func(ctx context.Context, c *call) int {
				watched <- c.Watch(func() { changes++ })
				<-ctx.Done()
				return 0
			}
		}
		first := g.Join(t.Context(), "k", 1, begin)
		stop := <-watched
		steps := []func(){
			func() { g.Join(t.Context(), "k", 2, begin) },
			first.Changed,
			func() { first.Leave() },
			func() { first.Leave() }, // It has left already.
			stop,
			func() { g.Join(t.Context(), "k", 3, begin) }, // Nobody watches any more.
		}
		want := []int{1, 2, 3, 3, 3, 3}
		for i, step := range steps {
			if step(); changes != want[i] {
				t.Errorf("step %d: told of %d changes, want %d", i+1, changes, want[i])
			}
		}
		g.Stop()
	})
}

func TestNothingIsBegunWhereThereIsNothingToDo(t *testing.T) {
	var g group
	if s := g.Join(t.Context(), "k", 1, func() work { return nil }); s != nil || g.Len() != 0 {
		t.Errorf("got %v, %d calls are open", s, g.Len())
	}
	g.Go = func(func()) bool { return false }
	if s := g.Join(t.Context(), "k", 1, func() work { return func(context.Context, *call) int { return 0 } }); s != nil || g.Len() != 0 {
		t.Errorf("got %v, %d calls are open", s, g.Len())
	}
}

type nameKey struct{}

// A call has the values of the context it was begun with, and not its end.
func TestACallsContextIsNobodys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g group
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), nameKey{}, 7), time.Second)
		defer cancel()
		s := g.Join(ctx, "k", 1, func() work {
			return func(ctx context.Context, _ *call) int {
				time.Sleep(time.Minute)
				if ctx.Err() != nil {
					return 0
				}
				return ctx.Value(nameKey{}).(int)
			}
		})
		<-s.Done()
		if got := s.Value(); got != 7 {
			t.Errorf("got %d", got)
		}
	})
}
