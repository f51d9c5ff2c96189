package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// printed is an output that a test can wait for.
type printed struct {
	mu      sync.Mutex
	b       bytes.Buffer
	changed chan struct{}
}

func newPrinted() *printed { return &printed{changed: make(chan struct{}, 1)} }

func (p *printed) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
	return p.b.Write(text)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// await returns the pattern's groups once it was printed.
func (p *printed) await(t *testing.T, pattern string) []string {
	t.Helper()
	late := time.After(testTimeout)
	for {
		if found := regexp.MustCompile(pattern).FindStringSubmatch(p.String()); found != nil {
			return found[1:]
		}
		select {
		case <-p.changed:
		case <-late:
			t.Fatalf("%q was not printed:\n%s", pattern, p)
		}
	}
}

// daemon is a command that runs until it is stopped.
type daemon struct {
	stdout, stderr *printed
	stop           func() int
}

func launch(t *testing.T, env []string, args ...string) *daemon {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	d := &daemon{stdout: newPrinted(), stderr: newPrinted()}
	process := Process{
		goods: service.Goods(t), Version: "v1.2.3", Args: append([]string{"bin/zhaohuo"}, args...), Environ: env, Stdout: d.stdout, Stderr: d.stderr,
	}
	ended := make(chan int, 1)
	go func() { ended <- Run(ctx, process) }()
	d.stop = sync.OnceValue(func() int {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { d.stop() })
	return d
}

type found struct {
	Products []struct {
		Price *struct{ Units, Nanos json.Number }
	}
	Meta struct{ Source string }
}

func parse(t *testing.T, stdout string) found {
	t.Helper()
	var f found
	if err := json.Unmarshal([]byte(stdout), &f); err != nil {
		t.Fatalf("%v in %q", err, stdout)
	}
	return f
}

func TestServePrintsWhatToPaste(t *testing.T) {
	d := launch(t, nil, "serve", "--grpc-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0", "--lame-duck=0s")
	at := d.stdout.await(t, `dialect  aop, at (http://\S+)\n  gRPC     (\S+)\n  REST     (\S+)\n  page     (\S+)\n  metrics  (\S+)\n(?s:.*)--addr (\S+)\n`)
	want := "zhaohuo v1.2.3\n" +
		"  mode     SANDBOX: all goods are made up (set ZHAOHUO_APP_KEY and ZHAOHUO_APP_SECRET to go live)\n" +
		"  dialect  aop, at " + at[0] + "\n" +
		"  gRPC     " + at[1] + "\n" +
		"  REST     " + at[2] + "\n  page     " + at[2] + "/\n  metrics  " + at[4] + "\n\n" +
		"To try it, paste into a second terminal:\n" +
		"  grpcurl -plaintext -d '{\"keyword\":\"蓝牙耳机\",\"pageSize\":3}' " + at[1] + " zhaohuo.v1.SearchService/KeywordSearch\n" +
		"  curl -sG " + at[2] + "/v1/products:keywordSearch --data-urlencode keyword=蓝牙耳机 -d pageSize=3\n" +
		"  bin/zhaohuo search 蓝牙耳机 --max-price 100 --sort price --addr " + at[1] + "\n\n"
	if got := d.stdout.String(); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	got := run(t, nil, "search", "蓝牙耳机", "--max-price", "100", "--sort", "price", "-o", "json", "--addr", at[1])
	if f := parse(t, got.stdout); got.code != 0 || len(f.Products) != 20 || f.Meta.Source != "ANSWER_SOURCE_SANDBOX" || got.stderr != sandboxNote {
		t.Errorf("exit %d, %d products from %s, stderr %q", got.code, len(f.Products), f.Meta.Source, got.stderr)
	}
	// Without --addr, the settings name the local server.
	got = run(t, []string{"ZHAOHUO_GRPC_ADDR=" + at[1]}, "info")
	if got.code != 0 || !strings.HasPrefix(got.stdout, "version                     v1.2.3\nmode                        SANDBOX: goods are made up\ndialect                     aop\n") {
		t.Errorf("%+v", got)
	}
	if code := d.stop(); code != 0 {
		t.Errorf("exit %d; stderr:\n%s", code, d.stderr)
	}
}

func TestServeFailsPlainly(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	want := outcome{exitOther, "", "error: --grpc-addr: " + addr + " is in use by another program: stop it, or choose another address (port 0 takes a free one)\n"}
	if got := run(t, nil, "serve", "--no-http", "--grpc-addr="+addr); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A store of price watches of 1688 is not opened for the sandbox, and the other way round. Why is said in the user's language.
func TestServeRefusesAStoreOfTheOtherKind(t *testing.T) {
	for source, want := range map[zhaohuov1.AnswerSource]map[string]string{
		zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE: {
			"en_US.UTF-8": "error: ZHAOHUO_DATA_DIR: the store of price watches (FILE) cannot be opened: it holds price watches of 1688, and this process " +
				"uses the sandbox, whose goods are made up: give the sandbox a store of its own\n",
			"zh_CN.UTF-8": "错误: ZHAOHUO_DATA_DIR：价格监控的存储（FILE）无法打开：其中保存的是 1688 的价格监控，而本进程使用沙箱，其商品均为虚构：请为沙箱另设存储\n",
		},
		zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX: {
			"en_US.UTF-8": "error: ZHAOHUO_DATA_DIR: the store of price watches (FILE) cannot be opened: it holds price watches of the sandbox, whose goods " +
				"are made up, and this process uses 1688: give 1688 a store of its own\n",
			"zh_CN.UTF-8": "错误: ZHAOHUO_DATA_DIR：价格监控的存储（FILE）无法打开：其中保存的是沙箱的价格监控，其商品均为虚构，而本进程使用 1688：请为 1688 另设存储\n",
		},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, map[bool]string{true: "pricewatch.db", false: "pricewatch-sandbox.db"}[source == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX])
		s, err := store.Open(t.Context(), store.Options{URL: file, Source: source})
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		for lang, text := range want {
			env := []string{"LANG=" + lang, "ZHAOHUO_DATA_DIR=" + dir, "ZHAOHUO_LOG_LEVEL=error"}
			if source == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX {
				env = append(env, "ZHAOHUO_APP_KEY=1", "ZHAOHUO_APP_SECRET=s", "ZHAOHUO_UPSTREAM_URL=http://127.0.0.1:1")
			}
			got := run(t, env, "serve", "--no-http", "--grpc-addr=127.0.0.1:0")
			if want := (outcome{exitOther, "", strings.ReplaceAll(text, "FILE", file)}); got != want {
				t.Errorf("%s: got %+v\nwant %+v", lang, got, want)
			}
		}
	}
}

// The standalone sandbox is a platform like any other: it needs a key and a secret, in both dialects, and its answers
// stay marked.
func TestSandboxAlone(t *testing.T) {
	d := launch(t, nil, "sandbox", "--addr=127.0.0.1:0", "--app-key=4711", "--app-secret=CANARY", "--qps=0")
	at := d.stdout.await(t, `aop         (\S+)\n  top         (\S+)\n  App Key     (\S+)\n`)
	if want := "zhaohuo v1.2.3 SANDBOX: all goods are made up\n  aop         " + at[0] + "\n  top         " + at[0] + "/router/rest\n  App Key     4711\n"; d.stdout.String() != want {
		t.Errorf("got:\n%swant:\n%s", d.stdout, want)
	}
	for dialect, url := range map[string]string{"aop": at[0], "top": at[1]} {
		env := []string{
			"ZHAOHUO_APP_KEY=4711", "ZHAOHUO_APP_SECRET=CANARY", "ZHAOHUO_DIALECT=" + dialect, "ZHAOHUO_UPSTREAM_URL=" + url,
		}
		got := runBeside(t, "127.0.0.1:1", env, "search", "蓝牙耳机", "--sort=price", "--min-price=20", "--max-price=30", "-o", "json")
		f := parse(t, got.stdout)
		if got.code != 0 || len(f.Products) == 0 || f.Meta.Source != "ANSWER_SOURCE_SANDBOX" {
			t.Errorf("%s: exit %d, %d products from %s", dialect, got.code, len(f.Products), f.Meta.Source)
		}
		for _, p := range f.Products {
			units, err := p.Price.Units.Int64()
			if err != nil || units < 20 || units > 30 {
				t.Errorf("%s: price %v is not in the range asked for", dialect, p.Price)
			}
		}
		wantNotes := "zhaohuo: no server answers at 127.0.0.1:1: asking 1688 from this process, with a rate limiter of its own that other processes do not see\n" + sandboxNote
		if got.stderr != wantNotes {
			t.Errorf("%s: stderr %q, want %q", dialect, got.stderr, wantNotes)
		}
		env[1] = "ZHAOHUO_APP_SECRET=wrong"
		if got := run(t, env, "search", "x", "--addr=none"); got.code != exitRefused || !strings.Contains(got.stderr, "UPSTREAM_CREDENTIALS_INVALID") || strings.Contains(got.stderr, "CANARY") {
			t.Errorf("%s with a wrong secret: %+v", dialect, got)
		}
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(at[0] + "/sandbox/stats")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Zhaohuo-Sandbox") == "" {
		t.Errorf("%s, marked %q", response.Status, response.Header.Get("Zhaohuo-Sandbox"))
	}
	if code := d.stop(); code != 0 || d.stderr.String() != "" {
		t.Errorf("exit %d, stderr %q", code, d.stderr)
	}
}

func TestSandboxGeneratesASecret(t *testing.T) {
	d := launch(t, nil, "sandbox", "--addr=127.0.0.1:0")
	made := d.stdout.await(t, `App Key     1000000\n  App Secret  ([A-Z2-7]{26})\n`)
	if made[0] == "" {
		t.Error("no secret")
	}
	want := outcome{exitUsage, "", "error: --addr: other machines can reach 0.0.0.0:0: listen on 127.0.0.1, or confirm with --insecure-listen\n"}
	if got := run(t, nil, "sandbox", "--addr=0.0.0.0:0"); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
