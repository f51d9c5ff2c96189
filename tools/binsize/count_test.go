package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A small program's bytes are counted: each once, and most of them for the package that they belong to.
func TestCount(t *testing.T) {
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	text := "package main\n\nimport \"fmt\"\n\nvar table = [100_000]byte{1}\n\nfunc main() { fmt.Println(table) }\n"
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	counted, err := count(program)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for name, bytes := range counted {
		if sum += bytes; bytes < 0 {
			t.Errorf("%s has %d bytes", name, bytes)
		}
	}
	if sum < info.Size()/3 || sum > info.Size() {
		t.Errorf("%d of %d bytes are counted", sum, info.Size())
	}
	if own := counted["main"]; own < 100_000 || own > 120_000 {
		t.Errorf("the program's own package has %d bytes", own)
	}
	if runtime, shared := counted["runtime"], counted[shared]; runtime < shared || runtime < sum/5 {
		t.Errorf("of %d bytes, the runtime has %d, and nobody has %d", sum, runtime, shared)
	}
}

func TestOwnerOf(t *testing.T) {
	for symbol, want := range map[string]string{
		"fmt.Println": "fmt",
		"github.com/redis/rueidis/internal/cmds.(*Builder).Get":           "github.com/redis/rueidis/internal/cmds",
		"gopkg.in/yaml%2ev3.Marshal":                                      "gopkg.in/yaml.v3",
		"slices.SortFunc[go.shape.[]example.com/a.B,go.shape.int]":        "slices",
		"go:itab.*os.File,io.Reader":                                      "os",
		"type:.eq.net/http.http2Setting":                                  "net/http",
		"**example.com/a/b.C":                                             "example.com/a/b",
		"map[string]example.com/a.B":                                      shared,
		"struct { F uintptr }":                                            shared,
		"go:string.*":                                                     shared,
		"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery/drawn..gobytes.1": "github.com/zhaohuo-dev/zhaohuo/sandbox/gallery/drawn",
	} {
		if got := ownerOf(symbol); got != want {
			t.Errorf("%s is of %q, want %q", symbol, got, want)
		}
	}
}

func TestGroups(t *testing.T) {
	for path, want := range map[string]string{
		"github.com/zhaohuo-dev/zhaohuo":                  groupOf(pageFiles),
		"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog":  "the sandbox: its goods, pictures and protocols",
		"github.com/zhaohuo-dev/zhaohuo/internal/imaging": "this project's own code",
		"golang.org/x/image/draw":                         groupOf("image/jpeg"),
		"net/http":                                        groupOf("crypto/tls"),
		"github.com/alecthomas/kong":                      groupOf("github.com/rs/cors"),
		"encoding/json":                                   "the rest of Go's library",
		headers:                                           headers,
	} {
		if got := groupOf(path); got != want {
			t.Errorf("%s is in %q, want %q", path, got, want)
		}
	}
}
