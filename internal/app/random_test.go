package app

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
	"github.com/zhaohuo-dev/zhaohuo/test/hostile"
)

var (
	executions = flag.Int64("executions", 500, "how many requests TestRandomRequests sends at most; it ends a minute before its -timeout")
	randomSeed = flag.Uint64("random-seed", 20, "the seed of TestRandomRequests; two seeds send different requests")
)

// randomProgress is after how many requests TestRandomRequests says how far it is.
const randomProgress = 250_000

// TestRandomRequests sends requests to every RPC of the callers' port, over the connection that REST uses for streams: three of four keep the
// contract's rules, so that they reach what is behind the rules, and the others have any values in any fields. Whatever they say, the service
// answers or refuses them: it does not panic, and no refusal is its own fault. The log tells how many were sent, and how many passed the rules.
func TestRandomRequests(t *testing.T) {
	r := start(t, settings(t, nil, randomSettings(t)...), false)
	sendRandom(t, r, newGenerator(t, r.conn), r.conn, *executions, func(method protoreflect.MethodDescriptor) bool { return !contract.Steers(contract.FullMethod(method)) })
}

// TestRandomOperatorsRequests sends such requests to the RPCs of the operators' port, with an operator's key: one for a hundred of the callers'.
func TestRandomOperatorsRequests(t *testing.T) {
	boss, entry := callers.Mint(callers.Entry{Name: "boss", Admin: true})
	r := start(t, settings(t, nil, append(randomSettings(t), "--ops-addr=127.0.0.1:0", "--api-keys="+entry.YAML())...), false)
	sendRandom(t, r, newGenerator(t, withKey(t, r.GRPCAddr(), boss)), withKey(t, r.OpsAddr(), boss), max(200, *executions/100), func(method protoreflect.MethodDescriptor) bool {
		// A valid request to drain ends the service.
		return contract.Steers(contract.FullMethod(method)) && method.Name() != "DrainServer"
	})
}

// withKey connects to the address. Every call has the key.
func withKey(t *testing.T, address net.Addr, key secret.Text) *grpc.ClientConn {
	t.Helper()
	keyed := func(ctx context.Context) context.Context {
		return metadata.AppendToOutgoingContext(ctx, "x-api-key", key.Reveal())
	}
	conn, err := grpc.NewClient(address.String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, q, answer any, cc *grpc.ClientConn, call grpc.UnaryInvoker, o ...grpc.CallOption) error {
			return call(keyed(ctx), method, q, answer, cc, o...)
		}),
		grpc.WithStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, stream grpc.Streamer, o ...grpc.CallOption) (grpc.ClientStream, error) {
			return stream(keyed(ctx), desc, cc, method, o...)
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func randomSettings(t *testing.T) []string {
	t.Helper()
	return []string{"--data-dir=" + t.TempDir(), "--upstream-qps=0", "--log-level=error", "--no-image-fetch", "--sandbox-qps=0", "--watch-limit=20"}
}

// randomRequests are the requests of one test, and what became of them.
type randomRequests struct {
	conn           grpc.ClientConnInterface
	generator      *hostile.Generator
	unary, streams []protoreflect.MethodDescriptor

	mu      sync.Mutex
	results map[codes.Code]int64
	wrong   int
}

// sendRandom sends so many requests to the RPCs that are in, and fails the test for a panic, for a refusal that is the service's own fault, and
// where most requests break the contract's rules.
func sendRandom(
	t *testing.T, r *running, generator *hostile.Generator, conn grpc.ClientConnInterface, count int64, in func(protoreflect.MethodDescriptor) bool,
) {
	t.Helper()
	requests := &randomRequests{conn: conn, generator: generator, results: map[codes.Code]int64{}}
	for _, method := range contract.Methods() {
		switch {
		case !in(method):
		case method.IsStreamingClient() || method.IsStreamingServer():
			requests.streams = append(requests.streams, method)
		default:
			requests.unary = append(requests.unary, method)
		}
	}
	inTime := func() bool { return true }
	if end, bounded := t.Deadline(); bounded {
		inTime = func() bool { return time.Until(end) > time.Minute }
	}
	var (
		begun   atomic.Int64
		sending sync.WaitGroup
	)
	const senders = 8
	for sender := range uint64(senders) {
		sending.Go(func() {
			random := rand.New(rand.NewPCG(*randomSeed, sender))
			for number := begun.Add(1); number <= count && inTime(); number = begun.Add(1) {
				if number%randomProgress == 0 {
					t.Logf("%d requests begun", number)
				}
				requests.send(t, random)
			}
		})
	}
	sending.Wait()
	if log := r.log.String(); strings.Contains(log, "panic") {
		t.Errorf("the log tells of a panic: %.3000s", log)
	}
	requests.check(t)
}

// send sends one request, and counts what became of it.
func (r *randomRequests) send(t *testing.T, random *rand.Rand) {
	t.Helper()
	method, wait := r.unary[random.IntN(len(r.unary))], 2*time.Second
	if len(r.streams) > 0 && random.IntN(100) == 0 { // Some streams last until they are cut off.
		method, wait = r.streams[random.IntN(len(r.streams))], 50*time.Millisecond
	}
	q := hostile.Random(random, method)
	if random.IntN(4) > 0 {
		valid, err := r.generator.Valid(random, method)
		if err != nil {
			t.Error(err)
			return
		}
		q = valid
	}
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	st := status.Convert(hostile.Invoke(ctx, r.conn, method, q))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results[st.Code()]++
	// Each refusal has its reason. UNKNOWN is what 1688 refuses without a known code.
	if st.Code() == codes.Internal || st.Code() == codes.Unknown && rpcerr.Reason(st) == "" {
		if r.wrong++; r.wrong <= 5 {
			t.Errorf("%s %s: %v", method.FullName(), prototext.Format(q), st.Err())
		}
	}
}

// check logs the results, and demands that a third of the requests passed the rules.
func (r *randomRequests) check(t *testing.T) {
	t.Helper()
	var (
		table []string
		sent  int64
	)
	for _, code := range slices.Sorted(maps.Keys(r.results)) {
		sent += r.results[code]
		table = append(table, fmt.Sprintf("%s %d", code, r.results[code]))
	}
	t.Logf("%d requests, %d of them INTERNAL: %s", sent, r.wrong, strings.Join(table, ", "))
	if passed := sent - r.results[codes.InvalidArgument]; passed < sent/3 {
		t.Errorf("%d of %d requests passed the rules, so most of them tried nothing else", passed, sent)
	}
}

// newGenerator returns a generator of requests with ids that the service knows.
func newGenerator(t *testing.T, conn grpc.ClientConnInterface) *hostile.Generator {
	t.Helper()
	found, err := zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(t.Context(), headphones())
	if err != nil {
		t.Fatal(err)
	}
	watch, err := zhaohuov1.NewPriceWatchServiceClient(conn).CreatePriceWatch(t.Context(), &zhaohuov1.CreatePriceWatchRequest{PriceWatch: cups()})
	if err != nil {
		t.Fatal(err)
	}
	categories, err := zhaohuov1.NewCategoryServiceClient(conn).GetCategory(t.Context(), &zhaohuov1.GetCategoryRequest{Id: "0"})
	if err != nil {
		t.Fatal(err)
	}
	generator, err := hostile.NewGenerator(watch, found, categories)
	if err != nil {
		t.Fatal(err)
	}
	return generator
}
