package uploads

import (
	"container/list"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// Store keeps photos under ids of 19 digits, each for the app that sent it: at most so many, for a time. It is safe for
// concurrent use.
type Store struct {
	most int
	life time.Duration

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

// NewStore keeps at most so many photos, each for its life.
func NewStore(most int, life time.Duration) *Store {
	return &Store{most: most, life: life, byID: map[string]*list.Element{}, oldest: list.New()}
}

// Keep keeps a photo under a new id. The oldest ones give way.
func (a *Store) Keep(now time.Time, app string, p *Photo) (id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id == "" || a.byID[id] != nil {
		id = strconv.FormatInt(1e18+rand.Int64N(8e18), 10)
	}
	a.byID[id] = a.oldest.PushBack(kept{id, app, p, now.Add(a.life)})
	for a.oldest.Len() > a.most {
		a.drop(a.oldest.Front())
	}
	return id
}

// Find is the photo that an app sent under an id; false once it is forgotten.
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

// Forget drops an app's photo.
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

// Refuse has the next n photos refused, whatever they are.
func (a *Store) Refuse(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refuses = n
}

// Refuses reports whether the photo that came now is to be refused, and counts it.
func (a *Store) Refuses() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refuses <= 0 {
		return false
	}
	a.refuses--
	return true
}
