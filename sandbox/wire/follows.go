package wire

import (
	"maps"
	"slices"
	"sync"
)

// API is an API that a dialect serves.
type API struct {
	// Name is "namespace:name-version" in AOP, the method in TOP.
	Name string
	// Writes is true if it changes something.
	Writes bool
}

// followsMax bounds the memory of a long-running sandbox.
const followsMax = 100_000

// Follows are the goods that apps follow. The zero value is ready. It is safe for concurrent use.
type Follows struct {
	mu    sync.Mutex
	goods map[string]map[int64]bool
}

// Set has an app follow a product or not. It reports whether there was room.
func (f *Follows) Set(app string, id int64, follow bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !follow {
		delete(f.goods[app], id)
		return true
	}
	if len(f.goods[app]) >= followsMax {
		return f.goods[app][id]
	}
	if f.goods == nil {
		f.goods = map[string]map[int64]bool{}
	}
	if f.goods[app] == nil {
		f.goods[app] = map[int64]bool{}
	}
	f.goods[app][id] = true
	return true
}

// Of are the goods of an app.
func (f *Follows) Of(app string) []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.goods[app]))
}
