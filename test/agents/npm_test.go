package agents_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// binary builds the program that agents start.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "zhaohuo")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/zhaohuo-dev/zhaohuo/cmd/zhaohuo")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// node runs a program of the clients' packages, which must succeed, and returns what it prints.
func node(t *testing.T, args ...string) gjson.Result {
	t.Helper()
	command := exec.CommandContext(t.Context(), "node", args...)
	command.Dir = filepath.Join("testdata", "client")
	command.Env = append(os.Environ(), "NO_COLOR=1")
	var out, wrong strings.Builder
	command.Stdout, command.Stderr = &out, &wrong
	if err := command.Run(); err != nil {
		t.Fatalf("node %q: %v\n%s\n%s", args, err, out.String(), wrong.String())
	}
	return gjson.Parse(out.String())
}

const inspector = "node_modules/@modelcontextprotocol/inspector/cli/build/cli.js"

// TestOtherClients: the SDK for TypeScript and the inspector's command line work over both transports, and see what the Go
// client sees.
func TestOtherClients(t *testing.T) {
	s := service.Start(t, service.Options{})
	program := binary(t)
	ours := structure(t, call(t, connect(t, overHTTP(t, s, nil)), "search_products", map[string]any{"keyword": "蓝牙耳机", "page_size": 3}))
	for name, way := range map[string][]string{
		"http":  {"http", s.REST + "/mcp"},
		"stdio": {"stdio", program, "mcp", "--addr", s.GRPC, "--timeout", "5m"},
	} {
		t.Run("sdk/"+name, func(t *testing.T) {
			saw := node(t, append([]string{"drive.mjs"}, way...)...)
			if len(saw.Get("tools").Array()) != 15 || saw.Get("ids").Raw != ours.Get("products.#.id").Raw || saw.Get("source").String() != "SANDBOX" ||
				!saw.Get("marked").Bool() || saw.Get("product").String() != ours.Get("products.0.id").String() ||
				saw.Get("refused").String() != "INVALID_ARGUMENTS" || saw.Get("resources").Int() < 10 || !saw.Get("prompt").Bool() ||
				!strings.Contains(saw.Get("unknown").String(), "unknown tool") {
				t.Errorf("%s", saw)
			}
		})
	}
	for name, way := range map[string][]string{
		"http":  {s.REST + "/mcp", "--transport", "http"},
		"stdio": {program, "mcp", "--addr", s.GRPC},
	} {
		t.Run("inspector/"+name, func(t *testing.T) {
			if tools := node(t, append(append([]string{inspector, "--cli"}, way...), "--method", "tools/list")...).Get("tools.#.name"); len(tools.Array()) != 15 {
				t.Errorf("%s", tools)
			}
			saw := node(t, append(append([]string{inspector, "--cli"}, way...), "--method", "tools/call", "--tool-name", "search_products", "--tool-arg", "keyword=蓝牙耳机", "--tool-arg", "page_size=3")...)
			if saw.Get("structuredContent.products.#.id").Raw != ours.Get("products.#.id").Raw {
				t.Errorf("%s", saw)
			}
		})
	}
}
