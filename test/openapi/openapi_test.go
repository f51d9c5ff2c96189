// Package openapi_test checks the served description of the REST API with tools of others: two validators, and a client
// that is generated from it and calls every operation. `tools/require.sh test` installs them.
package openapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// workshop is a writable directory with the scripts and their packages.
type workshop struct{ dir, description string }

// open copies scripts, packages and the served description into it.
func open(t *testing.T, address string) workshop {
	t.Helper()
	source, err := filepath.Abs("testdata/client")
	if err != nil {
		t.Fatal(err)
	}
	w := workshop{dir: t.TempDir()}
	scripts, err := os.ReadDir(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		if script.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(source, script.Name()))
		if err != nil {
			t.Fatal(err)
		}
		w.write(t, script.Name(), text)
	}
	if err := os.Symlink(filepath.Join(source, "node_modules"), filepath.Join(w.dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	w.description = w.write(t, "openapi.json", fetch(t, address+"/openapi.json"))
	return w
}

func (w workshop) write(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// node runs a script, which must succeed, and returns its output.
func (w workshop) node(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "node", args...)
	command.Dir = w.dir
	// The tools must not send or request anything over the network.
	command.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true", "NO_COLOR=1")
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("node %q: %v\n%s\n%s", args, err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", response.StatusCode, err)
	}
	return text
}

// TestDescription checks the description that a server serves.
func TestDescription(t *testing.T) {
	address := service.Start(t, service.Options{Version: "v1.2.3", Log: io.Discard}).REST
	w := open(t, address)
	t.Run("valid", func(t *testing.T) { w.isValid(t) })
	t.Run("client", func(t *testing.T) { w.generatesAClient(t, address) })
}

// isValid checks that both validators find no fault.
func (w workshop) isValid(t *testing.T) {
	t.Helper()
	w.node(t, "node_modules/@redocly/cli/bin/cli.js", "lint", "--config", "redocly.yaml", w.description)
	if printed := w.node(t, "validate.mjs", w.description); printed != "zhaohuo v1.2.3: OpenAPI 3.1.0\n" {
		t.Error(printed)
	}
}

// generatesAClient generates the types of a client, compiles a program with them, and has it call every operation.
func (w workshop) generatesAClient(t *testing.T, address string) {
	t.Helper()
	w.node(t, "generate.mjs", w.description, "api.d.ts")
	w.node(t, "node_modules/typescript/bin/tsc", "--project", "tsconfig.json")
	photo, err := filepath.Abs("../scenario/photos/earphones.jpg")
	if err != nil {
		t.Fatal(err)
	}
	var called []string
	if err := json.Unmarshal([]byte(w.node(t, "drive.js", address, photo)), &called); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(operations(t, w.description), called); diff != "" {
		t.Errorf("operations (-described +called):\n%s", diff)
	}
}

// operations lists the operations of the description, such as "GET /v1/info".
func operations(t *testing.T, description string) []string {
	t.Helper()
	text, err := os.ReadFile(description)
	if err != nil {
		t.Fatal(err)
	}
	var api struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	var all []string
	for path, methods := range api.Paths {
		for method := range methods {
			all = append(all, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(all)
	return all
}
