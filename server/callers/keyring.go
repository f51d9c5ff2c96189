package callers

import (
	"bytes"
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// fileBytesMax bounds a keys file: some ten thousand keys.
const fileBytesMax = 1 << 20

// lookEvery is how soon a changed file is noticed. The file is read each time: it is small, and times of change are too
// coarse to tell two changes of the same moment apart.
const lookEvery = time.Second

// Options are what a Keyring is opened with. One of Path and Text is set.
type Options struct {
	// Path is the keys file, which is looked at again every second.
	Path string
	// Text are entries themselves, which stay as they are.
	Text string
	// Log gets what happens to the file; nil for none.
	Log *slog.Logger
	// Metrics is where it is told whether the file is good; nil for none.
	Metrics prometheus.Registerer
}

// Keyring is the keys that are good. It is safe for concurrent use.
type Keyring struct {
	entries atomic.Pointer[[]Entry]
	path    string
	log     *slog.Logger
	broken  prometheus.Gauge

	// mu guards seen, the file as it was last read, and failed, how its last reading went.
	mu     sync.Mutex
	seen   []byte
	failed string

	stop    context.CancelFunc
	looking sync.WaitGroup
}

// Open reads the keys. What is wrong with them is an error, which names file and line.
func Open(o Options) (*Keyring, error) {
	k := &Keyring{path: o.Path, log: o.Log, stop: func() {}, broken: prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "zhaohuo_api_keys_broken", Help: "1 while the keys file cannot be read, and the keys that were read before are in force.",
	})}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	text := []byte(o.Text)
	if k.path != "" {
		var err error
		if text, err = readFile(k.path); err != nil {
			return nil, err
		}
	}
	entries, err := Parse(text)
	if err != nil && k.path != "" {
		err = fmt.Errorf("%s: %w", k.path, err)
	}
	if err != nil {
		return nil, err
	}
	k.entries.Store(&entries)
	if o.Metrics != nil {
		if err := o.Metrics.Register(k.broken); err != nil {
			return nil, fmt.Errorf("callers: registering metrics: %w", err)
		}
	}
	k.log.Info("API keys", "keys", len(entries))
	if k.path == "" {
		return k, nil
	}
	k.seen = text
	ctx, stop := context.WithCancel(context.Background())
	k.stop = stop
	k.looking.Go(func() { k.look(ctx) })
	return k, nil
}

// Close ends the looking; the keys stay good.
func (k *Keyring) Close() {
	k.stop()
	k.looking.Wait()
}

func (k *Keyring) look(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			k.Reload()
		}
	}
}

// Reload takes the file's keys if it has changed. A broken one leaves those in force that were, and is logged once. It is
// for keys of a file.
func (k *Keyring) Reload() {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, err := readFile(k.path)
	if err == nil && k.failed == "" && bytes.Equal(text, k.seen) {
		return
	}
	var entries []Entry
	if err == nil {
		entries, err = Parse(text)
	}
	if err != nil {
		if k.failed != err.Error() {
			k.log.Error("the API keys were not read again; those read before are in force", "file", k.path, "cause", err.Error())
		}
		k.failed = err.Error()
		k.broken.Set(1)
		return
	}
	k.seen, k.failed = text, ""
	k.broken.Set(0)
	k.entries.Store(&entries)
	k.log.Info("API keys were read again", "keys", len(entries))
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	text, err := io.ReadAll(io.LimitReader(file, fileBytesMax+1))
	if err != nil {
		return nil, err
	}
	if len(text) > fileBytesMax {
		return nil, fmt.Errorf("%s is over %d bytes", path, fileBytesMax)
	}
	return text, nil
}

// Find gives the entry of a key that is good at the moment. Anything else is a fault of kind CallerUnauthenticated.
func (k *Keyring) Find(key secret.Text) (Entry, error) {
	entry, ok := find(*k.entries.Load(), key)
	if !ok {
		return Entry{}, fault.New(fault.CallerUnauthenticated, "the API key is not known")
	}
	if !entry.Expires.IsZero() && !time.Now().Before(entry.Expires) {
		return Entry{}, fault.New(fault.CallerUnauthenticated, "the API key of %s has expired", entry.Name)
	}
	return entry, nil
}

// find compares with every entry, and each of them to its end, so that the time it takes tells nothing of how near a
// guess has come or of which entry it was.
func find(entries []Entry, key secret.Text) (Entry, bool) {
	hash := HashOf(key)
	found := -1
	for i := range entries {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], entries[i].Hash[:]), i, found)
	}
	if found < 0 {
		return Entry{}, false
	}
	return entries[found], true
}
