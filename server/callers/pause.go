package callers

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Pause is that an operator has paused a caller.
type Pause struct {
	// Since is when it began. Until is when it ends; zero for when it is resumed.
	Since, Until time.Time
}

// on reports whether the pause holds.
func (p Pause) on(now time.Time) bool {
	return !p.Since.IsZero() && (p.Until.IsZero() || p.Until.After(now))
}

// Pause pauses a caller until a time; zero for until it is resumed. ok is false if no entry has this name.
func (k *Keyring) Pause(name string, until time.Time) (p Pause, ok bool) {
	if _, ok := k.Named(name); !ok {
		return Pause{}, false
	}
	p = Pause{Since: time.Now(), Until: until}
	k.change(func(all map[string]Pause) { all[name] = p })
	return p, true
}

// Resume ends the pause of a caller, and reports whether there was one. ok is false if no entry has this name.
func (k *Keyring) Resume(name string) (was, ok bool) {
	if _, ok := k.Named(name); !ok {
		return false, false
	}
	was = k.Pauses()[name].on(time.Now())
	k.change(func(all map[string]Pause) { delete(all, name) })
	return was, true
}

// change stores a changed copy: requests read without a lock.
func (k *Keyring) change(how func(all map[string]Pause)) {
	k.changing.Lock()
	defer k.changing.Unlock()
	all := maps.Clone(k.Pauses())
	how(all)
	k.paused.Store(&all)
}

// Pauses are the pauses by caller, also those that have ended. The map must not be changed.
func (k *Keyring) Pauses() map[string]Pause { return *k.paused.Load() }

// Entries are all entries, by name.
func (k *Keyring) Entries() []Entry {
	all := slices.Clone(k.all())
	slices.SortStableFunc(all, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	now := time.Now()
	for i := range all {
		if p := k.Pauses()[all[i].Name]; p.on(now) {
			all[i].Pause = p
		}
	}
	return all
}
