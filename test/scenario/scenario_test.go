package scenario_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
)

// TestTable runs every case over gRPC and REST in both dialects, and compares the answers of the two transports. With traces, REST
// calls the RPCs over a connection, and otherwise directly: nobody may see a difference.
func TestTable(t *testing.T) {
	cases, err := scenario.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []struct {
		name, dialect string
		more          map[string]string
	}{
		{"aop", "aop", nil},
		{"top", "top", nil},
		{"aop with traces", "aop", map[string]string{"ZHAOHUO_OTLP_ENDPOINT": "http://127.0.0.1:9"}}, // Nobody listens there.
	} {
		dialect := way.dialect
		t.Run(way.name, func(t *testing.T) {
			settings := map[string]string{"ZHAOHUO_DIALECT": dialect}
			maps.Copy(settings, way.more)
			shared := start(t, settings)
			for _, c := range cases {
				if way.more != nil && (c.Fresh || strings.HasPrefix(c.RPC, "ComboService/")) {
					continue // They take long, and strategies are called as all RPCs are.
				}
				t.Run(strings.ReplaceAll(c.Name, " ", "-"), func(t *testing.T) {
					want, err := c.For(dialect)
					if err != nil {
						t.Fatal(err)
					}
					if !c.Fresh {
						play(t, c, want, func() *runningService { return shared })
						return
					}
					t.Parallel() // it mostly waits for a throttle to end
					play(t, c, want, func() *runningService { return start(t, settings) })
				})
			}
		})
	}
}

// play runs one case over every transport that it names, each time against the service that serving returns. A strategy is
// also run as the stream of its steps.
func play(t *testing.T, c scenario.Case, want scenario.Expect, serving func() *runningService) {
	overGRPC := serving().overGRPC(t, c)
	hold(t, "gRPC", overGRPC, want)
	for _, route := range c.REST {
		overREST := serving().overREST(t, c, route)
		hold(t, route, overREST, want)
		if diff := cmp.Diff(alike(t, overGRPC.stream), alike(t, overREST.stream)); diff != "" && !c.Fresh {
			t.Errorf("%s streams otherwise than gRPC:\n%s", route, diff)
		}
		if overGRPC.message == nil || overREST.message == nil || c.Fresh {
			continue // two services have different addresses in their answers
		}
		if diff := cmp.Diff(overGRPC.message, overREST.message, protocmp.Transform(), ignoreMeta(overGRPC.message)); diff != "" {
			t.Errorf("%s answers otherwise than gRPC:\n%s", route, diff)
		}
	}
	if strings.HasPrefix(c.RPC, "ComboService/") {
		playSteps(t, c, want, overGRPC, serving)
	}
}

// ignoreMeta ignores what may differ between two answers to one question.
func ignoreMeta(m proto.Message) cmp.Option {
	// Two upstream calls have different request ids, also in the error of a failed part.
	options := cmp.Options{cmpopts.IgnoreMapEntries(func(key, _ string) bool { return key == fault.MetaUpstreamRequestID })}
	if fd := m.ProtoReflect().Descriptor().Fields().ByName("meta"); fd != nil {
		options = append(options, protocmp.IgnoreFields(m, "meta"))
	}
	// The answer of an upload embeds that of a search.
	if fd := m.ProtoReflect().Descriptor().Fields().ByName("response"); fd != nil && fd.Message() != nil {
		options = append(options, protocmp.IgnoreFields(m.ProtoReflect().NewField(fd).Message().Interface(), "meta"))
	}
	return options
}

// outcome is an answer or an error of any transport.
type outcome struct {
	message proto.Message
	json    []byte
	failed  *statuspb.Status
	// stream holds the messages of a server stream. json is then their list, also when the stream failed after them.
	stream []proto.Message
}

func (s *runningService) overGRPC(t *testing.T, c scenario.Case) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout(t, c))
	defer cancel()
	if c.Upload != "" {
		return s.uploadOverGRPC(ctx, t, c)
	}
	c.Request = s.withIDs(ctx, t, c.Request)
	method, question, answer := messages(t, c.RPC)
	if method.IsStreamingClient() {
		return s.picturesOverGRPC(ctx, t, c, method)
	}
	if err := protojson.Unmarshal(asJSON(t, c.Request), question); err != nil {
		t.Fatalf("the case's request: %v", err)
	}
	if method.IsStreamingServer() {
		return s.streamOverGRPC(ctx, t, c, method, []proto.Message{question})
	}
	err := s.conn.Invoke(ctx, fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name()), question, answer)
	if err != nil {
		return outcome{failed: status.Convert(err).Proto()}
	}
	return outcome{message: answer, json: marshal(t, answer)}
}

func (s *runningService) overREST(t *testing.T, c scenario.Case, route string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout(t, c))
	defer cancel()
	verb, path, ok := strings.Cut(route, " ")
	if !ok {
		t.Fatalf("%q is not a route", route)
	}
	c.Request = s.withIDs(ctx, t, c.Request)
	request := s.restRequest(ctx, t, c, verb, path)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		failed := &statuspb.Status{}
		if err := protojson.Unmarshal(text, failed); err != nil {
			t.Fatalf("HTTP %d is no status: %v\n%s", response.StatusCode, err, text)
		}
		return outcome{failed: failed}
	}
	method, _, answer := messages(t, c.RPC)
	if method.IsStreamingServer() {
		return streamOverREST(t, c, response.Header.Get("Content-Type"), text)
	}
	if err := protojson.Unmarshal(text, answer); err != nil {
		t.Fatalf("the answer: %v\n%s", err, text)
	}
	return outcome{message: answer, json: marshal(t, answer)}
}

// restRequest writes a case as an HTTP request.
func (s *runningService) restRequest(ctx context.Context, t *testing.T, c scenario.Case, verb, path string) *http.Request {
	t.Helper()
	path, rest := bindPath(path, c.Request)
	var body io.Reader
	mediaType := ""
	switch verb {
	case "FORM":
		verb = http.MethodPost
		mediaType, body = form(t, rest, c.Upload)
	case "RAW":
		verb, mediaType = http.MethodPost, "application/octet-stream"
		path += "?" + query(rest).Encode()
		body = bytes.NewReader(photo(t, c.Upload))
	case http.MethodGet:
		path += "?" + query(rest).Encode()
	default:
		mediaType, body = "application/json", bytes.NewReader(asJSON(t, rest))
	}
	request, err := http.NewRequestWithContext(ctx, verb, s.REST+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	return request
}

// hold compares an outcome with the expected one.
func hold(t *testing.T, way string, got outcome, want scenario.Expect) {
	t.Helper()
	code := codes.Code(got.failed.GetCode())
	if upperSnake(code) != want.Code {
		t.Errorf("%s: code %s, want %s: %v", way, upperSnake(code), want.Code, got.failed)
		return
	}
	for _, check := range want.Checks {
		for _, wrong := range check.Against(got.json) {
			t.Errorf("%s: %s", way, wrong)
		}
	}
	if got.failed == nil {
		return
	}
	holdError(t, way, got.failed, want)
}

func holdError(t *testing.T, way string, failed *statuspb.Status, want scenario.Expect) {
	t.Helper()
	var info *errdetails.ErrorInfo
	var fields []string
	retry, localized := false, ""
	for _, detail := range status.FromProto(failed).Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			info = d
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				fields = append(fields, v.GetField())
			}
		case *errdetails.RetryInfo:
			retry = d.GetRetryDelay().AsDuration() > 0
		case *errdetails.LocalizedMessage:
			localized = d.GetMessage()
		}
	}
	if want.Reason == "" {
		// The client may notice first and give no details, or the server gives a reason with the code's name.
		if info != nil && info.GetReason() != want.Code {
			t.Errorf("%s: reason %s, want none or %s", way, info.GetReason(), want.Code)
		}
		return
	}
	if info.GetReason() != want.Reason || info.GetDomain() != "zhaohuo.dev" {
		t.Errorf("%s: reason %s of %q, want %s", way, info.GetReason(), info.GetDomain(), want.Reason)
	}
	slices.Sort(fields)
	if diff := cmp.Diff(want.Fields, fields); diff != "" {
		t.Errorf("%s: fields: %s", way, diff)
	}
	if retry != want.Retry {
		t.Errorf("%s: RetryInfo %v, want %v", way, retry, want.Retry)
	}
	if localized == "" {
		t.Errorf("%s: no LocalizedMessage", way)
	}
	for key, value := range want.Meta {
		if info.GetMetadata()[key] != value {
			t.Errorf("%s: metadata %s is %q, want %q", way, key, info.GetMetadata()[key], value)
		}
	}
}

func upperSnake(c codes.Code) string {
	switch c {
	case codes.OK:
		return "OK"
	case codes.Canceled:
		return "CANCELLED"
	}
	return strings.ToUpper(regexp.MustCompile("([a-z])([A-Z])").ReplaceAllString(c.String(), "${1}_${2}"))
}

func messages(t *testing.T, rpc string) (protoreflect.MethodDescriptor, proto.Message, proto.Message) {
	t.Helper()
	name := protoreflect.FullName("zhaohuo.v1." + strings.ReplaceAll(rpc, "/", "."))
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		t.Fatal(err)
	}
	method := found.(protoreflect.MethodDescriptor)
	fresh := func(d protoreflect.MessageDescriptor) proto.Message {
		mt, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
		if err != nil {
			t.Fatal(err)
		}
		return mt.New().Interface()
	}
	return method, fresh(method.Input()), fresh(method.Output())
}

// marshal writes an answer as the gateway does.
func marshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func asJSON(t *testing.T, v map[string]any) []byte {
	t.Helper()
	if v == nil {
		v = map[string]any{}
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// bindPath puts request fields into the {…} parts of a path and returns the other fields.
func bindPath(path string, request map[string]any) (string, map[string]any) {
	rest := map[string]any{}
	for key, value := range request {
		place := "{" + key + "}"
		if strings.Contains(path, place) {
			path = strings.ReplaceAll(path, place, url.PathEscape(fmt.Sprint(value)))
			continue
		}
		rest[key] = value
	}
	return path, rest
}

func query(request map[string]any) url.Values {
	values := url.Values{}
	for key, value := range request {
		if list, ok := value.([]any); ok {
			for _, v := range list {
				values.Add(key, fmt.Sprint(v))
			}
			continue
		}
		if inner, ok := value.(map[string]any); ok {
			for name, all := range query(inner) {
				values[key+"."+name] = all
			}
			continue
		}
		values.Set(key, fmt.Sprint(value))
	}
	return values
}

func timeout(t *testing.T, c scenario.Case) time.Duration {
	t.Helper()
	if c.Timeout == "" {
		return 5 * time.Minute
	}
	d, err := time.ParseDuration(c.Timeout)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
