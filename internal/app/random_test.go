package app

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
	"github.com/zhaohuo-dev/zhaohuo/test/hostile"
)

var (
	executions = flag.Int64("executions", 500, "how many requests TestRandomRequests sends at most; it ends a minute before its -timeout")
	randomSeed = flag.Uint64("random-seed", 20, "the seed of TestRandomRequests; two seeds send different requests")
)

// randomProgress is after how many requests TestRandomRequests says how far it is.
const randomProgress = 250_000

// TestRandomRequests sends requests to every RPC, over the connection that REST uses for streams: three of four keep the contract's rules, so
// that they reach what is behind the rules, and the others have any values in any fields. Whatever they say, the service answers or refuses
// them: it does not panic, and no refusal is its own fault. The log tells how many were sent, and how many passed the rules.
func TestRandomRequests(t *testing.T) {
	r := start(t, settings(t, nil, "--data-dir="+t.TempDir(), "--upstream-qps=0", "--log-level=error", "--no-image-fetch", "--sandbox-qps=0"), false)
	var unary, streams []protoreflect.MethodDescriptor
	for _, method := range contract.Methods() {
		if method.Parent().Name() == "AdminService" {
			continue // It is on the operators' port, and its valid requests would stop the service.
		}
		if method.IsStreamingClient() || method.IsStreamingServer() {
			streams = append(streams, method)
		} else {
			unary = append(unary, method)
		}
	}
	var (
		begun   atomic.Int64
		mu      sync.Mutex
		results = map[codes.Code]int64{}
		wrong   int
		sending sync.WaitGroup
	)
	inTime := func() bool { return true }
	if end, bounded := t.Deadline(); bounded {
		inTime = func() bool { return time.Until(end) > time.Minute }
	}
	requests := newRequests(t, r)
	const senders = 8
	for sender := range uint64(senders) {
		sending.Go(func() {
			random := rand.New(rand.NewPCG(*randomSeed, sender))
			own := map[codes.Code]int64{}
			for {
				number := begun.Add(1)
				if number > *executions || !inTime() {
					break
				}
				if number%randomProgress == 0 {
					t.Logf("%d requests begun", number)
				}
				method, wait := unary[random.IntN(len(unary))], 2*time.Second
				if random.IntN(100) == 0 { // Some streams last until they are cut off.
					method, wait = streams[random.IntN(len(streams))], 50*time.Millisecond
				}
				q := hostile.Random(random, method)
				if random.IntN(4) > 0 {
					valid, err := requests.Valid(random, method)
					if err != nil {
						t.Error(err)
						return
					}
					q = valid
				}
				ctx, cancel := context.WithTimeout(t.Context(), wait)
				err := hostile.Invoke(ctx, r.conn, method, q)
				cancel()
				st := status.Convert(err)
				own[st.Code()]++
				// Each refusal has its reason. UNKNOWN is what 1688 refuses without a known code.
				if st.Code() == codes.Internal || st.Code() == codes.Unknown && rpcerr.Reason(st) == "" {
					mu.Lock()
					if wrong++; wrong <= 5 {
						t.Errorf("%s %s: %v", method.FullName(), prototext.Format(q), err)
					}
					mu.Unlock()
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for code, n := range own {
				results[code] += n
			}
		})
	}
	sending.Wait()
	if log := r.log.String(); strings.Contains(log, "panic") {
		t.Errorf("the log tells of a panic: %.3000s", log)
	}
	var (
		table []string
		sent  int64
	)
	for _, code := range slices.Sorted(maps.Keys(results)) {
		sent += results[code]
		table = append(table, fmt.Sprintf("%s %d", code, results[code]))
	}
	t.Logf("%d requests, %d of them INTERNAL: %s", sent, wrong, strings.Join(table, ", "))
	if passed := sent - results[codes.InvalidArgument]; passed < sent/3 {
		t.Errorf("%d of %d requests passed the rules, so most of them tried nothing else", passed, sent)
	}
}

// newRequests makes requests with ids that the service knows.
func newRequests(t *testing.T, r *running) *hostile.Generator {
	t.Helper()
	found, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), headphones())
	if err != nil {
		t.Fatal(err)
	}
	watch, err := zhaohuov1.NewPriceWatchServiceClient(r.Conn()).CreatePriceWatch(t.Context(), &zhaohuov1.CreatePriceWatchRequest{PriceWatch: cups()})
	if err != nil {
		t.Fatal(err)
	}
	categories, err := zhaohuov1.NewCategoryServiceClient(r.Conn()).GetCategory(t.Context(), &zhaohuov1.GetCategoryRequest{Id: "0"})
	if err != nil {
		t.Fatal(err)
	}
	requests, err := hostile.NewGenerator(watch, found, categories)
	if err != nil {
		t.Fatal(err)
	}
	return requests
}
