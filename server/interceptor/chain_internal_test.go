package interceptor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func pass(name string, after ...string) link {
	return link{
		name: name, after: after,
		stream: func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			return handler(srv, ss)
		},
	}
}

func TestOrderIsChecked(t *testing.T) {
	for name, test := range map[string]struct {
		links []link
		want  string
	}{
		"in order":       {[]link{pass("a"), pass("b", "a")}, ""},
		"turned round":   {[]link{pass("b", "a"), pass("a")}, `interceptor: link "b" must come after "a"`},
		"missing":        {[]link{pass("b", "a")}, `interceptor: link "b" must come after "a"`},
		"twice":          {[]link{pass("a"), pass("a")}, `interceptor: link "a" is listed twice`},
		"nothing at all": {[]link{{name: "none"}}, `interceptor: link "none" does nothing`},
	} {
		got := ""
		if _, err := newChain(test.links); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestLinkNames(t *testing.T) {
	chain, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"telemetry", "request-id", "caller", "metrics", "access-log", "fault-mapping", "recovery", "drain", "load-shedding", "deadline",
		"authentication", "client-rate", "concurrency", "authorization", "demand", "arrival", "size", "validation",
	}
	if diff := cmp.Diff(want, chain.Names()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAcceptRequestID(t *testing.T) {
	long := string(make([]byte, 129))
	for _, good := range []string{"a", "0af7651916cd43dd8448eb211c80319c", "Root=1-67891233:ab/c+d@e.f_g"} {
		if got := AcceptRequestID(good); got != good {
			t.Errorf("%q became %q", good, got)
		}
	}
	for _, bad := range []string{"", "a b", "a\nb", "é", `a"b`, long, "a,b", "\xff"} {
		got := AcceptRequestID(bad)
		if got == bad || len(got) != 36 || AcceptRequestID(bad) == got {
			t.Errorf("%q became %q", bad, got)
		}
	}
}

// TestEveryRPCHasAClass: every RPC of the contract has a class, and only those.
func TestEveryRPCHasAClass(t *testing.T) {
	there := map[string]bool{}
	for _, method := range contract.Methods() {
		name := contract.FullMethod(method)
		there[name] = true
		class, ok := classes[name]
		if !ok {
			t.Errorf("%s has no class", name)
		}
		if method.IsStreamingServer() && !contract.OneAnswer(method) && class != upstream.Batch {
			t.Errorf("%s answers with a stream, but its class is %v", name, class)
		}
	}
	for name := range classes {
		if !there[name] {
			t.Errorf("%s has a class but is no RPC", name)
		}
	}
}
