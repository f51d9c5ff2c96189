package quota

import (
	"cmp"
	"slices"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// pausedFault is the refusal of a call. about is what is paused.
func pausedFault(p paused.Span, about string, now time.Time) error {
	return p.Refusal(fault.New(fault.UpstreamCallsPaused, "calls are paused by the operator: %s", about).WithSubject(about), now)
}

// PauseClass pauses the calls of a class until a time; zero for until it is resumed. Calls that wait are refused. Calls that have
// their permit go.
func (d *Dispatcher) PauseClass(class upstream.Class, until time.Time) paused.Span {
	now := time.Now()
	p := paused.Span{Since: now, Until: until}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pausedClasses[class] = p
	d.drain(func(w *waiter) bool { return w.request.Class == class }, pausedFault(p, "class/"+class.String(), now))
	signal(d.wake)
	return p
}

// ResumeClass ends the pause of a class, and reports whether there was one.
func (d *Dispatcher) ResumeClass(class upstream.Class) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.pausedClasses[class].On(time.Now())
	delete(d.pausedClasses, class)
	return was
}

// PauseAccount pauses an account, by its name or [OnlyAccount], until a time; zero for until it is resumed. Calls that wait and that no other account may serve are
// refused. ok is false if there is no account of this name.
func (d *Dispatcher) PauseAccount(name string, until time.Time) (p paused.Span, ok bool) {
	now := time.Now()
	p = paused.Span{Since: now, Until: until}
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.named(name)
	if a == nil {
		return paused.Span{}, false
	}
	a.paused = p
	d.drain(func(w *waiter) bool { return w.route.pausedFault(now) != nil }, pausedFault(p, "account/"+name, now))
	signal(d.wake)
	return p, true
}

// ResumeAccount ends the pause of an account, and reports whether there was one. ok is false if there is no account of this name.
func (d *Dispatcher) ResumeAccount(name string) (was, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.named(name)
	if a == nil {
		return false, false
	}
	was = a.paused.On(time.Now())
	a.paused = paused.Span{}
	signal(d.wake)
	return was, true
}

// OnlyAccount is what operators call the only account, where the settings give it no name.
const OnlyAccount = "default"

// label is the name by which operators pause the account.
func (a *account) label() string { return cmp.Or(a.Name, OnlyAccount) }

// named is the account that operators call so; nil for none.
func (d *Dispatcher) named(name string) *account {
	i := slices.IndexFunc(d.accounts, func(a *account) bool { return a.label() == name })
	if i < 0 {
		return nil
	}
	return d.accounts[i]
}

// Pauses are the pauses that hold now, of classes by their names and of accounts by theirs.
func (d *Dispatcher) Pauses() (classes map[upstream.Class]paused.Span, accounts map[string]paused.Span) {
	now := time.Now()
	classes, accounts = map[upstream.Class]paused.Span{}, map[string]paused.Span{}
	d.mu.Lock()
	defer d.mu.Unlock()
	for class, p := range d.pausedClasses {
		if p.On(now) {
			classes[class] = p
		}
	}
	for _, a := range d.accounts {
		if a.paused.On(now) {
			accounts[a.label()] = a.paused
		}
	}
	return classes, accounts
}

// pausedFault is the refusal of a call whose accounts are all paused; nil if one is not.
func (r *route) pausedFault(now time.Time) error {
	var last error
	for _, a := range r.accounts {
		if !a.paused.On(now) {
			return nil
		}
		last = pausedFault(a.paused, "account/"+a.label(), now)
	}
	return last
}
