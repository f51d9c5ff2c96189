// Package packages_test compares the files of deploy/, the Dockerfile and the workflows with the program: settings, flags, ports, paths
// and times. The settings go through the program's own loader. What only other programs can check is in `make check-deploy` and
// `make check-packages`.
package packages_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// root is the repository, relative to this package's folder, where tests run.
const root = "../.."

// read returns a file's text. Its path is relative to the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// decode reads a YAML file.
func decode[T any](t *testing.T, name string) T {
	t.Helper()
	var into T
	if err := yaml.Unmarshal([]byte(read(t, name)), &into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return into
}

// deployed lists the files of deploy/.
func deployed(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(root), "deploy", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// load reads settings as the program does, and accepts no warning but those that are expected.
func load(t *testing.T, what string, args []string, env config.Environ, expected ...string) *config.Loaded {
	t.Helper()
	loaded, err := config.Load(args, env)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, warning := range loaded.Warnings {
		if !slices.ContainsFunc(expected, func(part string) bool { return strings.Contains(warning, part) }) {
			t.Errorf("%s: %s", what, warning)
		}
	}
	return loaded
}

// What the program warns of in a container, where only a proxy or a network policy is in front of it.
const (
	openPorts = "whoever reaches the ports"
	openOps   = "whoever reaches it reads metrics"
)

// portOf is the port of an address.
func portOf(addr string) string { return addr[strings.LastIndex(addr, ":")+1:] }

var (
	variable = regexp.MustCompile(`ZHAOHUO_[A-Z_]*[A-Z]`)
	duration = regexp.MustCompile(`(?m)^(?:TimeoutStopSec=|  stop_grace_period: |      terminationGracePeriodSeconds: )([0-9]+)s?$`)
)

// TestVariablesExist: every variable that a file names is a setting, or the file that holds a secret.
func TestVariablesExist(t *testing.T) {
	known := map[string]bool{"ZHAOHUO_IMAGE_TAG": true, "ZHAOHUO_PORT": true} // Of the compose file; of Kubernetes, in a comment.
	for _, row := range config.Table() {
		known[row.Env()] = true
		if row.Secret {
			known[row.Env()+"_FILE"] = true
		}
	}
	found := 0
	for _, name := range append(deployed(t), "Dockerfile", ".github/workflows/release.yml") {
		for _, one := range variable.FindAllString(read(t, name), -1) {
			found++
			if !known[one] {
				t.Errorf("%s names %s, which is no setting", name, one)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d variables were found", found)
	}
}

// TestStopsHaveTime: whoever stops the service waits for as long as a stop may take.
func TestStopsHaveTime(t *testing.T) {
	listen := load(t, "defaults", nil, nil).Listen
	need := listen.LameDuck + listen.DrainTimeout + 5*time.Second
	for _, name := range []string{"deploy/compose/compose.yaml", "deploy/systemd/zhaohuo.service", "deploy/helm/templates/statefulset.yaml"} {
		match := duration.FindStringSubmatch(read(t, name))
		if match == nil {
			t.Errorf("%s does not say how long a stop may take", name)
			continue
		}
		if got, err := time.ParseDuration(match[1] + "s"); err != nil || got < need {
			t.Errorf("%s gives a stop %v, which may take %v (%v)", name, got, need, err)
		}
	}
}

// TestImage: the image's settings are good, its ports are those of its settings, and its health check is a command.
func TestImage(t *testing.T) {
	text := read(t, "Dockerfile")
	settings := config.Environ{}
	for _, match := range regexp.MustCompile(`(?m)^(?:ENV|   ) (ZHAOHUO_[A-Z_]+)=(\S+)`).FindAllStringSubmatch(text, -1) {
		settings[match[1]] = match[2]
	}
	if _, err := config.Load(nil, settings); err == nil {
		t.Error("the image serves everybody without keys and TLS")
	}
	settings["ZHAOHUO_INSECURE_LISTEN"] = "true"
	listen := load(t, "Dockerfile", nil, settings, openPorts, openOps).Listen
	want := strings.Join([]string{portOf(listen.GRPCAddr), portOf(listen.HTTPAddr), portOf(listen.OpsAddr)}, " ")
	for _, line := range []string{
		"EXPOSE " + want, "VOLUME " + listen.DataDir, `CMD ["/zhaohuo", "health"]`, "USER 65532:65532", `ENTRYPOINT ["/zhaohuo"]`,
		"-tags=nodynamic", "ARG GO_VERSION=" + goVersion(t),
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the Dockerfile has no %q", line)
		}
	}
	// What the program embeds must not be left out.
	for line := range strings.Lines(read(t, ".dockerignore")) {
		switch strings.TrimSpace(line) {
		case "docs", "gen", "web", "proto", "cmd", "internal", "server", "upstream", "sandbox", "tools":
			t.Errorf(".dockerignore leaves out %s", line)
		}
	}
}

func goVersion(t *testing.T) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read(t, "go.mod"))
	if match == nil {
		t.Fatal("go.mod names no version of Go")
	}
	return match[1]
}

// composed is what these tests read of a compose file.
type composed struct {
	Services map[string]struct {
		Image       string            `yaml:"image"`
		Command     []string          `yaml:"command"`
		Environment map[string]string `yaml:"environment"`
		Volumes     []string          `yaml:"volumes"`
		Ports       []string          `yaml:"ports"`
		Depends     map[string]any    `yaml:"depends_on"`
		Health      struct {
			Test []string `yaml:"test"`
		} `yaml:"healthcheck"`
	} `yaml:"services"`
	Volumes map[string]any `yaml:"volumes"`
}

// TestCompose: the replicas' settings are good, with the image's and with those of app.env; the proxy and Prometheus ask the ports they
// listen on; files and volumes that are mounted exist; published ports are on loopback.
func TestCompose(t *testing.T) {
	file := decode[composed](t, "deploy/compose/compose.yaml")
	image := config.Environ{"ZHAOHUO_DATA_DIR": "/data", "ZHAOHUO_GRPC_ADDR": ":9090", "ZHAOHUO_HTTP_ADDR": ":8080", "ZHAOHUO_OPS_ADDR": ":9464"}
	account := config.Environ{}
	for line := range strings.Lines(read(t, "deploy/compose/app.env.example")) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			account[name] = value
		}
	}
	replicas := 0
	for name, service := range file.Services {
		for _, port := range service.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s publishes %s to other machines", name, port)
			}
		}
		for other := range service.Depends {
			if _, there := file.Services[other]; !there {
				t.Errorf("%s depends on %s", name, other)
			}
		}
		for _, volume := range service.Volumes {
			from, _, _ := strings.Cut(volume, ":")
			if _, there := file.Volumes[from]; there {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, "deploy/compose", from)); err != nil {
				t.Errorf("%s mounts %s: %v", name, volume, err)
			}
		}
		if !strings.HasPrefix(name, "zhaohuo-") {
			continue
		}
		replicas++
		settings := maps.Clone(image)
		maps.Copy(settings, service.Environment)
		sandbox := load(t, name, nil, settings, openPorts, openOps)
		maps.Copy(settings, account)
		live := load(t, name+" with app.env", nil, settings, openPorts, openOps)
		if sandbox.Live() || !live.Live() || sandbox.Quota.Replicas != 2 {
			t.Errorf("%s: live %v without app.env and %v with it, %d replicas", name, sandbox.Live(), live.Live(), sandbox.Quota.Replicas)
		}
		if !slices.Equal(service.Health.Test, []string{"CMD", "/zhaohuo", "health"}) {
			t.Errorf("%s: its health is asked by %v", name, service.Health.Test)
		}
		for where, addr := range map[string]string{
			"nginx.conf": name + ":" + portOf(sandbox.Listen.GRPCAddr) + " ", "nginx.conf ": name + ":" + portOf(sandbox.Listen.HTTPAddr) + " ",
			"prometheus.yaml": name + ":" + portOf(sandbox.Listen.OpsAddr) + `"`,
		} {
			if where = strings.TrimSpace(where); !strings.Contains(read(t, "deploy/compose/"+where), addr) {
				t.Errorf("%s does not ask %s", where, addr)
			}
		}
	}
	if replicas != 2 {
		t.Errorf("%d replicas", replicas)
	}
}

// TestSystemd: the unit's flags and its settings file are good, and write only where the unit may.
func TestSystemd(t *testing.T) {
	unit := read(t, "deploy/systemd/zhaohuo.service")
	start := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/zhaohuo serve (.*)$`).FindStringSubmatch(unit)
	if start == nil {
		t.Fatal("the unit does not start the service")
	}
	args := strings.Fields(strings.ReplaceAll(start[1], "/etc/zhaohuo/", root+"/deploy/systemd/"))
	env := config.Environ{}
	loaded := load(t, "the unit", args, env)
	if loaded.Listen.DataDir != "/var/lib/zhaohuo" || !strings.Contains(unit, "\nStateDirectory=zhaohuo\n") {
		t.Errorf("it writes to %s", loaded.Listen.DataDir)
	}
	for _, hold := range []string{"User=zhaohuo", "ExecReload=/bin/kill -HUP $MAINPID", "ProtectSystem=strict", "NoNewPrivileges=yes"} {
		if !strings.Contains(unit, "\n"+hold+"\n") {
			t.Errorf("the unit has no %s", hold)
		}
	}
	if regexp.MustCompile(`(?m)^MemoryDenyWriteExecute=`).MatchString(unit) {
		t.Error("the decoders of HEIC and AVIF could not be compiled: MemoryDenyWriteExecute is set")
	}
}

// TestPackageHasItsFiles: what nfpm packs is in the repository or made by `make packages`, and lands where the unit looks for it.
func TestPackageHasItsFiles(t *testing.T) {
	file := decode[struct {
		Contents []struct{ Src, Dst string } `yaml:"contents"`
		Scripts  map[string]string           `yaml:"scripts"`
	}](t, "deploy/package/nfpm.yaml")
	made := []string{"bin/zhaohuo", "build/packages/zhaohuo.1.gz"}
	unit := read(t, "deploy/systemd/zhaohuo.service")
	lands := map[string]bool{}
	for _, one := range file.Contents {
		lands[one.Dst] = true
		if !slices.Contains(made, one.Src) {
			read(t, one.Src)
		} else if !strings.Contains(read(t, "Makefile"), one.Src) {
			t.Errorf("the Makefile does not make %s", one.Src)
		}
	}
	for _, script := range file.Scripts {
		read(t, script)
	}
	for _, path := range regexp.MustCompile(`/(?:usr/bin|etc)/zhaohuo[a-z./]*[a-z]`).FindAllString(unit, -1) {
		if !lands[path] {
			t.Errorf("the unit uses %s, which the package does not have", path)
		}
	}
}

// TestChart: the chart's values follow its schema, templates use values that exist and each value is used, the settings are good with the
// variables of the pods, and ports and paths are the service's.
func TestChart(t *testing.T) {
	values := decode[map[string]any](t, "deploy/helm/values.yaml")
	compiler := jsonschema.NewCompiler()
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(read(t, "deploy/helm/values.schema.json")))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource("values.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("values.json")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(instance); err != nil {
		t.Error(err)
	}

	used := map[string]bool{}
	templates := ""
	for _, name := range deployed(t) {
		if strings.HasPrefix(name, "deploy/helm/templates/") {
			templates += read(t, name)
		}
	}
	for _, match := range regexp.MustCompile(`\.Values\.([A-Za-z.]+)`).FindAllStringSubmatch(templates, -1) {
		var at any = values
		for part := range strings.SplitSeq(match[1], ".") {
			fields, _ := at.(map[string]any)
			value, there := fields[part]
			if !there {
				t.Errorf("a template uses .Values.%s, which values.yaml does not have", match[1])
			}
			at = value
		}
		first, _, _ := strings.Cut(match[1], ".")
		used[first] = true
	}
	for name := range values {
		if !used[name] {
			t.Errorf("no template uses the value %s", name)
		}
	}

	env := config.Environ{}
	for _, match := range regexp.MustCompile(`- name: (ZHAOHUO_[A-Z_]+)\s+value: "?([^"\s]+)"?`).FindAllStringSubmatch(templates, -1) {
		env[match[1]] = match[2]
	}
	delete(env, "ZHAOHUO_TLS_CERT") // With tls.secretName only.
	delete(env, "ZHAOHUO_TLS_KEY")
	settings, err := yaml.Marshal(values["settings"])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "zhaohuo.yaml")
	if err := os.WriteFile(path, settings, 0o600); err != nil {
		t.Fatal(err)
	}
	listen := load(t, "the chart", []string{"--config", path}, env, openPorts, openOps).Listen
	for name, addr := range map[string]string{"grpc": listen.GRPCAddr, "rest": listen.HTTPAddr, "ops": listen.OpsAddr} {
		if port := "{name: " + name + ", containerPort: " + portOf(addr) + "}"; !strings.Contains(templates, port) {
			t.Errorf("the pods have no %s", port)
		}
	}
	for name := range values["secrets"].(map[string]any) {
		if row := strings.ToUpper(strings.ReplaceAll(name, "-", "_")); !strings.Contains(templates, "name: ZHAOHUO_"+row+"\n") {
			t.Errorf("the secret %s does not reach the pods", name)
		}
	}
	for _, path := range []string{"{path: /readyz, port: ops}", "{path: /healthz, port: ops}", "path: /metrics"} {
		if !strings.Contains(templates, path) {
			t.Errorf("the chart has no %s", path)
		}
	}
}

// TestWorkflowsMakeWhatExists: the targets of make that workflows call exist.
func TestWorkflowsMakeWhatExists(t *testing.T) {
	makefile, called := read(t, "Makefile"), 0
	for _, name := range []string{".github/workflows/ci.yml", ".github/workflows/release.yml", ".ci/run"} {
		for _, match := range regexp.MustCompile(`(?m)\bmake ([a-z-]+)`).FindAllStringSubmatch(read(t, name), -1) {
			called++
			if !strings.Contains(makefile, "\n"+match[1]+":") {
				t.Errorf("%s calls make %s", name, match[1])
			}
		}
	}
	if called < 5 {
		t.Errorf("%d calls of make were found", called)
	}
}
