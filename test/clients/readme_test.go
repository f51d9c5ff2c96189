package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

var (
	// commands are the blocks of a document that a reader pastes into a shell.
	commands = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	comment  = regexp.MustCompile(` +# .*$`)
)

// TestREADMELines pastes each line of both READMEs, except those that begin with make, into a shell beside a service with its sandbox,
// in a folder with the programs that `make run` builds and a photo.
func TestREADMELines(t *testing.T) {
	s := start(t)
	programs := t.TempDir()
	for target, build := range map[string][]string{
		"zhaohuo": {"./cmd/zhaohuo"},
		"grpcurl": {"-modfile=tools/grpcurl.mod", "github.com/fullstorydev/grpcurl/cmd/grpcurl"},
	} {
		args := append([]string{"build", "-o", filepath.Join(programs, target)}, build...)
		if _, stderr, code := run(t, "go", args...); code != 0 {
			t.Fatalf("%s: %s", target, stderr)
		}
	}
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		dir := folder(t, programs)
		lines := linesOf(t, name)
		if len(lines) < 3 {
			t.Errorf("%s has %d lines to paste", name, len(lines))
		}
		for _, line := range lines {
			// A watch that was just added has seen nothing yet.
			if output := paste(t, s, dir, line); !strings.Contains(strings.ToUpper(output), "SANDBOX") && !strings.Contains(line, " watch add ") {
				t.Errorf("%s: %s prints nothing of the sandbox:\n%.500s", name, line, output)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "out.xlsx")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// folder makes a folder with bin/ and a photo, as a reader of the README has it.
func folder(t *testing.T, programs string) string {
	t.Helper()
	dir := t.TempDir()
	photo, err := os.ReadFile(filepath.Join(root(t), "test/scenario/photos/earphones.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "photo.jpg"), photo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(programs, filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// linesOf returns the lines to paste of a document.
func linesOf(t *testing.T, name string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range commands.FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			if line = comment.ReplaceAllString(strings.TrimSpace(line), ""); !strings.HasPrefix(line, "make ") {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// paste runs a line in the folder. The service of the test stands in for the one at the usual ports.
func paste(t *testing.T, s *service.Service, dir, line string) string {
	t.Helper()
	line = strings.NewReplacer("http://127.0.0.1:8080", s.REST, "127.0.0.1:9090", s.GRPC).Replace(line)
	command := exec.CommandContext(t.Context(), "bash", "-c", line)
	command.Dir = dir
	command.Env = append(os.Environ(), "ZHAOHUO_GRPC_ADDR="+s.GRPC, "LC_ALL=C.UTF-8")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", line, err, output)
	}
	return string(output)
}
