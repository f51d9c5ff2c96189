package oauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/atomicfile"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

var (
	// ErrNoToken means that nobody has logged in yet.
	ErrNoToken = errors.New("no tokens are stored: " + remedy)
	// ErrAway means that the tokens may be in Redis, which cannot be reached now.
	ErrAway = errors.New("no tokens are stored on this machine, and the Redis that may hold them cannot be asked")
)

// StoreOptions are what a [Store] is built from.
type StoreOptions struct {
	// Dir is the data directory. It is created when something is first stored.
	Dir       string
	AppKey    string
	AppSecret secret.Text
	// Redis is the server that replicas share; nil for none.
	Redis *rueidis.ClientOption
	Log   *slog.Logger
}

// Store stores the tokens of one App Key, encrypted under the App Secret: in a file that only its owner may read, and also in
// the Redis that replicas share. The newer copy counts. So an old copy of a replica does no harm, and neither does a Redis
// that has lost its copy. Errors name the file and are for the operator. They contain no secret.
type Store struct {
	dir    string
	sealer sealer
	// replicas is nil without Redis.
	replicas *replicas
	log      *slog.Logger
	// replace is [atomicfile.Write] unless a test breaks it.
	replace func(name string, content []byte) error

	mu sync.Mutex
	// trouble is the last logged error of the copy in Redis. Equal errors are logged once.
	trouble string
}

// OpenStore returns the store. It connects to Redis on first use.
func OpenStore(o StoreOptions) (*Store, error) {
	if o.Dir == "" {
		return nil, errors.New("there is no directory to keep tokens in: set ZHAOHUO_DATA_DIR")
	}
	sealer, err := newSealer(o.AppKey, o.AppSecret)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{dir: o.Dir, sealer: sealer, log: o.Log, replace: atomicfile.Write}
	if o.Redis != nil {
		s.replicas = newReplicas(*o.Redis, o.AppKey)
	}
	return s, nil
}

// Close ends the connection to Redis.
func (s *Store) Close() {
	if s.replicas != nil {
		s.replicas.link.Close()
	}
}

// Path is the file's path.
func (s *Store) Path() string { return filepath.Join(s.dir, fileName) }

// Shared reports whether replicas share the tokens through Redis.
func (s *Store) Shared() bool { return s.replicas != nil }

// Exists reports whether anything is stored, even if it cannot be used. It fails with [ErrAway] if Redis cannot be reached.
func (s *Store) Exists(ctx context.Context) (bool, error) {
	if _, err := os.Stat(s.Path()); err == nil || s.replicas == nil {
		return err == nil, nil
	}
	text, err := s.replicas.read(ctx)
	if err != nil {
		return false, errors.Join(ErrAway, err)
	}
	return text != nil, nil
}

// Eviction is the policy by which the Redis server may drop the tokens. It is empty if there is none, or no Redis.
func (s *Store) Eviction(ctx context.Context) (policy string, err error) {
	if s.replicas == nil {
		return "", nil
	}
	return s.replicas.eviction(ctx)
}

// Load returns the newer copy. It fails with [ErrNoToken] if there is none, with [ErrAway] if the only copy may be in a Redis
// that cannot be reached, and with another error if others may read the file or we cannot.
func (s *Store) Load(ctx context.Context) (Token, error) {
	own, _, err := s.loadFile()
	if s.replicas == nil || err != nil && !errors.Is(err, ErrNoToken) {
		return own, err
	}
	theirs, _, theirErr := s.loadReplicas(ctx)
	if err != nil { // The disk has none.
		return theirs, theirErr
	}
	if theirErr == nil && theirs.newer(own) {
		return theirs, nil
	}
	return own, nil
}

// loadOwned returns the newer copy. Under the lock it also writes it to the file at once, because Redis may lose it before it
// is used.
func (s *Store) loadOwned(ctx context.Context, locked bool) (Token, error) {
	newest, err := s.Load(ctx)
	if err != nil || !locked || s.replicas == nil {
		return newest, err
	}
	if own, plain, err := s.loadFile(); err != nil || plain || newest.newer(own) {
		if err := s.saveFile(newest); err != nil {
			s.log.WarnContext(ctx, "the tokens of another replica could not be stored in the data directory", "error", err)
		}
	}
	return newest, nil
}

// loadReplicas reads the copy in Redis. It also returns the text as stored.
func (s *Store) loadReplicas(ctx context.Context) (Token, []byte, error) {
	text, err := s.replicas.read(ctx)
	if err != nil {
		s.warn(ctx, err)
		return Token{}, nil, errors.Join(ErrAway, err)
	}
	if text == nil {
		s.warn(ctx, nil)
		return Token{}, nil, ErrNoToken
	}
	t, _, err := s.sealer.open(text)
	if err != nil {
		err = fmt.Errorf("the copy of the tokens in Redis (%s) %w", s.replicas.tokens, err)
	}
	s.warn(ctx, err)
	return t, text, err
}

// warn logs an error of the copy in Redis, once until it changes.
func (s *Store) warn(ctx context.Context, err error) {
	trouble := ""
	if err != nil {
		trouble = err.Error()
	}
	s.mu.Lock()
	news := trouble != s.trouble
	s.trouble = trouble
	s.mu.Unlock()
	switch {
	case news && err != nil:
		s.log.WarnContext(ctx, "the tokens in Redis cannot be used; this replica goes on with its own copy", "error", err)
	case news:
		s.log.InfoContext(ctx, "the tokens in Redis can be used again")
	}
}

// Trouble is the last error of the copy in Redis. It is empty if the last access succeeded.
func (s *Store) Trouble() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble
}

// Save replaces the copies in the file, atomically, and in Redis. It returns the error of the file only: [Store.Sync] writes a
// copy to Redis that Save could not write. The caller must hold the lock.
func (s *Store) Save(ctx context.Context, t Token) error {
	err := s.saveFile(t)
	if s.replicas != nil {
		s.warn(ctx, s.publish(ctx, t, true))
	}
	return err
}

// publish writes tokens to Redis unless newer ones are there. A copy that cannot be decrypted is replaced only with force:
// then the platform has just issued t, which proves that our App Secret is the right one.
func (s *Store) publish(ctx context.Context, t Token, force bool) error {
	sealed, err := s.sealer.seal(t)
	if err != nil {
		return err
	}
	for range 3 {
		there, text, err := s.loadReplicas(ctx)
		switch {
		case errors.Is(err, ErrAway):
			return err
		case err == nil && !t.newer(there):
			return nil
		case err != nil && !errors.Is(err, ErrNoToken) && !force:
			return err
		}
		if done, err := s.replicas.write(ctx, text, sealed); done || err != nil {
			return err
		}
	}
	return errors.New("other replicas keep changing the tokens in Redis")
}

// Sync makes both copies equal to the newer one and returns it. It also encrypts a file of an old release. It needs no lease,
// because it never replaces newer tokens with older ones.
func (s *Store) Sync(ctx context.Context) (Token, error) {
	newest, err := s.Load(ctx)
	if err != nil {
		return Token{}, err
	}
	own, plain, err := s.loadFile()
	if plain || err != nil || newest.newer(own) {
		if err := s.renewFile(ctx, newest); err != nil {
			return newest, err
		}
	}
	if s.replicas != nil {
		s.warn(ctx, s.publish(ctx, newest, false))
	}
	return newest, nil
}

// renewFile replaces the file unless it has newer tokens by now.
func (s *Store) renewFile(ctx context.Context, newest Token) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	unlock, err := s.lockFile(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // A process that holds the lock this long is about to write even newer tokens.
	}
	if err != nil {
		return err
	}
	defer unlock()
	if own, plain, err := s.loadFile(); err == nil && !newest.newer(own) {
		if !plain {
			return nil
		}
		newest = own
	}
	return s.saveFile(newest)
}

// Lock is the right to change what is stored.
type Lock struct {
	unlock func()
	// lease is nil without Redis, or if Redis cannot be reached.
	lease  *lease
	shared bool
}

// Alone reports whether no other process and no other replica can change the tokens now.
func (l *Lock) Alone() bool { return !l.shared || l.lease != nil && l.lease.held() }

// Release gives the lock back.
func (l *Lock) Release(ctx context.Context) {
	if l.lease != nil {
		l.lease.release(ctx)
	}
	l.unlock()
}

// Lock keeps other processes and replicas from changing the tokens until it is released. It waits until ctx ends. If Redis
// cannot be reached, it locks only the file, and [Lock.Alone] is false.
func (s *Store) Lock(ctx context.Context) (*Lock, error) {
	unlock, err := s.lockFile(ctx)
	if err != nil {
		return nil, err
	}
	l := &Lock{unlock: unlock, shared: s.replicas != nil}
	if !l.shared {
		return l, nil
	}
	if l.lease, err = s.replicas.take(ctx); err != nil && ctx.Err() != nil {
		unlock()
		return nil, err
	}
	return l, nil
}

// Update changes the stored tokens under the lock. The changed tokens count as newer than the stored ones.
func (s *Store) Update(ctx context.Context, change func(context.Context) (Token, error)) (Token, error) {
	lock, err := s.Lock(ctx)
	if err != nil {
		return Token{}, err
	}
	defer lock.Release(ctx)
	changed, err := change(ctx)
	if err != nil {
		return Token{}, err
	}
	// Tokens that cannot be read are replaced as well.
	if before, err := s.Load(ctx); err == nil && !changed.newer(before) {
		changed.AuthorizedAt = before.AuthorizedAt.Add(time.Millisecond)
	}
	return changed, s.Save(ctx, changed)
}
