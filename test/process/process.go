// Package process starts the service in a process of its own for tests, and an upstream that the test controls. The process
// is the test's own program, started again, so it runs the code under test, with the race detector if the test has it.
package process

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/cli"
)

const (
	// asService is set in the environment of programs that [Start] started.
	asService = "ZHAOHUO_TEST_AS_SERVICE"
	// Timeout bounds waits for events that must come. No result of a test depends on its length.
	Timeout = time.Minute
)

// Started reports whether [Start] started this program. TestMain must then call [Main] and run no test.
func Started() bool { return os.Getenv(asService) != "" }

// Main runs the program zhaohuo and returns its exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Process{
		Version: "test", Args: os.Args, Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
}

// Copy copies this program to a path, whose folder it makes, and returns the environment in which it runs the program zhaohuo. Every user may
// run it.
func Copy(t *testing.T, path string) (environ []string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	//nolint:gosec // Every user may run it.
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	//nolint:gosec // Every user may run it.
	if err := os.WriteFile(path, content, 0o755); err != nil {
		t.Fatal(err)
	}
	return []string{asService + "=1"}
}

// Output is what a process prints. It is safe for concurrent use.
type Output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

// String returns everything printed so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Service is a process that serves.
type Service struct {
	Cmd            *exec.Cmd
	Stdout, Stderr Output
	// GRPC is HOST:PORT, URL the origin of REST, and Metrics the address of the page of metrics.
	GRPC, URL, Metrics string
	// HTTP is a client that only this service's tests use, so that its connections end with the service.
	HTTP *http.Client
}

// Start starts the service on free ports with settings (environment variables), and waits until it serves. files is the
// limit of open files; 0 leaves the limit unchanged.
func Start(t *testing.T, settings map[string]string, openFiles int) *Service {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{program, "serve"}
	if openFiles > 0 {
		args = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, openFiles)}, args...)
	}
	s := &Service{HTTP: &http.Client{Transport: &http.Transport{}}}
	//nolint:gosec // The program is this test; it ends in the cleanup, and not before.
	s.Cmd = exec.CommandContext(context.WithoutCancel(t.Context()), args[0], args[1:]...)
	s.Cmd.Env = []string{
		asService + "=1", "ZHAOHUO_GRPC_ADDR=127.0.0.1:0", "ZHAOHUO_HTTP_ADDR=127.0.0.1:0", "ZHAOHUO_LAME_DUCK=0s",
	}
	for name, value := range settings {
		s.Cmd.Env = append(s.Cmd.Env, name+"="+value) // the last one of two counts
	}
	s.Cmd.Stdout, s.Cmd.Stderr = &s.Stdout, &s.Stderr
	if err := s.Cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.End(t, syscall.SIGKILL) })
	Eventually(t, "the service serves", func() bool {
		s.GRPC, s.URL, s.Metrics = s.address("gRPC"), s.address("REST"), s.address("metrics")
		return s.GRPC != "" && s.URL != "" && s.Metrics != ""
	})
	return s
}

// address returns the address that the banner gives for a name, or nothing while it is not printed. Each name is looked for
// by itself, so that a new line of the banner changes nothing here. Only a line that has ended is read.
func (s *Service) address(name string) string {
	for line := range strings.Lines(s.Stdout.String()) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == name && strings.HasSuffix(line, "\n") {
			return words[1]
		}
	}
	return ""
}

// End ends the process with a signal, unless it has ended, and waits.
func (s *Service) End(t *testing.T, how os.Signal) {
	t.Helper()
	if s.Cmd.ProcessState != nil {
		return
	}
	_ = s.Cmd.Process.Signal(how)
	_ = s.Cmd.Wait() // a killed process returns an error
	s.HTTP.CloseIdleConnections()
	if t.Failed() {
		printed := s.Stderr.String()
		t.Logf("the end of the service's log:\n%s", printed[max(0, len(printed)-2000):])
	}
}

// Eventually waits until a condition holds. It fails the test after Timeout.
func Eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	late := time.After(Timeout)
	for !happened() {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}

// Metric returns the sum of a metric's series; 0 for a metric that does not exist.
func (s *Service) Metric(t *testing.T, name string) float64 {
	t.Helper()
	sum := 0.0
	for line := range strings.Lines(s.operators(t, s.Metrics)) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if base, _, _ := strings.Cut(series, "{"); base == name {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
	}
	return sum
}

// Serving counts the service's goroutines that serve requests, but not this question: see [ServingIn].
func (s *Service) Serving(t *testing.T) int {
	t.Helper()
	return ServingIn(s.operators(t, strings.TrimSuffix(s.Metrics, "/metrics")+"/debug/pprof/goroutine?debug=2"))
}

// ServingIn counts, in the stacks of all goroutines of a process, those that serve a connection or a request of REST or gRPC, but
// not a question for the stacks. Others, such as those of price watches, come and go by themselves.
func ServingIn(stacks string) int {
	n := 0
	for one := range strings.SplitSeq(stacks, "\n\n") {
		if serves.MatchString(one) && !strings.Contains(one, "net/http/pprof.") {
			n++
		}
	}
	return n
}

// serves matches the stack of a goroutine that serves requests.
var serves = regexp.MustCompile(regexp.QuoteMeta("net/http.(*conn).serve") + `|zhaohuo/server(/gateway)?\.|zhaohuo/internal/photo`)

// operators reads one of the operators' pages.
func (s *Service) operators(t *testing.T, page string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.HTTP.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
