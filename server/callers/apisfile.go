package callers

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// APIsFile is a file with a list of APIs, which is reread every second. It is safe for concurrent use.
type APIsFile struct {
	*list[API]
}

// OpenAPIs reads a file with a list of APIs. An error names file and line. Later, a file that cannot be read leaves the old list in
// force; it is logged once, and the gauge is 1.
func OpenAPIs(path string, log *slog.Logger, metrics prometheus.Registerer) (*APIsFile, error) {
	apis, err := openList(listOptions[API]{
		path: path, parse: func(text []byte) ([]API, error) { return ReadAPIs(text) }, metrics: metrics,
		gauge: prometheus.GaugeOpts{
			Name: "zhaohuo_call_apis_broken", Help: "1 while the file of call-apis-file cannot be read, and the list that was read before is in force.",
		},
		applied: func(apis int) { log.Info("the list of APIs was read again", "apis", apis) },
		failed: func(err error) {
			log.Error("the list of APIs was not read again; the one read before is in force", "file", path, "cause", err.Error())
		},
	})
	if err != nil {
		return nil, err
	}
	return &APIsFile{list: apis}, nil
}

// APIs is the list in force.
func (f *APIsFile) APIs() APIs { return f.all() }
