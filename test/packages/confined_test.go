package packages_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"

	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// allowedCalls is set in the environment of a service that may use only these system calls, joined by spaces.
const allowedCalls = "ZHAOHUO_TEST_ALLOWED_CALLS"

func TestMain(m *testing.M) {
	if !process.Started() {
		os.Exit(m.Run()) //nolint:forbidigo // This is a main.
	}
	if calls := os.Getenv(allowedCalls); calls != "" {
		if err := confine(strings.Fields(calls)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1) //nolint:forbidigo // This is a main.
		}
	}
	os.Exit(process.Main()) //nolint:forbidigo // This is a main.
}

// confine refuses this process all other system calls, in all its threads, as systemd does for a unit with SystemCallFilter and
// SystemCallErrorNumber=EPERM.
func confine(calls []string) error {
	return seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: true, Flag: seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionErrno,
			Syscalls:      []seccomp.SyscallGroup{{Names: calls, Action: seccomp.ActionAllow}},
		},
	})
}

// callsOf lists the system calls of a group of systemd, such as @system-service, with those of the groups in it.
func callsOf(t *testing.T, group string) []string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "systemd-analyze", "syscall-filter", "--no-pager", group).Output()
	if err != nil {
		t.Fatalf("systemd-analyze syscall-filter %s: %v", group, err)
	}
	var calls []string
	for line := range strings.Lines(string(text)) {
		name := strings.TrimSpace(line)
		switch {
		case name == group, name == "", strings.HasPrefix(name, "#"):
		case strings.HasPrefix(name, "@"):
			calls = append(calls, callsOf(t, name)...)
		default:
			calls = append(calls, name)
		}
	}
	return calls
}

// unitCalls are the system calls that the unit allows on this machine.
func unitCalls(t *testing.T) []string {
	t.Helper()
	info, err := arch.GetInfo("")
	if err != nil {
		t.Fatal(err)
	}
	calls := callsOf(t, "@default")
	for _, match := range regexp.MustCompile(`(?m)^SystemCallFilter=(~?)(.*)$`).FindAllStringSubmatch(read(t, "deploy/systemd/zhaohuo.service"), -1) {
		for group := range strings.FieldsSeq(match[2]) {
			if match[1] == "" {
				calls = append(calls, callsOf(t, group)...)
				continue
			}
			refused := callsOf(t, group)
			calls = slices.DeleteFunc(calls, func(call string) bool { return slices.Contains(refused, call) })
		}
	}
	slices.Sort(calls)
	// Each processor has its own; systemd leaves out the others too.
	calls = slices.DeleteFunc(slices.Compact(calls), func(call string) bool { _, known := info.SyscallNames[call]; return !known })
	if len(calls) < 100 || slices.Contains(calls, "ptrace") || slices.Contains(calls, "mount") {
		t.Fatalf("the unit allows %d calls: %v", len(calls), calls)
	}
	return calls
}

// TestHEICUnderTheUnit: with the unit's system calls alone, the service starts, keeps price watches in a file, and decodes a HEIC photo,
// whose decoder is compiled to machine code while it runs.
func TestHEICUnderTheUnit(t *testing.T) {
	photo := filepath.Join(t.TempDir(), "photo.heic")
	from := filepath.Join(root, "test", "scenario", "photos", "earphones.png")
	if text, err := exec.CommandContext(t.Context(), "heif-enc", "-o", photo, from).CombinedOutput(); err != nil {
		t.Fatalf("heif-enc: %v\n%s", err, text)
	}
	body, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	s := process.Start(t, map[string]string{
		allowedCalls: strings.Join(unitCalls(t), " "), "ZHAOHUO_DATA_DIR": t.TempDir(), "ZHAOHUO_OPS_ADDR": "127.0.0.1:0",
	}, 0)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1/products:uploadImageSearch", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "image/heic")
	response, err := s.HTTP.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(text), `"products":[{`) {
		t.Errorf("%s %v\n%.300s", response.Status, err, text)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Cmd.Process.Pid))
	if err != nil || !strings.Contains(string(status), "Seccomp:\t2\n") {
		t.Errorf("the service was not confined: %v\n%s", err, status)
	}
}
