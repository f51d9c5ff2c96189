// Package baddays_test has the service, as processes of its own, live through what happens to services: an upstream that
// fails in every way, a disk that is full or damaged, a Redis that dies, and deaths of its own.
package baddays_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

	"github.com/tidwall/gjson"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite" // To count what is stored.

	"github.com/zhaohuo-dev/zhaohuo/internal/cli"
)

const (
	// asProcess has the test's program be zhaohuo itself.
	asProcess = "BADDAYS_TEST_AS_PROCESS"
	// patience bounds waits for what must come; no test's outcome depends on how long it is.
	patience = time.Minute
)

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) == "" {
		goleak.VerifyTestMain(m)
		return
	}
	stopFilling := fillOnDemand()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	code := cli.Run(ctx, cli.Process{Version: "test", Args: os.Args, Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
	stop()
	stopFilling()
	os.Exit(code) //nolint:forbidigo // This is a main.
}

// The disk of a process is full from the first signal to the second: its files may not grow, as the system sees to.
const (
	diskFills = syscall.SIGUSR1
	diskHas   = syscall.SIGUSR2
)

// fillOnDemand obeys the two signals until it is stopped.
func fillOnDemand() (stop func()) {
	signal.Ignore(syscall.SIGXFSZ) // Writing beyond the limit then fails as on a full disk.
	said := make(chan os.Signal, 1)
	signal.Notify(said, diskFills, diskHas)
	var obeying sync.WaitGroup
	obeying.Go(func() {
		for s := range said {
			limit := syscall.Rlimit{Cur: 1 << 40, Max: 1 << 62}
			if s == diskFills {
				limit.Cur = 0
			}
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
				panic(err)
			}
			fmt.Fprintln(os.Stderr, "limit", limit.Cur)
		}
	})
	return func() {
		signal.Stop(said)
		close(said)
		obeying.Wait()
	}
}

// output is what a process prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// service is a process that serves.
type service struct {
	cmd            *exec.Cmd
	stdout, stderr output
	url, metrics   string
	http           *http.Client
}

// serve starts a process with the settings, and waits until it serves.
func serve(t *testing.T, settings map[string]string) *service {
	t.Helper()
	s := &service{http: &http.Client{Transport: &http.Transport{}}}
	s.cmd = exec.Command(os.Args[0], "serve", "--grpc-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0", "--lame-duck=0s")
	s.cmd.Env = []string{asProcess + "=1"}
	for name, value := range settings {
		s.cmd.Env = append(s.cmd.Env, name+"="+value)
	}
	s.cmd.Stdout, s.cmd.Stderr = &s.stdout, &s.stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.end(t, syscall.SIGKILL) })
	told := regexp.MustCompile(`REST +(http://\S+)\n +metrics +(http://\S+)`)
	eventually(t, "the service serves", func() bool {
		found := told.FindStringSubmatch(s.stdout.String())
		if found != nil {
			s.url, s.metrics = found[1], found[2]
		}
		return found != nil
	})
	return s
}

// end ends the process, if it has not ended.
func (s *service) end(t *testing.T, how os.Signal) {
	t.Helper()
	if s.cmd.ProcessState != nil {
		return
	}
	_ = s.cmd.Process.Signal(how)
	_ = s.cmd.Wait() // It was told to.
	s.http.CloseIdleConnections()
	if t.Failed() {
		said := s.stderr.String()
		t.Logf("the service's last words:\n%s", said[max(0, len(said)-2000):])
	}
}

// fill has the service's disk be full, or not any more.
func (s *service) fill(t *testing.T, how syscall.Signal) {
	t.Helper()
	before := strings.Count(s.stderr.String(), "limit ")
	if err := s.cmd.Process.Signal(how); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the limit is set", func() bool { return strings.Count(s.stderr.String(), "limit ") > before })
}

// answer is what came of one question: the reason, if it was refused.
type answer struct {
	status int
	reason string
	first  string
	calls  int64
}

// ask asks the question of that number. All have goods, each others.
func (s *service) ask(t *testing.T, question int) answer {
	t.Helper()
	query := url.Values{"keyword": {"耳机"}, "pageSize": {"1"}, "page": {strconv.Itoa(question + 1)}}
	response, err := s.http.Get(s.url + "/v1/products:keywordSearch?" + query.Encode())
	if err != nil {
		t.Error(err)
		return answer{}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || !json.Valid(body) {
		t.Errorf("question %d: %v: %.300s", question, err, body)
	}
	told := gjson.ParseBytes(body)
	return answer{
		response.StatusCode, told.Get("details.#(reason).reason").String(), told.Get("products.0.id").String(),
		told.Get("meta.upstreamCalls").Int(),
	}
}

// answers asks the questions from one to before another, each until it is answered: slow is not bad.
func (s *service) answers(t *testing.T, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		eventually(t, fmt.Sprintf("question %d is answered", i), func() bool {
			got := s.ask(t, i)
			return got.status == http.StatusOK && got.first != ""
		})
	}
}

// knows asks questions that were answered before, and wants them answered without the upstream.
func (s *service) knows(t *testing.T, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if got := s.ask(t, i); got.status != http.StatusOK || got.first == "" || got.calls != 0 {
			t.Errorf("question %d: %+v, want goods for no call", i, got)
		}
	}
}

// stored waits until so many answers are in the cache's file.
func stored(t *testing.T, dir string, answers int) {
	t.Helper()
	n := 0
	eventually(t, fmt.Sprintf("%d answers are stored", answers), func() bool {
		n = storedIn(dir)
		return n >= answers
	})
}

// storedIn counts the answers in the file; -1 if it cannot be read now.
func storedIn(dir string) int {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "cache.db")+"?mode=ro&_pragma=busy_timeout(1000)")
	if err != nil {
		return -1
	}
	defer db.Close()
	n := 0
	if db.QueryRow("SELECT count(*) FROM answer").Scan(&n) != nil {
		return -1
	}
	return n
}

// eventually waits for what must come.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	late := time.After(patience)
	for !happened() {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("never: %s", what)
		}
	}
}

// metric is the sum of a metric's series; 0 for one that is not there.
func (s *service) metric(t *testing.T, name string) float64 {
	t.Helper()
	response, err := s.http.Get(s.metrics)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for line := range strings.Lines(string(body)) {
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

// TestHangupReloadsAndEndsNothing: SIGHUP has the keys read again, and the process serves on.
func TestHangupReloadsAndEndsNothing(t *testing.T) {
	s := serve(t, nil)
	s.answers(t, 0, 1)
	for n := 1; n <= 3; n++ {
		if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the hang-up is heard", func() bool {
			return strings.Count(s.stderr.String(), "looked at again, as asked") >= n
		})
		s.answers(t, n, n+1)
	}
	if strings.Contains(s.stderr.String(), "msg=stopping") {
		t.Error("a hang-up stops the server")
	}
}
