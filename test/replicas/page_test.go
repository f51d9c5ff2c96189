package replicas_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/test/postgres"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

// page is what [TestPage] pastes.
const page = "../../docs/REPLICAS.md"

// ended is printed after each block, with its exit code.
const ended = "the block ended with"

// begin ends all that the blocks started, and removes their folder, when the shell ends: also when the test was killed, which ends what
// the shell reads.
const begin = `trap 'trap "" TERM; kill 0; wait; rm -rf "$HOME"' EXIT`

var (
	fence = regexp.MustCompile("(?ms)^```(sh|text)\n(.*?)^```$")
	// shellsNote is what a shell that is no terminal says of a program that was killed.
	shellsNote = regexp.MustCompile(`(?m)^bash: line \d+: +\d+ Killed .*\n`)
	callsToday = regexp.MustCompile(`(?m)^upstream calls today +(\d+) of 100000$`)
)

// TestPage pastes the blocks of the page into a shell, in their order, and compares what each prints with the text below it. The ports are free
// ones in the place of the page's, and the program is this test's.
func TestPage(t *testing.T) {
	beside(t)
	ports := freePorts(t)
	s := openShell(t)
	counted := false
	for _, b := range blocks(t) {
		commands := ports.Replace(b.commands)
		if rest, ours := strings.CutPrefix(commands, "make build\n"); ours {
			commands = rest
		}
		begun := time.Now()
		printed, code := s.paste(t, commands)
		t.Logf("%.1f s, exit code %d:\n%s%s", time.Since(begun).Seconds(), code, commands, printed)
		if b.printed == "" {
			if printed != "" {
				t.Errorf("this prints something, and the page shows nothing:\n%s", commands)
			}
			continue
		}
		if !pattern(ports.Replace(b.printed)).MatchString(printed) {
			t.Errorf("the page shows something else:\n%s", b.printed)
		}
		if strings.Contains(commands, "/sandbox/stats") {
			checkShared(t, ports.Replace("http://127.0.0.1:1690"), printed)
			counted = true
		}
	}
	if !counted {
		t.Error("the page does not ask the sandbox what came")
	}
	if _, err := os.Stat(filepath.Join(s.home, "zhaohuo-replicas")); !os.IsNotExist(err) {
		t.Errorf("the page leaves its folder: %v", err)
	}
}

// checkShared compares what the sandbox and the replicas have counted: the same number of calls, and no more than the limit of all allows.
func checkShared(t *testing.T, sandbox, printed string) {
	t.Helper()
	const perSecond = 20
	came := callsAt(t, sandbox)
	if span := came.LastArrival.Sub(came.FirstArrival).Seconds(); float64(came.Arrivals) > perSecond*(span+1) {
		t.Errorf("%d calls came in %.1f s", came.Arrivals, span)
	}
	counts := callsToday.FindAllStringSubmatch(printed, -1)
	if len(counts) != replicas {
		t.Fatalf("%d replicas say how many calls they count", len(counts))
	}
	for _, c := range counts {
		if c[1] != strconv.FormatInt(came.Arrivals, 10) {
			t.Errorf("%d calls came, and a replica counts %s", came.Arrivals, c[1])
		}
	}
}

// block is a block of commands, and what the page says that it prints.
type block struct {
	commands, printed string
}

func blocks(t *testing.T) (all []block) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range fence.FindAllStringSubmatch(string(text), -1) {
		switch {
		case found[1] == "sh":
			all = append(all, block{commands: found[2]})
		case len(all) == 0 || all[len(all)-1].printed != "":
			t.Fatalf("of which block is this the output?\n%s", found[2])
		default:
			all[len(all)-1].printed = found[2]
		}
	}
	if len(all) < 8 {
		t.Fatalf("%d blocks were found: is their form still read?", len(all))
	}
	return all
}

// pattern matches what the page shows. … is any text of one line, and alone in a line any number of lines. Spaces around a line do not
// count.
func pattern(shown string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`^`)
	for line := range strings.Lines(shown) {
		if line == "…\n" {
			b.WriteString(`(?:.*\n)*`)
			continue
		}
		b.WriteString(` *` + strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(line)), "…", ".*") + ` *\n`)
	}
	b.WriteString(`$`)
	return regexp.MustCompile(b.String())
}

// freePorts replaces the ports of the page by free ones. They are below those that systems give out by themselves, so that nobody takes one
// before its program does.
func freePorts(t *testing.T) *strings.Replacer {
	t.Helper()
	var tens []string
	for range 1000 {
		if len(tens) == 3 {
			return strings.NewReplacer("127.0.0.1:909", "127.0.0.1:"+tens[0], "127.0.0.1:808", "127.0.0.1:"+tens[1], "127.0.0.1:946", "127.0.0.1:"+tens[2],
				"1690", tens[0]+"7", "6390", tens[0]+"8", "5490", tens[0]+"9")
		}
		ten := strconv.Itoa(2000 + rand.IntN(1200))
		if !slices.Contains(tens, ten) && free(t, ten) {
			tens = append(tens, ten)
		}
	}
	t.Fatal("no ten ports in a row are free")
	return nil
}

// free reports whether nobody listens at ten ports in a row, which begin with these digits.
func free(t *testing.T, ten string) bool {
	t.Helper()
	for last := range 10 {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:"+ten+strconv.Itoa(last))
		if err != nil {
			return false
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return true
}

// shell is a bash that reads one block after the other.
type shell struct {
	home  string
	stdin io.Writer
	out   *process.Output
	read  int
}

// openShell starts a shell of a user who is not root, in a folder that has bin/zhaohuo as `make build` makes it.
func openShell(t *testing.T) *shell {
	t.Helper()
	user, err := postgres.ServerUser()
	if err != nil {
		t.Fatal(err)
	}
	// Not in the test's own directory, where that user does not get. It goes with the shell.
	home, err := os.MkdirTemp("", "zhaohuo-page-")
	if err != nil {
		t.Fatal(err)
	}
	environ := process.Copy(t, filepath.Join(home, "bin", "zhaohuo"))
	if user != nil {
		for _, path := range []string{home, filepath.Join(home, "bin"), filepath.Join(home, "bin", "zhaohuo")} {
			if err := os.Chown(path, int(user.Uid), int(user.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := &shell{home: home, out: &process.Output{}}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "bash") // It ends in the cleanup, and not before.
	cmd.Dir = home
	cmd.Env = append(environ, "PATH="+os.Getenv("PATH"), "HOME="+home, "LC_ALL=C.UTF-8", "no_proxy=127.0.0.1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: user}
	cmd.Stdout, cmd.Stderr = s.out, s.out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.stdin = stdin
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(stdin, begin); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) // If a block has not ended.
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("all that was printed:\n%s", s.out.String())
		}
	})
	return s
}

// paste has the shell run commands, and returns what they print and their exit code.
func (s *shell) paste(t *testing.T, commands string) (printed string, code int) {
	t.Helper()
	if _, err := fmt.Fprintf(s.stdin, "{\n%s} < /dev/null\necho %s $?\n", commands, ended); err != nil {
		t.Fatal(err)
	}
	process.Eventually(t, "the block ends", func() bool {
		text := s.out.String()[s.read:]
		before, after, found := strings.Cut(text, ended+" ")
		number, _, complete := strings.Cut(after, "\n")
		if !found || !complete {
			return false
		}
		printed = before
		code, _ = strconv.Atoi(number)
		s.read += len(before) + len(ended) + 1 + len(number) + 1
		return true
	})
	return shellsNote.ReplaceAllString(printed, ""), code
}
