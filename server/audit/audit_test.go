package audit_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/audit"
)

// open opens a log whose files are of the least size.
func open(t *testing.T, path string, registry *prometheus.Registry) *audit.Log {
	t.Helper()
	log, err := audit.Open(audit.Options{Path: path, Megabytes: 1, Files: 2, Metrics: registry})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// counted is the sum of a counter.
func counted(t *testing.T, registry *prometheus.Registry, name string) (sum int) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			if family.GetName() == name {
				sum += int(metric.GetCounter().GetValue())
			}
		}
	}
	return sum
}

// TestNoSecretIsWritten: photos, parameters' values and what addresses have beside their host are not in the file, and long texts and lists
// are cut. The request itself stays as it is.
func TestNoSecretIsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	registry := prometheus.NewRegistry()
	log := open(t, path, registry)
	many := make([]string, 1000)
	for i := range many {
		many[i] = "word"
	}
	requests := map[string]proto.Message{
		`{"image":{"url":"https://img.example/…"}}`: &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{
			Source: &zhaohuov1.ImageSource_Url{Url: "https://user:CANARY@img.example/CANARY.jpg?sign=CANARY#CANARY"},
		}},
		`{"image":{}}`: &zhaohuov1.ImageSearchRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: []byte("CANARY")}}},
		`{"api":"a:b-1","parameters":{"name":"…"}}`:       &zhaohuov1.CallRequest{Api: "a:b-1", Parameters: map[string]string{"name": "CANARY"}},
		`{"keyword":"` + strings.Repeat("长", 300) + `…"}`: &zhaohuov1.KeywordSearchRequest{Keyword: strings.Repeat("长", 301)},
	}
	for _, request := range requests {
		before := proto.Clone(request)
		log.Add(audit.Entry{Method: "m", Request: request})
		t.Cleanup(func() { // When all is written.
			if !proto.Equal(before, request) {
				t.Errorf("the request was changed: %v", request)
			}
		})
	}
	log.Add(audit.Entry{Method: "m", Request: &zhaohuov1.BatchKeywordSearchRequest{Keywords: many}})
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "CANARY") {
		t.Errorf("a secret was written:\n%s", text)
	}
	found := 0
	for line := range strings.Lines(string(text)) {
		var one struct{ Request json.RawMessage }
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		plain := strings.ReplaceAll(string(one.Request), " ", "") // protojson varies its spaces on purpose.
		if _, known := requests[plain]; known || strings.Count(plain, `"word"`) == 50 {
			found++
		} else {
			t.Errorf("a request is %.500s", plain)
		}
	}
	if found != 5 || counted(t, registry, "zhaohuo_audit_entries_total") != 5 {
		t.Errorf("%d of 5 requests are in the file", found)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the file: %v, %v", info.Mode(), err)
	}
}

// TestRotation: a full file is set aside, as many are kept as were asked for, and no line is cut.
func TestRotation(t *testing.T) {
	dir := t.TempDir()
	log := open(t, filepath.Join(dir, "audit.jsonl"), prometheus.NewRegistry())
	big := strings.Repeat("x", 250<<10)
	for range 9 { // More than two files of 1 MB.
		log.Add(audit.Entry{Method: big, Code: "OK"})
	}
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 || len(files) > 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil || len(text) > 1<<20 {
			t.Errorf("%s has %d bytes, %v", file.Name(), len(text), err)
		}
		for line := range strings.Lines(string(text)) {
			if !json.Valid([]byte(line)) {
				t.Errorf("a line of %s is cut", file.Name())
			}
		}
	}
}

// TestLossesAreCounted: what comes after the end, and what cannot be written, is counted; an unwritable place fails at start.
func TestLossesAreCounted(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "logs", "audit.jsonl")
	if _, err := audit.Open(audit.Options{Path: path}); err == nil {
		t.Error("a file in a folder that does not exist was opened")
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	log := open(t, path, registry)
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(path), nil, 0o600); err != nil { // A file where the folder was.
		t.Fatal(err)
	}
	log.Add(audit.Entry{Method: "m"})
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	log.Add(audit.Entry{Method: "m"})
	if lost, written := counted(t, registry, "zhaohuo_audit_lost_total"), counted(t, registry, "zhaohuo_audit_entries_total"); lost != 2 || written != 0 {
		t.Errorf("%d lost, %d written", lost, written)
	}
}
