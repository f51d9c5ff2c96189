package callers

import (
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/filewatch"
)

// APIsFile is a file with a list of APIs, which is reread every second. It is safe for concurrent use.
type APIsFile struct {
	apis    atomic.Pointer[APIs]
	watcher *filewatch.Watcher
}

// OpenAPIs reads a file with a list of APIs. An error names file and line. Later, a file that cannot be read leaves the old list in
// force; it is logged once, and the gauge is 1.
func OpenAPIs(path string, log *slog.Logger, metrics prometheus.Registerer) (*APIsFile, error) {
	f := &APIsFile{}
	broken := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "zhaohuo_call_apis_broken", Help: "1 while the file of call-apis-file cannot be read, and the list that was read before is in force.",
	})
	read := func() ([][]byte, error) {
		text, err := boundedio.ReadFile(path, fileBytesMax)
		return [][]byte{text}, err
	}
	apply := func(files [][]byte) error {
		apis, err := ReadAPIs(files[0])
		if err == nil {
			f.apis.Store(&apis)
		}
		return err
	}
	files, err := read()
	if err != nil {
		return nil, err
	}
	if err := apply(files); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := metrics.Register(broken); err != nil {
		return nil, fmt.Errorf("callers: registering metrics: %w", err)
	}
	f.watcher = filewatch.Start(filewatch.Config{
		Read: read, Apply: apply,
		Applied: func() {
			broken.Set(0)
			log.Info("the list of APIs was read again", "apis", len(f.APIs()))
		},
		Failed: func(err error) {
			broken.Set(1)
			log.Error("the list of APIs was not read again; the one read before is in force", "file", path, "cause", err.Error())
		},
	}, files)
	return f, nil
}

// APIs is the list in force.
func (f *APIsFile) APIs() APIs { return *f.apis.Load() }

// Reload reads the file now.
func (f *APIsFile) Reload() { f.watcher.Reload() }

// Close stops watching the file. The list stays in force.
func (f *APIsFile) Close() { f.watcher.Close() }
