// Package baddays_test runs the service in processes of its own through failures: an upstream that fails in every way, a
// disk that is full or damaged, a Redis that dies, and kills of the service itself.
package baddays_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/tidwall/gjson"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite" // to count stored answers

	"github.com/zhaohuo-dev/zhaohuo/test/postgres"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
	goods "github.com/zhaohuo-dev/zhaohuo/test/service"
)

// cluster is what price watches are kept in.
var cluster *postgres.Cluster

func TestMain(m *testing.M) {
	if !process.Started() {
		_, err := postgres.Run(func(c *postgres.Cluster) int { // Its files go when this process ends.
			cluster = c
			goleak.VerifyTestMain(goods.Tests{M: m})
			return 0
		})
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // This is a main.
	}
	stopFilling := fillOnDemand()
	code := process.Main()
	stopFilling()
	os.Exit(code) //nolint:forbidigo // This is a main.
}

// A process behaves as if its disk were full from the first signal to the second: a limit of the system stops its files
// from growing.
const (
	diskFills = syscall.SIGUSR1
	diskHas   = syscall.SIGUSR2
)

// fillOnDemand obeys the two signals until it is stopped.
func fillOnDemand() (stop func()) {
	signal.Ignore(syscall.SIGXFSZ) // then a write beyond the limit fails as on a full disk
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

// service is a process that serves.
type service struct{ *process.Service }

// serve starts a process with the settings, and waits until it serves.
func serve(t *testing.T, settings map[string]string) *service {
	t.Helper()
	return &service{process.Start(t, settings, 0)}
}

// fill makes the service's disk full, or ends that.
func (s *service) fill(t *testing.T, how syscall.Signal) {
	t.Helper()
	before := strings.Count(s.Stderr.String(), "limit ")
	if err := s.Cmd.Process.Signal(how); err != nil {
		t.Fatal(err)
	}
	process.Eventually(t, "the limit is set", func() bool { return strings.Count(s.Stderr.String(), "limit ") > before })
}

// answer is the result of one question. It has the reason of an error.
type answer struct {
	status int
	reason string
	first  string
	calls  int64
}

// ask asks the question of that number. All questions find goods.
func (s *service) ask(t *testing.T, question int) answer {
	t.Helper()
	// Each question has another lowest price, so that there are goods for any number of questions.
	query := url.Values{"keyword": {"耳机"}, "pageSize": {"1"}, "priceMin": {fmt.Sprintf("%d.%02d", question/100, question%100)}}
	response, err := s.HTTP.Get(s.URL + "/v1/products:keywordSearch?" + query.Encode())
	if err != nil {
		t.Error(err)
		return answer{}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || !json.Valid(body) {
		t.Errorf("question %d: %v: %.300s", question, err, body)
	}
	parsed := gjson.ParseBytes(body)
	return answer{
		response.StatusCode, parsed.Get("details.#(reason).reason").String(), parsed.Get("products.0.id").String(),
		parsed.Get("meta.upstreamCalls").Int(),
	}
}

// answers asks the questions from one number to before another, each until it is answered, however slowly.
func (s *service) answers(t *testing.T, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		process.Eventually(t, fmt.Sprintf("question %d is answered", i), func() bool {
			got := s.ask(t, i)
			return got.status == http.StatusOK && got.first != ""
		})
	}
}

// knows asks questions that were answered before. They must be answered without the upstream.
func (s *service) knows(t *testing.T, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if got := s.ask(t, i); got.status != http.StatusOK || got.first == "" || got.calls != 0 {
			t.Errorf("question %d: %+v, want goods for no call", i, got)
		}
	}
}

// stored waits until the cache's file has that many answers.
func stored(t *testing.T, dir string, answers int) {
	t.Helper()
	n := 0
	process.Eventually(t, fmt.Sprintf("%d answers are stored", answers), func() bool {
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

// TestHangupReloadsAndEndsNothing: on SIGHUP the keys are read again, and the process continues to serve.
func TestHangupReloadsAndEndsNothing(t *testing.T) {
	s := serve(t, nil)
	s.answers(t, 0, 1)
	for n := 1; n <= 3; n++ {
		if err := s.Cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		process.Eventually(t, "the reload is logged", func() bool {
			return strings.Count(s.Stderr.String(), "looked at again, as asked") >= n
		})
		s.answers(t, n, n+1)
	}
	if strings.Contains(s.Stderr.String(), "msg=stopping") {
		t.Error("a hang-up stops the server")
	}
}
