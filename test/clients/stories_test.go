package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// storyLines are the headings that an example program prints, in order, with the number of lines below each.
func storyLines() []struct {
	heading string
	lines   int
} {
	return []struct {
		heading string
		lines   int
	}{{"# keyword", 5}, {"# photo", 5}, {"# batch", 9}, {"# error", 1}, {"# strategy", 5}}
}

// TestStories runs the same five stories in each language. All print the same goods.
func TestStories(t *testing.T) {
	s := start(t)
	bundle := filepath.Join(t.TempDir(), "bundle")
	if _, stderr, code := run(t, "make", "--no-print-directory", "proto-bundle", "BUNDLE="+bundle); code != 0 {
		t.Fatal(stderr)
	}
	environ := append(os.Environ(), "ZHAOHUO_GRPC_ADDR="+s.GRPC, "ZHAOHUO_REST_URL="+s.REST, "ZHAOHUO_API_KEY=", "BUNDLE="+bundle,
		"PYTHONPATH="+filepath.Join(root(t), "clients/python/src"), "PYTHONDONTWRITEBYTECODE=1", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
	var first string
	for _, language := range []struct {
		name    string
		command []string
	}{
		{"Python", []string{"/usr/bin/python3", "examples/python/stories.py"}},
		{"curl", []string{"examples/curl/stories.sh"}},
		{"Ruby", []string{"examples/ruby/run.sh"}},
		{"Java", []string{"examples/java/run.sh"}},
		{"Go", []string{"go", "run", "./examples/go"}},
		{"TypeScript", []string{"examples/typescript/run.sh"}},
	} {
		t.Run(language.name, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), language.command[0], append(language.command[1:], "test/scenario/photos/earphones.jpg")...)
			command.Dir = root(t)
			command.Env = append(environ, "MADE="+filepath.Join(t.TempDir(), "made"))
			var out, wrong strings.Builder
			command.Stdout, command.Stderr = &out, &wrong
			if err := command.Run(); err != nil {
				t.Fatalf("%v\n%s", err, wrong.String())
			}
			checkStories(t, out.String())
			if first == "" {
				first = out.String()
			}
			if diff := cmp.Diff(first, out.String()); diff != "" {
				t.Errorf("other goods than in the first language:\n%s", diff)
			}
		})
	}
}

// checkStories checks the form of what a program prints, and what everybody must find.
func checkStories(t *testing.T, printed string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(printed, "\n"), "\n")
	stories := map[string][]string{}
	for _, story := range storyLines() {
		if len(lines) < 1+story.lines || lines[0] != story.heading {
			t.Fatalf("no %d lines below %q:\n%s", story.lines, story.heading, printed)
		}
		stories[story.heading], lines = lines[1:1+story.lines], lines[1+story.lines:]
	}
	if len(lines) > 0 {
		t.Errorf("more than the stories: %q", lines)
	}
	if found := stories["# photo"][0]; found != "738122029258" {
		t.Errorf("the photo found %s first", found)
	}
	if wrong := stories["# error"][0]; wrong != "INVALID_FIELD keyword" {
		t.Errorf("the error says %q", wrong)
	}
}
