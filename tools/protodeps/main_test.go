package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func TestClosure(t *testing.T) {
	tests := []struct {
		name  string
		paths []string
		want  []string
	}{
		{name: "nothing", want: nil},
		{name: "no imports", paths: []string{"google/type/money.proto"}, want: []string{"google/type/money.proto"}},
		{
			name:  "imports first, each once, the compiler's own left out",
			paths: []string{"google/api/annotations.proto", "google/api/http.proto", "google/protobuf/any.proto"},
			want:  []string{"google/api/http.proto", "google/api/annotations.proto"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files, err := closure(protoregistry.GlobalFiles, tt.paths)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, file := range files {
				got = append(got, file.Path())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClosureNamesWhatIsMissing(t *testing.T) {
	_, err := closure(protoregistry.GlobalFiles, []string{"no/such.proto"})
	if err == nil || !strings.Contains(err.Error(), "no/such.proto") {
		t.Fatalf("error = %v, want one that names no/such.proto", err)
	}
}

func TestRunEmptiesTheDirectoryFirst(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deps")
	stale := filepath.Join(dir, "stale.proto")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stale, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{dir}, &out); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); !os.IsNotExist(err) {
		t.Errorf("%s is still there (error %v)", stale, err)
	}
	for _, path := range roots() {
		text, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Contains(text, []byte("\npackage ")) {
			t.Errorf("%s names no package", path)
		}
	}
}

func TestRunRefusesWrongArguments(t *testing.T) {
	for _, args := range [][]string{nil, {""}, {"a", "b"}} {
		var out bytes.Buffer
		if err := run(args, &out); err == nil || out.Len() != 0 {
			t.Errorf("run(%q) = %v with output %q, want an error and no output", args, err, out.String())
		}
	}
}
