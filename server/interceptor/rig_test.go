package interceptor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service answers with a function of the test.
type service struct {
	zhaohuov1.UnimplementedSearchServiceServer
	search func(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error)
	talk   func(grpc.ServerStream) error
	// source is StreamFindSource, without a message.
	source func(context.Context)
	// prepare, if it is set, prepares the keyword searches.
	prepare func(proto.Message) (encoded.Question, error)
}

// Preparers implements [interceptor.Preparer].
func (s *service) Preparers() map[string]func(proto.Message) (encoded.Question, error) {
	if s.prepare == nil {
		return nil
	}
	return map[string]func(proto.Message) (encoded.Question, error){"KeywordSearch": s.prepare}
}

func (s *service) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return s.search(ctx, q)
}

type combos struct {
	zhaohuov1.UnimplementedComboServiceServer
	service *service
}

func (c combos) StreamFindSource(_ *zhaohuov1.FindSourceRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamFindSourceResponse]) error {
	c.service.source(stream.Context())
	return nil
}

// talkDesc is a streaming service outside of the contract.
func talkDesc() *grpc.ServiceDesc {
	return &grpc.ServiceDesc{
		ServiceName: "test.Streams", HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{{
			StreamName: "Talk", ClientStreams: true, ServerStreams: true,
			Handler: func(srv any, ss grpc.ServerStream) error { return srv.(*service).talk(ss) },
		}, {
			StreamName: "Tell", ServerStreams: true,
			Handler: func(srv any, ss grpc.ServerStream) error { return srv.(*service).talk(ss) },
		}, {
			StreamName: "Take", ClientStreams: true,
			Handler: func(srv any, ss grpc.ServerStream) error { return srv.(*service).talk(ss) },
		}},
	}
}

// lines is a log in memory.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// text is the full log.
func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// entries are the log's lines without values that change between runs.
func (l *lines) entries(t *testing.T) []map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []map[string]any
	d := json.NewDecoder(bytes.NewReader(l.buf.Bytes()))
	for d.More() {
		entry := map[string]any{}
		if err := d.Decode(&entry); err != nil {
			t.Fatal(err)
		}
		delete(entry, "time")
		delete(entry, "took")
		all = append(all, entry)
	}
	return all
}

type rig struct {
	outside, inside *grpc.ClientConn
	chain           *interceptor.Chain
	log             *lines
	health          *health.Server
}

// start runs a server with the chain on a loopback port (outside) and in memory (inside).
func start(t *testing.T, c interceptor.Config, s *service) *rig {
	t.Helper()
	log := &lines{}
	c.Log = slog.New(slog.NewJSONHandler(log, nil))
	chain, err := interceptor.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(chain.ServerOptions()...)
	services := chain.Registrar(server)
	zhaohuov1.RegisterSearchServiceServer(services, s)
	services.RegisterService(talkDesc(), s)
	zhaohuov1.RegisterComboServiceServer(services, combos{service: s})
	zhaohuov1.RegisterProductServiceServer(services, zhaohuov1.UnimplementedProductServiceServer{})
	probes := health.NewServer()
	grpc_health_v1.RegisterHealthServer(services, probes)
	reflection.Register(struct {
		grpc.ServiceRegistrar
		reflection.ServiceInfoProvider
	}{services, server})

	outside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	inside := bufconn.Listen(1 << 20)
	var serving sync.WaitGroup
	for _, listener := range []net.Listener{outside, inside} {
		serving.Go(func() { _ = server.Serve(listener) })
	}
	t.Cleanup(func() {
		server.Stop()
		serving.Wait()
	})
	return &rig{
		outside: dial(t, outside.Addr().String()),
		inside: dial(t, "passthrough:///inside", grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return inside.DialContext(ctx)
		})),
		chain: chain, log: log, health: probes,
	}
}

func dial(t *testing.T, to string, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(to, append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func answer(context.Context, *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	return &zhaohuov1.KeywordSearchResponse{Page: 7}, nil
}
