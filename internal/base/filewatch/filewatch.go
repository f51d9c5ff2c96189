// Package filewatch polls files and applies their content when it changes.
package filewatch

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"
)

// Interval is the time between two reads. The files are read each time: modification times are too coarse to tell two
// changes of the same moment apart.
const Interval = time.Second

// Config says what to watch. Calls of its functions never overlap.
type Config struct {
	// Read returns the content of all files, always the same number of them.
	Read func() ([][]byte, error)
	// Apply puts new content into force. If it fails, the old content stays in force.
	Apply func(files [][]byte) error
	// Applied is called after Apply succeeded. Failed is called when Read or Apply fails, once for equal errors in a row.
	Applied func()
	Failed  func(error)
}

// Watcher watches files until it is closed. It is safe for concurrent use.
type Watcher struct {
	config  Config
	stop    context.CancelFunc
	polling sync.WaitGroup

	// mu guards applied, the content in force, and failed, the error of the last reload.
	mu      sync.Mutex
	applied [][]byte
	failed  string
}

// Start watches files whose present content the caller has applied already.
func Start(c Config, applied [][]byte) *Watcher {
	ctx, stop := context.WithCancel(context.Background())
	w := &Watcher{config: c, stop: stop, applied: applied}
	w.polling.Go(func() { w.poll(ctx) })
	return w
}

func (w *Watcher) poll(ctx context.Context) {
	ticker := time.NewTicker(Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.Reload()
		}
	}
}

// Reload reads the files now and applies them if they have changed.
func (w *Watcher) Reload() {
	w.mu.Lock()
	defer w.mu.Unlock()
	files, err := w.config.Read()
	if err == nil && w.failed == "" && slices.EqualFunc(files, w.applied, bytes.Equal) {
		return
	}
	if err == nil {
		err = w.config.Apply(files)
	}
	if err != nil {
		if w.failed != err.Error() {
			w.config.Failed(err)
		}
		w.failed = err.Error()
		return
	}
	w.applied, w.failed = files, ""
	w.config.Applied()
}

// Close stops watching. The content in force stays in force.
func (w *Watcher) Close() {
	w.stop()
	w.polling.Wait()
}
