package process

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The account that a [Sandbox] knows.
const (
	SandboxKey    = "k"
	SandboxSecret = "s"
)

// Sandbox is a sandbox in a process of its own.
type Sandbox struct {
	// URL is its origin, also after a restart.
	URL string

	perSecond int
	cmd       *exec.Cmd
}

// OpenSandbox starts a sandbox, which ends with the test. It throttles calls beyond that many in any second.
func OpenSandbox(t *testing.T, perSecond int) *Sandbox {
	t.Helper()
	s := &Sandbox{perSecond: perSecond}
	s.start(t, "127.0.0.1:0")
	t.Cleanup(s.kill)
	return s
}

// StartSandbox is [OpenSandbox], and returns its origin alone.
func StartSandbox(t *testing.T, perSecond int) (url string) {
	t.Helper()
	return OpenSandbox(t, perSecond).URL
}

func (s *Sandbox) start(t *testing.T, address string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	//nolint:gosec // The program is this test; it ends in the cleanup, and not before.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "sandbox", "--addr="+address, "--app-key="+SandboxKey,
		"--app-secret="+SandboxSecret, "--qps="+strconv.Itoa(s.perSecond))
	cmd.Env = []string{asService + "=1"}
	var out Output
	cmd.Stdout, cmd.Stderr = &out, t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.cmd = cmd
	banner := regexp.MustCompile(`aop +(http://\S+)`)
	Eventually(t, "the sandbox serves", func() bool {
		found := banner.FindStringSubmatch(out.String())
		if found != nil {
			s.URL = found[1]
		}
		return found != nil
	})
}

// Kill ends the process as a crash does.
func (s *Sandbox) Kill(t *testing.T) {
	t.Helper()
	s.kill()
}

func (s *Sandbox) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // a killed process returns an error
}

// Restart starts it at the same address, after a kill.
func (s *Sandbox) Restart(t *testing.T) {
	t.Helper()
	s.start(t, strings.TrimPrefix(s.URL, "http://"))
}
