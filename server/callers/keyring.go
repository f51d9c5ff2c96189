package callers

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/filewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// fileBytesMax bounds a keys file: about ten thousand keys.
const fileBytesMax = 1 << 20

// Options are the parameters of [Open]. Path or Text is set.
type Options struct {
	// Path is the keys file, which is reread every second.
	Path string
	// Text is the content of a keys file. It does not change.
	Text string
	// Log receives reloads and errors of the file; nil for none.
	Log *slog.Logger
	// Account reports whether an account of this name is there; nil if entries may name any. An entry that names another one
	// is an error, as one that cannot be read is.
	Account func(name string) bool
	// Metrics gets a gauge for an invalid file; nil for none.
	Metrics prometheus.Registerer
}

// Keyring holds the valid keys. It is safe for concurrent use.
type Keyring struct {
	entries atomic.Pointer[[]Entry]
	path    string
	log     *slog.Logger
	broken  prometheus.Gauge
	watcher *filewatch.Watcher // nil for keys that are not in a file
}

// Open reads the keys. An error names file and line.
func Open(o Options) (*Keyring, error) {
	k := &Keyring{path: o.Path, log: o.Log, broken: prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "zhaohuo_api_keys_broken", Help: "1 while the keys file cannot be read, and the keys that were read before are in force.",
	})}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	text := []byte(o.Text)
	if k.path != "" {
		var err error
		if text, err = boundedio.ReadFile(k.path, fileBytesMax); err != nil {
			return nil, err
		}
	}
	entries, err := o.parse(text)
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
	k.watcher = filewatch.Start(filewatch.Config{
		Read: func() ([][]byte, error) {
			text, err := boundedio.ReadFile(k.path, fileBytesMax)
			return [][]byte{text}, err
		},
		Apply: func(files [][]byte) error {
			entries, err := o.parse(files[0])
			if err == nil {
				k.entries.Store(&entries)
			}
			return err
		},
		Applied: func() {
			k.broken.Set(0)
			k.log.Info("API keys were read again", "keys", len(*k.entries.Load()))
		},
		Failed: func(err error) {
			k.broken.Set(1)
			k.log.Error("the API keys were not read again; those read before are in force", "file", k.path, "cause", err.Error())
		},
	}, [][]byte{text})
	return k, nil
}

// parse reads entries and checks their accounts.
func (o Options) parse(text []byte) ([]Entry, error) {
	entries, err := Parse(text)
	if err != nil || o.Account == nil {
		return entries, err
	}
	for _, e := range entries {
		for name := range strings.SplitSeq(e.Accounts, ",") {
			if e.Accounts != "" && !o.Account(name) {
				return nil, fmt.Errorf("%s is pinned to the account %s, which the setting accounts does not have", e.Name, name)
			}
		}
	}
	return entries, nil
}

// Named is the entry of a caller: one of its entries, if it has several; false for a caller that has none.
func (k *Keyring) Named(name string) (Entry, bool) {
	for _, e := range *k.entries.Load() {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// Close stops watching the file. The keys stay valid.
func (k *Keyring) Close() {
	if k.watcher != nil {
		k.watcher.Close()
	}
}

// Reload reads the keys file now. An invalid file is logged once, and the old keys stay valid. Keys from text do not
// change.
func (k *Keyring) Reload() {
	if k.watcher != nil {
		k.watcher.Reload()
	}
}

// Find returns the entry of a currently valid key. Anything else is a fault of kind CallerUnauthenticated.
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

// find compares with every entry completely, so that its duration reveals neither how close a guess is nor which entry
// it matches.
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
