package oauth

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// The variables that make the test binary a child process and name its platform. It works in its working directory.
const (
	childVariable = "OAUTH_TEST_CHILD"
	childURL      = "OAUTH_TEST_URL"
)

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(childVariable) {
	case "":
		goleak.VerifyTestMain(m)
		return
	case "crash":
		err = crash()
	case "refresh":
		err = refreshTogether(os.Getenv(childURL), os.Stdout)
	}
	if err != nil {
		panic(err)
	}
}

// self is the test binary.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Two processes whose token has expired at the same time make one refresh, and both use the new token.
func TestTwoProcessesRefreshOnce(t *testing.T) {
	issuer := newPlatform(t)
	dir := t.TempDir()
	chmod(t, dir, 0o700)
	ended := some()
	ended.RefreshToken, ended.ExpiresAt = "refresh-1", time.Now().Add(-time.Second)
	ended.RefreshExpiresAt = time.Now().Add(100 * 24 * time.Hour)
	save(t, storeIn(t, dir), ended)
	type child struct {
		*exec.Cmd
		in  io.WriteCloser
		out *bufio.Reader
	}
	children := make([]child, 2)
	for i := range children {
		cmd := exec.CommandContext(t.Context(), self(t))
		cmd.Env = append(os.Environ(), childVariable+"=refresh", childURL+"="+issuer.url)
		cmd.Dir, cmd.Stderr = dir, os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children[i] = child{cmd, in, bufio.NewReader(out)}
	}
	for _, c := range children {
		if line, err := c.out.ReadString('\n'); line != "ready\n" {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	for _, c := range children {
		if err := c.in.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, c := range children {
		rest, _ := io.ReadAll(c.out)
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
		got = append(got, string(rest))
	}
	want := fmt.Sprintf("%x\n", sha256.Sum256([]byte("access-2")))
	if got[0] != want || got[1] != want {
		t.Errorf("the processes go on with %q, want %q from both", got, want)
	}
	if n := issuer.refreshes.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

// refreshTogether runs in the child: many callers that start when the parent says so.
func refreshTogether(url string, out io.Writer) error {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	issuer, err := NewIssuer(IssuerOptions{
		BaseURL: url, AppKey: "1000000", AppSecret: "secret", HTTP: &http.Client{Transport: transport}, Timeout: 30 * time.Second,
	})
	if err != nil {
		return err
	}
	store, err := OpenStore(StoreOptions{Dir: ".", AppKey: "1000000", AppSecret: "secret"})
	if err != nil {
		return err
	}
	source := NewSource(Options{Issuer: issuer, Store: store})
	defer source.Close()
	fmt.Fprintln(out, "ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	var callers sync.WaitGroup
	var mu sync.Mutex
	got := map[secret.Text]int{}
	for range 50 {
		callers.Go(func() {
			token, err := source.Token(context.Background())
			if err != nil {
				token = secret.Text("error: " + err.Error())
			}
			mu.Lock()
			defer mu.Unlock()
			got[token]++
		})
	}
	callers.Wait()
	var lines []string
	for token := range got {
		lines = append(lines, fmt.Sprintf("%x", sha256.Sum256([]byte(token.Reveal()))))
	}
	fmt.Fprintln(out, strings.Join(lines, " "))
	return nil
}
