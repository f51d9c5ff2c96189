package oauth_test

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

// inStep is the time between two synchronizations of the replicas of these tests.
const inStep = time.Second

// replica is a replica with its own data directory.
type replica struct {
	*oauth.Source
	store *oauth.Store
	dir   string
	log   *locked
}

// locked is a log that goroutines may share.
type locked struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// openStore opens a store in a directory. An empty name means a new directory.
func openStore(t *testing.T, option rueidis.ClientOption, dir string, appSecret secret.Text, log *locked) (*oauth.Store, string) {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	store, err := oauth.OpenStore(oauth.StoreOptions{
		Dir: dir, AppKey: appKey, AppSecret: appSecret, Redis: &option, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store, dir
}

func (w *world) replica(t *testing.T, server *redistest.Server, dir string) *replica {
	t.Helper()
	r := &replica{log: &locked{}}
	r.store, r.dir = openStore(t, server.Option(), dir, appSecret, r.log)
	r.Source = oauth.NewSource(oauth.Options{
		Issuer: w.issuer(t), Store: r.store, Now: w.ours.now, SyncEvery: inStep, Log: slog.New(slog.NewTextHandler(r.log, nil)),
	})
	t.Cleanup(r.Close)
	return r
}

// advance moves both clocks.
func (w *world) advance(d time.Duration) {
	w.theirs.advance(d)
	w.ours.advance(d)
}

// answered makes a search with the replica's tokens and expects an answer.
func (w *world) answered(t *testing.T, r *replica, when string) {
	t.Helper()
	if _, err := search(t, w.client(t, "aop", r)); err != nil {
		t.Fatalf("%s: %v\n%s", when, err, r.log)
	}
}

// flush removes everything from Redis.
func flush(t *testing.T, server *redistest.Server) {
	t.Helper()
	if err := server.Do(t, "FLUSHALL"); err != nil {
		t.Fatal(err)
	}
}

// onDisk is what a replica has on its disk, without Redis.
func onDisk(t *testing.T, dir string) (oauth.Token, error) {
	t.Helper()
	store, err := oauth.OpenStore(oauth.StoreOptions{Dir: dir, AppKey: appKey, AppSecret: appSecret})
	if err != nil {
		t.Fatal(err)
	}
	return store.Load(t.Context())
}

// until waits for a condition.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticks := time.NewTicker(10 * time.Millisecond)
	defer ticks.Stop()
	for !met() {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// nearItsEnd is how long after a login the platform exchanges the refresh token. The old one is dead then.
const nearItsEnd = 160 * 24 * time.Hour
