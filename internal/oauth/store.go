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
	// ErrNoToken is that nobody has logged in yet.
	ErrNoToken = errors.New("no tokens are stored: " + remedy)
	// ErrAway is that the tokens may be in Redis, which cannot be asked now.
	ErrAway = errors.New("no tokens are stored on this machine, and the Redis that may hold them cannot be asked")
)

// StoreOptions are what a [Store] is built from.
type StoreOptions struct {
	// Dir is the data directory; it is made when something is first kept.
	Dir       string
	AppKey    string
	AppSecret secret.Text
	// Redis is the server that replicas share; nil for none.
	Redis *rueidis.ClientOption
	Log   *slog.Logger
}

// Store keeps the tokens of one App Key, encrypted under the App Secret: in a file that only its owner may read, and in
// Redis too where replicas share one. The newer copy counts, so that neither a replica without the newest tokens nor a
// Redis that lost them does harm. Its errors name the file and are for the operator; they hold no secret.
type Store struct {
	dir    string
	sealer sealer
	// replicas is nil where there is no Redis.
	replicas *replicas
	log      *slog.Logger
	// replace is [atomicfile.Write] unless a test breaks it.
	replace func(name string, content []byte) error

	mu sync.Mutex
	// trouble is what was last logged of the copy in Redis, so that it is logged once.
	trouble string
}

// OpenStore returns the store. It connects to Redis when it first needs it.
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

// Shared tells whether replicas share the tokens through Redis.
func (s *Store) Shared() bool { return s.replicas != nil }

// Exists tells whether something is stored, whatever it is. It fails with [ErrAway] where Redis cannot be asked.
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

// Eviction is the policy by which the Redis server may drop the tokens; empty where there is none, or no Redis.
func (s *Store) Eviction(ctx context.Context) (policy string, err error) {
	if s.replicas == nil {
		return "", nil
	}
	return s.replicas.eviction(ctx)
}

// Load gives the newer of the copies: [ErrNoToken] if there are none, [ErrAway] if there may be one in Redis alone and it
// cannot be asked, another error if the file may be read by others or cannot be read by us.
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

// loadOwned gives the newer of the copies, and under the lock brings it to the disk at once: before it is used, Redis may
// have lost it.
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

// loadReplicas reads the copy in Redis, with its text as it stands there.
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

// warn logs a trouble with the copy in Redis, once until there is another or none.
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

// Trouble is what was last wrong with the copy in Redis; empty for nothing.
func (s *Store) Trouble() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble
}

// Save replaces what is stored on disk, wholly or not at all, and in Redis. Its error is that of the disk: a copy that
// could not be brought to Redis is brought there by [Store.Sync]. Whoever saves must hold the lock.
func (s *Store) Save(ctx context.Context, t Token) error {
	err := s.saveFile(t)
	if s.replicas != nil {
		s.warn(ctx, s.publish(ctx, t, true))
	}
	return err
}

// publish brings tokens to Redis unless newer ones are there. A copy that cannot be decrypted is replaced if force says
// so: by tokens that the platform has just given, which proves that our App Secret is the right one.
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
	return errors.New("the tokens in Redis are changed by others all the time")
}

// Sync makes both copies the newer one and gives it, and encrypts a file from before copies were encrypted. It needs no
// lease, since it never replaces newer tokens by older ones.
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

// renewFile writes the file anew unless it holds newer tokens by now.
func (s *Store) renewFile(ctx context.Context, newest Token) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	unlock, err := s.lockFile(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // Whoever holds the lock so long is about to write tokens that are newer still.
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
	// lease is nil where there is no Redis, or it cannot be asked.
	lease  *lease
	shared bool
}

// Alone tells whether nobody else can be changing the tokens: no other process, and no other replica.
func (l *Lock) Alone() bool { return !l.shared || l.lease != nil && l.lease.held() }

// Release gives the lock back.
func (l *Lock) Release(ctx context.Context) {
	if l.lease != nil {
		l.lease.giveBack(ctx)
	}
	l.unlock()
}

// Lock keeps other processes and replicas from changing what is stored until it is released. It waits until ctx ends.
// While Redis is away it locks the file alone: [Lock.Alone] tells.
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

// Update changes what is stored, under the lock. What the change gives counts as newer than what was stored.
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
