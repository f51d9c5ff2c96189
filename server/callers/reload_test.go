package callers

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filewatch"
)

// logged is a log in memory.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// take returns the lines since the last take.
func (l *logged) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.b.Reset()
	return l.b.String()
}

// value is the value of the only gauge.
func value(t *testing.T, r *prometheus.Registry) float64 {
	t.Helper()
	all, err := r.Gather()
	if err != nil || len(all) != 1 || all[0].GetName() != "zhaohuo_api_keys_broken" {
		t.Fatal(all, err)
	}
	return all[0].GetMetric()[0].GetGauge().GetValue()
}

func TestReload(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.yaml")
	oldKey, oldEntry := Mint(Entry{Name: "old"})
	newKey, newEntry := Mint(Entry{Name: "new"})
	write := func(text string) {
		// Editors and Kubernetes replace the file by another one.
		next := path + ".next"
		if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, path); err != nil {
			t.Fatal(err)
		}
	}
	write(oldEntry.YAML())
	log := &logged{}
	withoutTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "file" {
			return slog.Attr{}
		}
		return a
	}}
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		k := open(t, Options{Path: path, Log: slog.New(slog.NewTextHandler(log, withoutTime)), Metrics: registry})
		defer k.Close()
		const broken = "level=ERROR msg=\"the API keys were not read again; those read before are in force\" cause="
		for _, step := range []struct {
			name     string
			do       func()
			old, new bool
			gauge    float64
			log      string
		}{
			{"at first", func() {}, true, false, 0, "level=INFO msg=\"API keys\" keys=1\n"},
			{"both", func() { write(oldEntry.YAML() + newEntry.YAML()) }, true, true, 0, "level=INFO msg=\"API keys were read again\" keys=2\n"},
			{"broken", func() { write("- CANARY\n") }, true, true, 1, broken + "\"line 1: must be a key with name and sha256\"\n"},
			{"broken still", func() {}, true, true, 1, ""},
			{"emptied", func() { write("") }, true, true, 1, broken + "\"there is no key in it\"\n"},
			{"the same again", func() { write(oldEntry.YAML() + newEntry.YAML()) }, true, true, 0, "level=INFO msg=\"API keys were read again\" keys=2\n"},
			{"in place", func() { _ = os.WriteFile(path, []byte(newEntry.YAML()), 0o600) }, false, true, 0, "level=INFO msg=\"API keys were read again\" keys=1\n"},
			{"too large", func() { write(strings.Repeat("#", fileBytesMax+1)) }, false, true, 1, broken + "\"" + path + " is over 1048576 bytes\"\n"},
			{"gone", func() { _ = os.Remove(path) }, false, true, 1, broken + "\"open " + path + ": no such file or directory\"\n"},
			{"back", func() { write(oldEntry.YAML()) }, true, false, 0, "level=INFO msg=\"API keys were read again\" keys=1\n"},
		} {
			step.do()
			time.Sleep(2*filewatch.Interval + time.Millisecond)
			synctest.Wait()
			_, oldErr := k.Find(oldKey)
			_, newErr := k.Find(newKey)
			if (oldErr == nil) != step.old || (newErr == nil) != step.new {
				t.Errorf("%s: old %v, new %v; want %v, %v", step.name, oldErr, newErr, step.old, step.new)
			}
			if got := value(t, registry); got != step.gauge {
				t.Errorf("%s: gauge %v, want %v", step.name, got, step.gauge)
			}
			if got := log.take(); got != step.log {
				t.Errorf("%s: log\n%swant\n%s", step.name, got, step.log)
			}
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(path, []byte("\n- name: shop\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		o    Options
		want string
	}{
		{Options{Path: path}, path + ": line 2: must have one of sha256, subject and certificate"},
		{Options{Text: "x"}, "line 1: must be a list of keys, each with name and sha256"},
		{Options{}, "there is no key in it"},
		{Options{Path: "/nowhere/keys"}, "open /nowhere/keys: no such file or directory"},
	} {
		k, err := Open(test.o)
		if err == nil || err.Error() != test.want || k != nil {
			t.Errorf("%+v: %v, want %s", test.o, err, test.want)
		}
	}
}
