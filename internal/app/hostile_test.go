package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// hostileBytes is about how large each hostile value is: far over every bound of the contract but a picture's, far below
// what a request may have.
const hostileBytes = 64 << 10

// hostilePlace is a field of a request: the fields that lead to it, the last being itself.
type hostilePlace []protoreflect.FieldDescriptor

func (p hostilePlace) last() protoreflect.FieldDescriptor { return p[len(p)-1] }

func (p hostilePlace) String() string {
	var names []string
	for _, field := range p {
		names = append(names, string(field.Name()))
	}
	return strings.Join(names, ".")
}

// placesIn lists the fields of a message that can grow, nested ones included.
func placesIn(message protoreflect.MessageDescriptor, before hostilePlace) []hostilePlace {
	var all []hostilePlace
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		at := append(before[:len(before):len(before)], field)
		grows := field.IsList() || field.IsMap() || field.Kind() == protoreflect.StringKind || field.Kind() == protoreflect.BytesKind
		if grows {
			all = append(all, at)
		}
		if field.Message() != nil && !field.IsMap() && len(at) < 4 {
			all = append(all, placesIn(field.Message(), at)...)
		}
	}
	return all
}

// grow makes the field at the place hostile: too many items, each of which breaks a rule, or one value that is too long.
// blank has text of nothing but white space.
func grow(m protoreflect.Message, at hostilePlace, blank bool) {
	for _, field := range at[:len(at)-1] {
		if field.IsList() {
			m = m.Mutable(field).List().AppendMutable().Message()
			continue
		}
		m = m.Mutable(field).Message()
	}
	field := at.last()
	switch {
	case field.IsMap():
		pairs := m.Mutable(field).Map()
		for i := range hostileBytes / 8 {
			pairs.Set(protoreflect.ValueOfString(strconv.Itoa(i)).MapKey(), pairs.NewValue())
		}
	case field.IsList():
		list := m.Mutable(field).List()
		for i := range hostileBytes / 6 {
			list.Append(hostileItem(list, field, i, blank))
		}
	default:
		m.Set(field, hostileText(field, strings.Repeat(map[bool]string{true: " ", false: "9"}[blank], hostileBytes)))
	}
}

func hostileItem(list protoreflect.List, field protoreflect.FieldDescriptor, i int, blank bool) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(1000 + i))
	case protoreflect.StringKind, protoreflect.BytesKind:
		if blank {
			return hostileText(field, " ")
		}
		return hostileText(field, strconv.Itoa(i))
	}
	return list.NewElement()
}

func hostileText(field protoreflect.FieldDescriptor, text string) protoreflect.Value {
	if field.Kind() == protoreflect.BytesKind {
		return protoreflect.ValueOfBytes([]byte(text))
	}
	return protoreflect.ValueOfString(text)
}

// cost is what the whole process spent.
type cost struct {
	processor time.Duration
	allocated uint64
}

func spent(t *testing.T, do func()) cost {
	t.Helper()
	runtime.GC() // So that what came before is collected before and not meanwhile.
	before, memory := processor(t), allocated()
	do()
	return cost{processor(t) - before, allocated() - memory}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func processor(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// invoke calls an RPC of any kind with one message, and gives how it ended, or nil with its first answer.
func invoke(ctx context.Context, conn *grpc.ClientConn, method protoreflect.MethodDescriptor, q proto.Message) error {
	answer, err := protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, contract.FullMethod(method))
	if err != nil {
		return err
	}
	// What a failure to send means is told by receiving.
	_ = stream.SendMsg(q)
	_ = stream.CloseSend()
	if err := stream.RecvMsg(answer.New().Interface()); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// post sends a body to a route, and gives the answer's status.
func post(ctx context.Context, base, path string, body []byte) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 1<<20)
	return response.StatusCode, nil
}

// postPaths are the routes with a body of an RPC.
func postPaths(method protoreflect.MethodDescriptor) []string {
	rule, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule == nil {
		return nil
	}
	var paths []string
	for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		if path := r.GetPost(); path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// largestGood is a request that keeps every rule and is as large as the hostile ones. It costs no upstream call, because it
// goes on a batch that never was.
func largestGood() *zhaohuov1.BatchKeywordSearchRequest {
	q := &zhaohuov1.BatchKeywordSearchRequest{ResumeToken: "none of ours"}
	for i := range 1000 {
		q.Keywords = append(q.Keywords, strings.Repeat("词", 95)+strconv.Itoa(i))
	}
	return q
}

// TestHostileRequestsCostNoMoreThanGoodOnes: whichever field of whichever RPC is grown far over its bound, with a broken rule
// in each of its items, refusing it costs about what a good request of the size costs. Nothing is measured against a clock.
func TestHostileRequestsCostNoMoreThanGoodOnes(t *testing.T) {
	r := start(t, settings(t, nil), false)
	conn, base := outside(t, r.App), "http://"+r.HTTPAddr().String()
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()

	batch := zhaohuov1.File_zhaohuo_v1_search_service_proto.Services().ByName("SearchService").Methods().ByName("BatchKeywordSearch")
	good, err := protojson.Marshal(largestGood())
	if err != nil {
		t.Fatal(err)
	}
	measure := func() cost {
		return spent(t, func() {
			if err := invoke(ctx, conn, batch, largestGood()); status.Code(err) != codes.InvalidArgument {
				t.Fatal(err)
			}
			if code, err := post(ctx, base, "/v1/products:batchKeywordSearch", good); err != nil || code != http.StatusBadRequest {
				t.Fatal(code, err)
			}
		})
	}
	measure() // What is set up once is no part of the measure.
	yardstick := measure()
	most := cost{10*yardstick.processor + time.Second/2, 10*yardstick.allocated + 8<<20}
	check := func(what string, got cost) {
		t.Helper()
		if got.processor > most.processor || got.allocated > most.allocated {
			t.Errorf("%s: %v and %d KiB; a good request costs %v and %d KiB", what,
				got.processor, got.allocated>>10, yardstick.processor, yardstick.allocated>>10)
		}
	}
	for _, method := range contract.Methods() {
		kind, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range placesIn(method.Input(), nil) {
			for _, blank := range []bool{true, false} {
				if blank && at.last().Kind() != protoreflect.StringKind {
					continue // It has no text to be blank.
				}
				q := kind.New()
				grow(q, at, blank)
				name := string(method.Name()) + " " + at.String()
				check(name+" over gRPC", spent(t, func() {
					err := invoke(ctx, conn, method, q.Interface())
					if code := status.Code(err); at.last().IsList() && code != codes.InvalidArgument {
						t.Errorf("%s: %v", name, err)
					}
				}))
				body, err := protojson.Marshal(q.Interface())
				if err != nil {
					t.Fatal(err)
				}
				for _, path := range postPaths(method) {
					checkBody(ctx, t, base, path, body, at.last().IsList(), check)
				}
				if ctx.Err() != nil {
					t.Fatalf("%s: it does not come to an end", name)
				}
			}
		}
	}
	pictures := &zhaohuov1.BatchImageSearchBody{}
	for _, at := range placesIn(pictures.ProtoReflect().Descriptor(), nil) {
		q := &zhaohuov1.BatchImageSearchBody{}
		grow(q.ProtoReflect(), at, true)
		body, err := protojson.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		checkBody(ctx, t, base, "/v1/products:batchImageSearch", body, at.last().IsList(), check)
	}
	checkQueries(ctx, t, base, check)
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// checkBody sends a hostile body, and once more with items that are of no type of the contract.
func checkBody(ctx context.Context, t *testing.T, base, path string, body []byte, list bool, check func(string, cost)) {
	t.Helper()
	bodies := [][]byte{body}
	if list {
		// The last item is of the wrong type: whoever looks for it has to pass all others.
		bodies = append(bodies, bytes.Replace(body, []byte("]"), []byte(",[]]"), 1))
	}
	for _, b := range bodies {
		check("POST "+path+" "+string(b[:60]), spent(t, func() {
			if code, err := post(ctx, base, path, b); err != nil || list && code != http.StatusBadRequest {
				t.Errorf("POST %s: %d %v", path, code, err)
			}
		}))
	}
}

// checkQueries sends as many parameters as a header has room for: unknown ones, and one that is repeated.
func checkQueries(ctx context.Context, t *testing.T, base string, check func(string, cost)) {
	t.Helper()
	unknown := url.Values{}
	for i := range 8000 {
		unknown.Set("x"+strconv.Itoa(i), "")
	}
	for what, query := range map[string]string{
		"unknown": unknown.Encode(), "filters": strings.Repeat("filters=X&", 6000), "page": strings.Repeat("page=0&", 8000),
	} {
		check("GET "+what, spent(t, func() {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/products:keywordSearch?"+query, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
			if err != nil {
				t.Errorf("GET %s: %v", what, err)
				return
			}
			defer response.Body.Close()
			if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusBadRequest {
				t.Errorf("GET %s: %d %v", what, response.StatusCode, err)
			}
		}))
	}
}
