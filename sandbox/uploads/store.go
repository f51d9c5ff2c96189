package uploads

import (
	"container/list"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// Store keeps photos under ids of 19 digits, each for the app that sent it. It keeps a limited number, each for a limited
// time. It is safe for concurrent use.
type Store struct {
	limit int
	life  time.Duration

	mu      sync.Mutex
	byID    map[string]*list.Element // of kept
	oldest  *list.List
	refuses int
}

type kept struct {
	id, app string
	photo   *Photo
	until   time.Time
}

// NewStore makes a store that keeps at most limit photos, each for life.
func NewStore(limit int, life time.Duration) *Store {
	return &Store{limit: limit, life: life, byID: map[string]*list.Element{}, oldest: list.New()}
}

// Keep stores a photo under a new id. The oldest ones are dropped.
func (a *Store) Keep(now time.Time, app string, p *Photo) (id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id == "" || a.byID[id] != nil {
		id = strconv.FormatInt(1e18+rand.Int64N(8e18), 10)
	}
	a.byID[id] = a.oldest.PushBack(kept{id, app, p, now.Add(a.life)})
	for a.oldest.Len() > a.limit {
		a.drop(a.oldest.Front())
	}
	return id
}

// Find returns the photo that an app sent under an id; false once it is dropped.
func (a *Store) Find(now time.Time, app, id string) (*Photo, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	e, ok := a.byID[id]
	if !ok {
		return nil, false
	}
	k := e.Value.(kept)
	if !now.Before(k.until) {
		a.drop(e)
		return nil, false
	}
	return k.photo, k.app == app
}

// Forget drops a photo of an app.
func (a *Store) Forget(app, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e, ok := a.byID[id]; ok && e.Value.(kept).app == app {
		a.drop(e)
	}
}

// ForgetAll drops every photo.
func (a *Store) ForgetAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.byID)
	a.oldest.Init()
}

func (a *Store) drop(e *list.Element) { delete(a.byID, a.oldest.Remove(e).(kept).id) }

// Refuse makes the next n uploads fail, whatever they contain.
func (a *Store) Refuse(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refuses = n
}

// Refuses reports whether the photo that arrives now must be refused, and counts it.
func (a *Store) Refuses() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refuses <= 0 {
		return false
	}
	a.refuses--
	return true
}
