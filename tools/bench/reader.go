package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redis/rueidis"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/redislink"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/redis"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
)

// readerRole is the cache of a service, without the RPCs around it, and the barest way to the same bytes beside it. It answers GET
// /turn?way=WAY&callers=N&asks=N with a [readerTurn] in JSON. The argument is a [readerSpec] in JSON.
const readerRole = "--as-reader"

// The ways to an answer.
const (
	wayMemory = "memory"
	wayDisk   = "disk"
	wayRedis  = "redis"
	wayGet    = "get"
	waySelect = "select"
)

type readerSpec struct {
	// Redis is the address of a redis-server, and Dir an empty folder.
	Redis, Dir string
	// Answer is a file with the encoded answer to every question, and Questions how many there are.
	Answer    string
	Questions int
}

// readerTurn is what a number of questions took.
type readerTurn struct {
	// Middle and Tail are the 50th and the 99th percentile of one question's time, in microseconds.
	Middle, Tail float64
	// Each is the time of all questions together, divided by their number, and Processor the processor time of this process for a
	// question; in microseconds.
	Each, Processor float64
}

// reader has every question's answer in each of its stores.
type reader struct {
	spec   readerSpec
	ways   map[string]func(context.Context, int) error
	closes []func() error
}

// filled answers every question with the same goods until it is closed.
type filled struct {
	cache.Upstream
	answer *zhaohuov1.KeywordSearchResponse
	closed atomic.Bool
}

var errNotStored = errors.New("an answer is not in the store")

// KeywordSearch implements the upstream.
func (f *filled) KeywordSearch(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	if f.closed.Load() {
		return nil, errNotStored
	}
	answer := proto.CloneOf(f.answer)
	answer.Meta = &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now(), UpstreamCalls: 1}
	return answer, nil
}

func questionOf(i int) *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{Keyword: keptKeyword + strconv.Itoa(i), PageSize: proto.Int32(20)}
}

// runReader runs in the child process. It prints its address and serves until it is signalled.
func runReader(text string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := &reader{ways: map[string]func(context.Context, int) error{}}
	defer func() {
		for _, end := range slices.Backward(r.closes) {
			err = errors.Join(err, end())
		}
	}()
	if err := json.Unmarshal([]byte(text), &r.spec); err != nil {
		return err
	}
	if err := r.fill(ctx); err != nil {
		return err
	}
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: r}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Println("http://" + port.Addr().String())
	if err := server.Serve(port); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// fill puts all answers into the stores and prepares the ways to them.
func (r *reader) fill(ctx context.Context) error {
	encoded, err := os.ReadFile(r.spec.Answer)
	if err != nil {
		return err
	}
	answer := &zhaohuov1.KeywordSearchResponse{}
	if err := proto.Unmarshal(encoded, answer); err != nil {
		return err
	}
	options, err := rueidis.ParseURL(r.spec.Redis)
	if err != nil {
		return err
	}
	// A memory of one byte keeps no answer, so that each question is for the store.
	for way, config := range map[string]cache.Config{
		wayMemory: {MemoryBytes: 1 << 30},
		wayDisk:   {MemoryBytes: 1, Store: disk.New(disk.Config{Dir: r.spec.Dir})},
		wayRedis:  {MemoryBytes: 1, Store: redis.New(redis.Config{Options: options})},
	} {
		if err := r.fillCache(ctx, way, config, &filled{answer: answer}); err != nil {
			return fmt.Errorf("%s: %w", way, err)
		}
	}
	return r.openBare(ctx, options)
}

func (r *reader) fillCache(ctx context.Context, way string, config cache.Config, from *filled) error {
	config.Lives = map[cache.Kind]cache.Life{cache.KeywordSearch: cache.LifeOf(24 * time.Hour)}
	config.WaitingBytes = 1 << 30
	config.StoreTimeout = time.Minute // On a busy machine a read may take long. That is measured, and is no miss.
	c, err := cache.Wrap(from, config)
	if err != nil {
		return err
	}
	r.closes = append(r.closes, func() error { return c.Close(context.Background()) })
	for i := range r.spec.Questions {
		if _, err := c.KeywordSearch(ctx, questionOf(i)); err != nil {
			return err
		}
	}
	if err := c.Flush(ctx); err != nil {
		return err
	}
	from.closed.Store(true)
	codec := wire.NewCodec(wire.NewBuffers())
	r.ways[way] = func(ctx context.Context, i int) error {
		question, err := c.PrepareKeywordSearch(questionOf(i))
		if err != nil {
			return err
		}
		answer, err := question(ctx)
		if err != nil {
			return err
		}
		text, err := codec.Marshal(answer)
		if err != nil {
			return err
		}
		text.Free()
		return nil
	}
	return nil
}

// openBare prepares the barest ways: GET of what the cache has put into Redis, by the same client with the same options, and SELECT
// by key of the same bytes from a table that has nothing else, by the same driver with the same options.
func (r *reader) openBare(ctx context.Context, options rueidis.ClientOption) error {
	link := redislink.New(options)
	r.closes = append(r.closes, func() error { link.Close(); return nil })
	client, err := link.Client()
	if err != nil {
		return err
	}
	names, err := client.Do(ctx, client.B().Keys().Pattern("zhaohuo:cache:*").Build()).AsStrSlice()
	if err != nil {
		return err
	}
	if len(names) != r.spec.Questions {
		return fmt.Errorf("%d answers are in Redis", len(names))
	}
	r.ways[wayGet] = func(ctx context.Context, i int) error {
		b, err := client.Do(ctx, client.B().Get().Key(names[i]).Build()).AsBytes()
		if err == nil && len(b) == 0 {
			err = errNotStored
		}
		return err
	}
	file, err := sqlitefile.Open(ctx, filepath.Join(r.spec.Dir, "bare.db"), sqlitefile.Options{
		BusyTimeout: time.Second, Readers: 4, ReaderPragmas: []string{"cache_size(-4000)"},
	})
	if err != nil {
		return err
	}
	r.closes = append(r.closes, file.Close)
	lookup, err := fillBare(ctx, file, client, names) //nolint:sqlclosecheck // The reader closes it at its end.
	if err != nil {
		return err
	}
	r.closes = append(r.closes, lookup.Close)
	r.ways[waySelect] = func(ctx context.Context, i int) error {
		var value []byte
		return lookup.QueryRowContext(ctx, names[i]).Scan(&value)
	}
	return nil
}

func fillBare(ctx context.Context, file *sqlitefile.File, client rueidis.Client, names []string) (*sql.Stmt, error) {
	if _, err := file.Writer.ExecContext(ctx, `CREATE TABLE bare (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL)`); err != nil {
		return nil, err
	}
	for _, name := range names {
		value, err := client.Do(ctx, client.B().Get().Key(name).Build()).AsBytes()
		if err != nil {
			return nil, err
		}
		if _, err := file.Writer.ExecContext(ctx, `INSERT INTO bare (key, value) VALUES (?, ?)`, name, value); err != nil {
			return nil, err
		}
	}
	return file.Reader.PrepareContext(ctx, `SELECT value FROM bare WHERE key = ?`)
}

// ServeHTTP measures a turn.
func (r *reader) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	callers, errCallers := strconv.Atoi(request.FormValue("callers"))
	asks, errAsks := strconv.Atoi(request.FormValue("asks"))
	ask := r.ways[request.FormValue("way")]
	if err := errors.Join(errCallers, errAsks); err != nil || ask == nil || callers < 1 || asks < callers {
		http.Error(w, "the turn is not complete", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(request.Context(), time.Minute)
	defer cancel()
	t, err := r.take(ctx, ask, callers, asks)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(t) // It fails only if the caller has left.
}

// take has so many callers ask random questions.
func (r *reader) take(ctx context.Context, ask func(context.Context, int) error, callers, asks int) (readerTurn, error) {
	times := make([]time.Duration, asks)
	failures := make([]error, callers)
	before, from := processorTime(), time.Now()
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := c; i < asks && failures[c] == nil; i += callers {
				n, from := rand.N(r.spec.Questions), time.Now()
				failures[c] = ask(ctx, n)
				times[i] = time.Since(from)
			}
		})
	}
	all.Wait()
	took, spent := time.Since(from), processorTime()-before
	if err := errors.Join(failures...); err != nil {
		return readerTurn{}, err
	}
	p50, p99 := middleAndTail(times)
	micros := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	return readerTurn{Middle: micros(p50), Tail: micros(p99), Each: micros(took) / float64(asks), Processor: micros(spent) / float64(asks)}, nil
}

// processorTime is what this process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
