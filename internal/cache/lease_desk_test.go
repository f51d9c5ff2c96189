package cache_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// desk is a shelf that replicas share, which knows who asks.
type desk struct {
	*tiers

	mu     sync.Mutex
	leases map[cache.Key]lease
	taken  int
	fail   error
	hang   chan struct{}
}

type lease struct {
	cache.Lease

	until time.Time
}

func newDesk() *desk { return &desk{tiers: newTiers(), leases: map[cache.Key]lease{}} }

func (d *desk) Lease(_ context.Context, l cache.Lease, length time.Duration) (cache.Grant, error) {
	d.mu.Lock()
	hang, fail := d.hang, d.fail
	d.mu.Unlock()
	if hang != nil {
		<-hang
	}
	if fail != nil {
		return cache.Refused, fail
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	held, ok := d.leases[l.Key]
	ok = ok && now.Before(held.until)
	if ok && held.Owner != l.Owner && held.Class <= l.Class {
		return cache.Refused, nil
	}
	d.leases[l.Key] = lease{l, now.Add(length)}
	if ok && held.Owner == l.Owner {
		return cache.Renewed, nil
	}
	d.taken++
	return cache.Taken, nil
}

func (d *desk) Release(_ context.Context, l cache.Lease) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail == nil && d.leases[l.Key].Owner == l.Owner {
		delete(d.leases, l.Key)
	}
	return d.fail
}

func (d *desk) spoil(fail error, hang chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail, d.hang = fail, hang
}

// occupy has every lease that is held be another process's, which falls silent.
func (d *desk) occupy() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, l := range d.leases {
		l.Owner = "silent"
		d.leases[key] = l
	}
}

// free tells whether nobody asks.
func (d *desk) free(t *testing.T) {
	t.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.leases) > 0 {
		t.Errorf("held still: %v", d.leases)
	}
}

// replicas are caches on one desk with one upstream.
func replicas(t *testing.T, n int, d *desk, p *platform, config cache.Config) []*cache.Cache {
	t.Helper()
	all := make([]*cache.Cache, n)
	config.Store = d
	for i := range all {
		all[i] = wrap(t, p, config)
	}
	return all
}

func inClass(t *testing.T, class upstream.Class) context.Context {
	t.Helper()
	return upstream.WithDemand(t.Context(), upstream.Demand{Class: class})
}

// begin searches in the background, until all has come to rest.
func begin(ctx context.Context, c *cache.Cache, q *zhaohuov1.KeywordSearchRequest) <-chan got {
	result := make(chan got, 1)
	go func() { result <- search(ctx, c, q) }()
	synctest.Wait()
	return result
}
