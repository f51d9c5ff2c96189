package callers

import (
	"fmt"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/filewatch"
)

// fileBytesMax bounds the file of a list: about ten thousand API keys.
const fileBytesMax = 1 << 20

// list is a list that an operator writes, with the file it comes from, if any. It is safe for concurrent use.
type list[T any] struct {
	entries atomic.Pointer[[]T]
	watcher *filewatch.Watcher // nil: the list is not in a file
}

// listOptions are the parameters of [openList].
type listOptions[T any] struct {
	// path is the file, which is reread every second. If it is empty, text is the list, which does not change.
	path string
	text []byte
	// parse reads the list. Its error names the line.
	parse func(text []byte) ([]T, error)
	// gauge is the metric that is 1 while the file cannot be read; metrics gets it, unless it is nil.
	gauge   prometheus.GaugeOpts
	metrics prometheus.Registerer
	// applied is called when the file was read anew and has so many entries, failed when it cannot be read: once for equal errors in a row.
	applied func(entries int)
	failed  func(error)
}

// openList reads a list. An error names the file. Later, a file that cannot be read leaves the old list in force, and the
// gauge is 1.
func openList[T any](o listOptions[T]) (*list[T], error) {
	l := &list[T]{}
	read := func() ([][]byte, error) {
		text, err := boundedio.ReadFile(o.path, fileBytesMax)
		return [][]byte{text}, err
	}
	apply := func(files [][]byte) error {
		entries, err := o.parse(files[0])
		if err == nil {
			l.entries.Store(&entries)
		}
		return err
	}
	files := [][]byte{o.text}
	if o.path != "" {
		var err error
		if files, err = read(); err != nil {
			return nil, err
		}
	}
	err := apply(files)
	if err != nil && o.path != "" {
		err = fmt.Errorf("%s: %w", o.path, err)
	}
	if err != nil {
		return nil, err
	}
	broken := prometheus.NewGauge(o.gauge)
	if o.metrics != nil {
		if err := o.metrics.Register(broken); err != nil {
			return nil, fmt.Errorf("callers: registering metrics: %w", err)
		}
	}
	if o.path == "" {
		return l, nil
	}
	l.watcher = filewatch.Start(filewatch.Config{
		Read: read, Apply: apply,
		Applied: func() {
			broken.Set(0)
			o.applied(len(l.all()))
		},
		Failed: func(err error) {
			broken.Set(1)
			o.failed(err)
		},
	}, files)
	return l, nil
}

// all is the list in force.
func (l *list[T]) all() []T { return *l.entries.Load() }

// Reload reads the file now. An invalid file is logged once, and the old list stays in force. A list that is in no file does not change.
func (l *list[T]) Reload() {
	if l.watcher != nil {
		l.watcher.Reload()
	}
}

// Close stops watching the file. The list stays in force.
func (l *list[T]) Close() {
	if l.watcher != nil {
		l.watcher.Close()
	}
}
