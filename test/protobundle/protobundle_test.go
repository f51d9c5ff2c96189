// Package protobundle_test checks the bundle of protos with tools of other languages: Debian's protoc, and clients in
// Python and Node that are generated from it and call a running service. `tools/require.sh test` installs them.
package protobundle_test

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// bundle makes the bundle as `make proto-bundle` does, and returns its directory and its files.
func bundle(t *testing.T) (dir string, protos []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "bundle")
	run(t, "../..", "make", "--no-print-directory", "proto-bundle", "BUNDLE="+dir)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			protos = append(protos, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(protos) < 20 {
		t.Fatalf("the bundle has %d files", len(protos))
	}
	return dir, protos
}

// run runs a program and returns its output. It fails the test when the program fails.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	printed, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, printed)
	}
	return string(printed)
}

// TestBundle compiles the bundle for each language that protoc supports, with stubs where Debian has a plugin. Generated
// clients in two languages search, and read the reason of an error.
func TestBundle(t *testing.T) {
	dir, protos := bundle(t)
	for _, proto := range protos {
		text, err := os.ReadFile(filepath.Join(dir, proto))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "buf.validate") || strings.Contains(string(text), "buf/validate") {
			t.Errorf("%s has rules that not every generator can read", proto)
		}
	}
	for _, language := range []string{"cpp", "java", "python", "ruby", "php", "csharp"} {
		t.Run(language, func(t *testing.T) {
			to := t.TempDir()
			args := []string{"-I", dir, "--" + language + "_out=" + to}
			if language == "csharp" { // Debian has no plugin for its stubs.
				args = append(args, "--csharp_opt=base_namespace=") // Folders by namespace: names of files repeat otherwise.
			} else {
				plugin, err := exec.LookPath("grpc_" + language + "_plugin")
				if err != nil {
					t.Fatal(err)
				}
				args = append(args, "--plugin=protoc-gen-grpc="+plugin, "--grpc_out="+to)
			}
			run(t, ".", "protoc", append(args, protos...)...)
			if made, err := os.ReadDir(to); err != nil || len(made) == 0 {
				t.Errorf("nothing was generated: %v", err)
			}
		})
	}
	address := service.Start(t, service.Options{Log: io.Discard}).GRPC
	const want = "goods\nINVALID_FIELD page_size\n"
	t.Run("python client", func(t *testing.T) {
		to := t.TempDir()
		run(t, ".", "protoc", append([]string{"-I", dir, "--python_out=" + to}, protos...)...)
		if got := run(t, ".", "/usr/bin/python3", "testdata/client/client.py", to, address); got != want {
			t.Errorf("the client says %q, want %q", got, want)
		}
	})
	t.Run("node client", func(t *testing.T) {
		if got := run(t, "testdata/client", "node", "client.mjs", dir, address); got != want {
			t.Errorf("the client says %q, want %q", got, want)
		}
	})
}
