package process

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// The account that [StartSandbox] knows.
const (
	SandboxKey    = "k"
	SandboxSecret = "s"
)

// StartSandbox starts the sandbox in a process of its own, which ends with the test, and returns its origin. It throttles calls
// beyond that many in any second.
func StartSandbox(t *testing.T, perSecond int) (url string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	//nolint:gosec // The program is this test; it ends in the cleanup, and not before.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "sandbox", "--addr=127.0.0.1:0", "--app-key="+SandboxKey,
		"--app-secret="+SandboxSecret, "--qps="+strconv.Itoa(perSecond))
	cmd.Env = []string{asService + "=1"}
	var out Output
	cmd.Stdout, cmd.Stderr = &out, t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // a killed process returns an error
	})
	banner := regexp.MustCompile(`aop +(http://\S+)`)
	Eventually(t, "the sandbox serves", func() bool {
		found := banner.FindStringSubmatch(out.String())
		if found != nil {
			url = found[1]
		}
		return found != nil
	})
	return url
}
