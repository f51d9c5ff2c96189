package callers

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
)

// Pause pauses a caller until a time; zero for until it is resumed. ok is false if no entry has this name.
func (k *Keyring) Pause(name string, until time.Time) (p paused.Span, ok bool) {
	if _, ok := k.Named(name); !ok {
		return paused.Span{}, false
	}
	p = paused.Span{Since: time.Now(), Until: until}
	k.change(func(all map[string]paused.Span) { all[name] = p })
	return p, true
}

// Resume ends the pause of a caller, and reports whether there was one. ok is false if no entry has this name.
func (k *Keyring) Resume(name string) (was, ok bool) {
	if _, ok := k.Named(name); !ok {
		return false, false
	}
	was = k.Pauses()[name].On(time.Now())
	k.change(func(all map[string]paused.Span) { delete(all, name) })
	return was, true
}

// change stores a changed copy: requests read without a lock.
func (k *Keyring) change(how func(all map[string]paused.Span)) {
	k.changing.Lock()
	defer k.changing.Unlock()
	all := maps.Clone(k.Pauses())
	how(all)
	k.paused.Store(&all)
}

// Pauses are the pauses by caller, also those that have ended. The map must not be changed.
func (k *Keyring) Pauses() map[string]paused.Span { return *k.paused.Load() }

// Entries are all entries, by name.
func (k *Keyring) Entries() []Entry {
	all := slices.Clone(k.all())
	slices.SortStableFunc(all, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	now, pauses := time.Now(), k.Pauses()
	for i := range all {
		if p := pauses[all[i].Name]; p.On(now) {
			all[i].Pause = p
		}
	}
	return all
}
