package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// serving starts a server with a sandbox without a rate limit.
func serving(t *testing.T, args ...string) string {
	t.Helper()
	d := launch(t, nil, append([]string{
		"serve", "--grpc-addr=127.0.0.1:0", "--no-http", "--lame-duck=0s", "--sandbox-qps=0", "--upstream-backoff=1ms", "--data-dir=" + t.TempDir(),
	}, args...)...)
	return d.stdout.await(t, `gRPC     (\S+)\n`)[0]
}

// keywordsFile is a file of keywords that all have products.
func keywordsFile(t *testing.T, keywords ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "keywords.txt")
	if err := os.WriteFile(name, []byte(strings.Join(keywords, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func manyKeywords() []string {
	var all []string
	for _, a := range []string{"耳机", "手机", "雨伞", "杯", "包", "灯", "衣", "鞋", "表", "帽"} {
		for _, b := range []string{"新款", "跨境", "厂家", "批发", "儿童", "女"} {
			all = append(all, a+" "+b)
		}
	}
	return all
}

func contents(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sorted are a file's lines in an order that does not depend on timing.
func sorted(t *testing.T, name string) []string {
	t.Helper()
	return inOrder(slices.Collect(strings.Lines(contents(t, name))))
}

func inOrder(lines []string) []string {
	slices.Sort(lines)
	return lines
}

// progressOf is the progress of a batch; 0 before its start.
func progressOf(name string) int64 {
	var state resumeState
	text, err := os.ReadFile(name + resumeSuffix)
	if err != nil || json.Unmarshal(text, &state) != nil {
		return 0
	}
	return state.Results
}

func TestBatchForms(t *testing.T) {
	addr := serving(t)
	// The blank line, the byte order mark and the repetition are not asked.
	keywords := keywordsFile(t, "\ufeff雨伞", "", " 雨伞 ", "饕餮饕餮", "手机壳\r")
	for ending, count := range map[string]func(text string) (map[string]int, error){
		".csv": func(text string) (map[string]int, error) {
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			found := map[string]int{}
			for _, row := range rows[1:] {
				found[row[0]+" "+row[1]]++
			}
			return found, err
		},
		".ndjson": func(text string) (map[string]int, error) {
			found := map[string]int{}
			for line := range strings.Lines(text) {
				if err := countPage(found, []byte(line)); err != nil {
					return nil, err
				}
			}
			return found, nil
		},
		".json": func(text string) (map[string]int, error) {
			var all []json.RawMessage
			if err := json.Unmarshal([]byte(text), &all); err != nil {
				return nil, err
			}
			found := map[string]int{}
			for _, one := range all {
				if err := countPage(found, one); err != nil {
					return nil, err
				}
			}
			return found, nil
		},
	} {
		t.Run(ending, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out"+ending)
			got := run(t, nil, "batch", keywords, "--pages=2", "--page-size=5", "-o", out, "--addr", addr)
			want := outcome{0, "", sandboxNote + "zhaohuo: " + out + ": 5 of 5 questions answered, 5 upstream calls\n"}
			// The server caches answers, so only the first format asks the upstream.
			got.stderr = strings.Replace(got.stderr, ", 0 upstream", ", 5 upstream", 1)
			if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			found, err := count(contents(t, out))
			if err != nil {
				t.Fatal(err)
			}
			pages := map[string]int{"雨伞 1": 5, "雨伞 2": 5, "手机壳 1": 5, "手机壳 2": 5}
			if ending != ".csv" {
				pages["饕餮饕餮 1"] = 0
			}
			if diff := gocmp.Diff(pages, found); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if state := contents(t, out+resumeSuffix); !strings.Contains(state, `"finished":true`) {
				t.Errorf("not finished: %s", state)
			}
			// A complete file is not changed again.
			before := contents(t, out)
			got = run(t, nil, "batch", keywords, "--pages=2", "--page-size=5", "-o", out, "--addr", addr)
			if want := "zhaohuo: " + out + " is complete: there is nothing left to ask\n"; got != (outcome{0, "", want}) || contents(t, out) != before {
				t.Errorf("%+v", got)
			}
		})
	}
}

func countPage(found map[string]int, text []byte) error {
	var one struct {
		Keyword  string
		Page     int
		Response struct{ Products []any }
	}
	err := json.Unmarshal(text, &one)
	found[fmt.Sprint(one.Keyword, " ", one.Page)] = len(one.Response.Products)
	return err
}

func TestBatchUsage(t *testing.T) {
	good := keywordsFile(t, "a")
	dir := t.TempDir()
	for name, test := range map[string]struct {
		args   []string
		stderr string
	}{
		"no file to write": {[]string{good}, "error: missing flags: --output=FILE\n"},
		"unknown form":     {[]string{good, "-o", dir + "/x.xls"}, "error: -o " + dir + "/x.xls: the name must end in .csv, .xlsx, .json, .ndjson or .jsonl\n"},
		"raw in csv":       {[]string{good, "-o", dir + "/x.csv", "--raw"}, "error: --raw needs a .json or .ndjson file\n"},
		"no keywords":      {[]string{keywordsFile(t, " ", ""), "-o", dir + "/x.csv"}, ""},
		"no such folder":   {[]string{good, "-o", dir + "/none/x.csv"}, ""},
		"too long":         {[]string{keywordsFile(t, "a", strings.Repeat("长", 101)), "-o", dir + "/x.csv"}, ""},
		"not UTF-8":        {[]string{keywordsFile(t, "\xff"), "-o", dir + "/x.csv"}, ""},
		"unknown filter":   {[]string{good, "-o", dir + "/x.csv", "--filter=x"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, nil, append([]string{"batch", "--addr=127.0.0.1:1"}, test.args...)...)
			if name == "no such folder" {
				if got.code != exitOther {
					t.Errorf("%+v", got)
				}
				return
			}
			if got.code != exitUsage || test.stderr != "" && got.stderr != test.stderr {
				t.Errorf("%+v", got)
			}
		})
	}
	if left, _ := filepath.Glob(dir + "/*"); len(left) != 0 {
		t.Errorf("files left: %v", left)
	}
}

// TestBatchRetriesFailed: a failed question has no line in the file. A rerun of the command asks only the failed ones,
// until all are answered.
func TestBatchRetriesFailed(t *testing.T) {
	server := &batchServer{}
	addr := server.serve(t)
	keywords, out := keywordsFile(t, "a", "b", "c"), filepath.Join(t.TempDir(), "out.ndjson")
	server.fail("b", status.New(codes.Unavailable, "not now"))
	got := run(t, nil, "batch", keywords, "-o", out, "--addr", addr)
	want := "zhaohuo: " + out + ": 2 of 3 questions answered, 0 upstream calls\nzhaohuo: failed: b, page 1: not now\n" +
		"zhaohuo: rerun the command to resume; the progress is in " + out + ".resume\nerror: UNAVAILABLE: not now\n"
	if got.code != exitLater || got.stderr != want {
		t.Errorf("%+v", got)
	}
	if n := len(sorted(t, out)); n != 2 {
		t.Errorf("%d lines", n)
	}
	server.fail("", nil)
	got = run(t, nil, "batch", keywords, "-o", out, "--addr", addr)
	if got.code != 0 || len(sorted(t, out)) != 3 || !slices.Equal(server.tokens, []string{"", "2"}) {
		t.Errorf("%+v, tokens %q", got, server.tokens)
	}
}

// TestBatchInParts: more keywords than one request may have are sent in several.
func TestBatchInParts(t *testing.T) {
	server := &batchServer{}
	addr := server.serve(t)
	var keywords []string
	for i := range 20_500 {
		keywords = append(keywords, fmt.Sprint("k", i))
	}
	out := filepath.Join(t.TempDir(), "out.ndjson")
	got := run(t, nil, "batch", keywordsFile(t, keywords...), "-o", out, "--addr", addr)
	if lines := len(sorted(t, out)); got.code != 0 || lines != 20_500 || !slices.Equal(server.sizes, []int{10_000, 10_000, 500}) ||
		!strings.Contains(got.stderr, "20500 of 20500 questions") {
		t.Errorf("%d lines, parts %v: %+v", lines, server.sizes, got)
	}
}

// TestBatchFileOfAnEarlierVersion: a file that was begun in parts of 1,000 keywords is resumed in such parts.
func TestBatchFileOfAnEarlierVersion(t *testing.T) {
	server := &batchServer{}
	addr := server.serve(t)
	keywords := []string{"b"}
	for i := range 2499 {
		keywords = append(keywords, fmt.Sprint("k", i))
	}
	file, out := keywordsFile(t, keywords...), filepath.Join(t.TempDir(), "out.ndjson")
	server.fail("b", status.New(codes.Unavailable, ""))
	if got := run(t, nil, "batch", file, "-o", out, "--addr", addr); got.code != exitLater {
		t.Fatalf("%+v", got)
	}
	state, _, err := loadState(out)
	if err != nil {
		t.Fatal(err)
	}
	state.PartSize, state.Parts = 0, []resumePart{{Token: "999"}, {Done: true}, {Token: "7"}}
	if err := state.save(out); err != nil {
		t.Fatal(err)
	}
	server.fail("", nil)
	got := run(t, nil, "batch", file, "-o", out, "--addr", addr)
	if got.code != 0 || !slices.Equal(server.sizes, []int{2500, 1000, 500}) || !slices.Equal(server.tokens, []string{"", "999", "7"}) {
		t.Errorf("parts %v, tokens %q: %+v", server.sizes, server.tokens, got)
	}
}

// TestBatchFileIsGuarded: an incomplete line is cut off, and another file is not changed.
func TestBatchFileIsGuarded(t *testing.T) {
	server := &batchServer{}
	addr := server.serve(t)
	keywords, out := keywordsFile(t, "a", "b"), filepath.Join(t.TempDir(), "out.ndjson")
	ask := func(args ...string) outcome {
		return run(t, nil, append([]string{"batch", keywords, "-o", out, "--addr", addr}, args...)...)
	}
	server.fail("b", status.New(codes.Unavailable, ""))
	ask()
	complete := contents(t, out)
	if err := os.WriteFile(out, []byte(complete+`{"keyword":"b","pa`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, other := range [][]string{{"--pages=2"}, {"--min-price=1"}, {"--raw"}, {"--language=en"}} {
		if got := ask(other...); got.code != exitUsage || !strings.Contains(got.stderr, "was begun with other keywords or flags") {
			t.Errorf("%v: %+v", other, got)
		}
	}
	server.fail("", nil)
	if got := ask(); got.code != 0 || len(sorted(t, out)) != 2 || !strings.HasPrefix(contents(t, out), complete) {
		t.Errorf("%+v: %q", got, contents(t, out))
	}

	server.fail("b", status.New(codes.Unavailable, ""))
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	ask()
	if err := os.Truncate(out, 3); err != nil {
		t.Fatal(err)
	}
	if got := ask(); got.code != exitUsage || !strings.Contains(got.stderr, "is shorter than before") {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(out+resumeSuffix, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ask(); got.code != exitUsage || !strings.Contains(got.stderr, "cannot be read") {
		t.Errorf("%+v", got)
	}
}

func TestBatchIsOneProcessAtATime(t *testing.T) {
	server := &batchServer{held: make(chan struct{})}
	addr := server.serve(t)
	keywords, out := keywordsFile(t, "a"), filepath.Join(t.TempDir(), "out.csv")
	d := launch(t, nil, "batch", keywords, "-o", out, "--addr", addr)
	eventually(t, func() bool { return server.asked() == 1 })
	if got := run(t, nil, "batch", keywords, "-o", out, "--addr", addr); got.code != exitUsage || got.stderr != "error: "+out+" is being written by another process\n" {
		t.Errorf("%+v", got)
	}
	if code := d.stop(); code != exitLater || !strings.HasSuffix(d.stderr.String(), "error: stopped\n") {
		t.Errorf("exit %d: %s", code, d.stderr)
	}
}

// TestBatchSurvivesKill kills the command's process repeatedly; the file then has the same lines as after one
// undisturbed run, each once.
func TestBatchSurvivesKill(t *testing.T) {
	addr := serving(t, "--upstream-qps=100")
	keywords := keywordsFile(t, manyKeywords()...)
	dir := t.TempDir()
	// Each format requests another page size, or the server would have cached the answers.
	for ending, size := range map[string]string{".csv": "10", ".ndjson": "11"} {
		t.Run(ending, func(t *testing.T) {
			out := filepath.Join(dir, "killed"+ending)
			args := []string{"batch", keywords, "--pages=6", "--page-size=" + size, "--addr", addr, "-o"}
			killed(t, out, append(args, out), syscall.SIGKILL, syscall.SIGKILL, os.Interrupt, syscall.SIGKILL)
			if got := run(t, nil, append(args, out)...); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			undisturbed := filepath.Join(dir, "undisturbed"+ending)
			if got := run(t, nil, append(args, undisturbed)...); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			if diff := gocmp.Diff(questionsOf(t, undisturbed), questionsOf(t, out)); diff != "" {
				t.Errorf("(-undisturbed +killed):\n%s", diff)
			}
		})
	}
}
