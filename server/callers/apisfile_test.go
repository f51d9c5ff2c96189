package callers

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// TestOpenAPIs: a list that cannot be read is an error that names file and line and quotes nothing; a second document is one.
func TestOpenAPIs(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a list":            {"- {api: a.b, kind: read}\n", ""},
		"an empty list":     {"[]\n", ""},
		"nothing":           {"", "there is no API in it"},
		"no YAML":           {"- [CANARY", "line 1: is not YAML"},
		"no list":           {"CANARY: 1\n", "line 1: apis must be a list"},
		"a wrong kind":      {"- {api: a.b}\n- {api: c.d, kind: CANARY}\n", "line 2: kind must be read or write"},
		"a second document": {"- {api: a.b}\n---\n- {api: CANARY}\n", "holds more than one document"},
	} {
		path := filepath.Join(t.TempDir(), "apis.yaml")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := OpenAPIs(path, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		switch {
		case err == nil:
			file.Close()
			if c.want != "" {
				t.Errorf("%s: no error", name)
			}
		case c.want == "" || !strings.HasPrefix(err.Error(), path+": "+c.want) || strings.Contains(err.Error(), "CANARY"):
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenAPIs(filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler), prometheus.NewRegistry()); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
}
