package scenario_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
)

// streamOverGRPC runs a case of an RPC that answers with a stream.
func (s *runningService) streamOverGRPC(ctx context.Context, t *testing.T, c scenario.Case, method protoreflect.MethodDescriptor, questions []proto.Message) outcome {
	t.Helper()
	stream, err := s.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: method.IsStreamingClient()},
		fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name()))
	if err != nil {
		t.Fatal(err)
	}
	for _, question := range questions {
		if stream.SendMsg(question) != nil {
			break // the server has answered already; receiving returns the answer
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	var all []proto.Message
	for {
		_, _, message := messages(t, c.RPC)
		err := stream.RecvMsg(message)
		if errors.Is(err, io.EOF) {
			return streamed(t, all, nil)
		}
		if err != nil {
			return streamed(t, all, status.Convert(err).Proto())
		}
		all = append(all, message)
	}
}

// streamOverREST reads an NDJSON body: lines of results, and at most one error, the last.
func streamOverREST(t *testing.T, c scenario.Case, mediaType string, body []byte) outcome {
	t.Helper()
	if mediaType != "application/x-ndjson" {
		t.Errorf("a stream of %q", mediaType)
	}
	var all []proto.Message
	var failed *statuspb.Status
	for text := range strings.Lines(string(body)) {
		var line struct{ Result, Error json.RawMessage }
		if err := json.Unmarshal([]byte(text), &line); err != nil || failed != nil || (line.Result == nil) == (line.Error == nil) {
			t.Fatalf("a line of a stream: %v\n%s", err, text)
		}
		_, _, message := messages(t, c.RPC)
		into := message
		if line.Error != nil {
			failed = &statuspb.Status{}
			into, line.Result = failed, line.Error
		}
		if err := protojson.Unmarshal(line.Result, into); err != nil {
			t.Fatalf("a line of a stream: %v\n%s", err, text)
		}
		if failed == nil {
			all = append(all, message)
		}
	}
	return streamed(t, all, failed)
}

func streamed(t *testing.T, all []proto.Message, failed *statuspb.Status) outcome {
	t.Helper()
	texts := make([]string, len(all))
	for i, message := range all {
		texts[i] = string(marshal(t, message))
	}
	return outcome{json: []byte("[" + strings.Join(texts, ",") + "]"), failed: failed, stream: all}
}

// alike returns a stream's messages without what may differ between two answers to one question: the sources of the parts,
// progress reports, and the order of a batch.
func alike(t *testing.T, stream []proto.Message) []string {
	t.Helper()
	var all []string
	for _, message := range stream {
		var fields map[string]any
		if err := json.Unmarshal(marshal(t, message), &fields); err != nil {
			t.Fatal(err)
		}
		if fields["progress"] != nil {
			continue
		}
		delete(fields, "resumeToken")
		without(fields, "meta")
		without(fields, "upstream_request_id")
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	slices.Sort(all)
	return all
}

// without deletes a field at every place.
func without(in any, name string) {
	switch v := in.(type) {
	case map[string]any:
		delete(v, name)
		for _, inner := range v {
			without(inner, name)
		}
	case []any:
		for _, inner := range v {
			without(inner, name)
		}
	}
}
