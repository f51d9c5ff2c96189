package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// binding is one method and path of an RPC.
type binding struct {
	rpc protoreflect.MethodDescriptor
	// verb and path, such as GET and "/v1/products/{id}".
	verb, path string
	hasBody    bool
	// name is the operation's id.
	name string
}

// bindingsOf lists the methods and paths of an RPC; none for one that no annotation can describe.
func bindingsOf(rpc protoreflect.MethodDescriptor) ([]binding, error) {
	rule, ok := proto.GetExtension(rpc.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule == nil {
		return nil, nil
	}
	var all []binding
	for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		b := binding{rpc: rpc, hasBody: r.GetBody() == "*", name: lowerFirst(string(rpc.Name()))}
		switch p := r.GetPattern().(type) {
		case *annotations.HttpRule_Get:
			b.verb, b.path = http.MethodGet, p.Get
		case *annotations.HttpRule_Post:
			b.verb, b.path = http.MethodPost, p.Post
		case *annotations.HttpRule_Patch:
			b.verb, b.path = http.MethodPatch, p.Patch
		case *annotations.HttpRule_Delete:
			b.verb, b.path = http.MethodDelete, p.Delete
		default:
			return nil, fmt.Errorf("%s: its method has no form here yet", rpc.FullName())
		}
		if len(all) > 0 {
			b.name += "By" + b.verb[:1] + strings.ToLower(b.verb[1:])
		}
		all = append(all, b)
	}
	return all, nil
}

func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// operation describes one binding.
func (b *builder) operation(of binding) (operation, error) {
	text := b.comments.of(of.rpc)
	op := operation{
		OperationID: of.name, Tags: []string{string(of.rpc.Parent().Name())},
		Summary: firstSentence(text), Description: text, Parameters: commonParameters(),
	}
	sample := exampleOf(of.rpc)
	inPath := namesIn(of.path)
	parameters, err := b.parameters(of.rpc.Input(), inPath, sample)
	if err != nil {
		return op, err
	}
	if of.hasBody {
		parameters = slices.DeleteFunc(parameters, func(p parameter) bool { return p.In != "path" })
		if op.RequestBody, err = b.jsonBody(of.rpc.Input(), inPath, sample); err != nil {
			return op, err
		}
	}
	op.Parameters = append(parameters, op.Parameters...)
	answer, err := b.answer(of.rpc)
	op.Responses = responses(answer, statuses(of.hasBody, of.rpc.Name() == "Diagnose"))
	if !of.hasBody && !of.rpc.IsStreamingServer() {
		op.Responses["304"] = response{Description: "The answer is the one that `If-None-Match` names."}
	}
	return op, err
}

// jsonBody is a request in JSON, without the fields that its path holds.
func (b *builder) jsonBody(message protoreflect.MessageDescriptor, inPath map[protoreflect.Name]bool, sample map[string]any) (*body, error) {
	var s *schema
	var err error
	if len(inPath) == 0 {
		s, err = b.message(message, request)
	} else {
		s, err = b.messageWithout(message, inPath)
		sample = maps.Clone(sample)
		for name := range inPath {
			delete(sample, message.Fields().ByName(name).JSONName())
		}
	}
	if err != nil {
		return nil, err
	}
	return &body{
		Required:    message.Fields().Len() > len(inPath),
		Description: "UTF-8; at most as large as `limits.requestBytesMax` of GetServerInfo. `Content-Encoding: gzip` is taken.",
		Content: map[string]media{"application/json": {
			Schema: s, Examples: map[string]example{"example": {Value: sample}},
		}},
	}, nil
}

// answer describes what an RPC answers with: a message, or lines of messages.
func (b *builder) answer(rpc protoreflect.MethodDescriptor) (response, error) {
	s, err := b.message(rpc.Output(), answer)
	if err != nil {
		return response{}, err
	}
	headers := map[string]header{"X-Request-Id": {Ref: "#/components/headers/RequestId"}}
	if !rpc.IsStreamingServer() {
		return response{
			Description: b.comments.of(rpc.Output()), Headers: headers, Content: map[string]media{"application/json": {Schema: s}},
		}, nil
	}
	name := strings.TrimSuffix(string(rpc.Output().Name()), "Response") + "Line"
	b.schemas[name] = &schema{
		Description: "One line of the stream.",
		OneOf: []*schema{
			object("A message of the stream.", []string{"result"}, property{"result", s}),
			object("Why the stream ended early. It is the last line then.", []string{"error"}, property{"error", reference("Status")}),
		},
	}
	content := map[string]media{"application/x-ndjson": {Schema: reference(name)}}
	if rpc.Name() == "StreamPriceEvents" {
		content["text/event-stream"] = media{Schema: &schema{
			Type: "string",
			Description: "With `Accept: text/event-stream`: server-sent events. `event: priceEvent` has a PriceEvent as `data` and its id as `id`; a " +
				"comment with an `id` is a heartbeat; `event: streamError` has a Status as `data` and is the last one. `Last-Event-ID` goes on after an event.",
		}}
	}
	return response{
		Description: "A stream in NDJSON: each line is one JSON object of this schema, sent as soon as it is ready. " + b.comments.of(rpc.Output()),
		Headers:     headers, Content: content,
	}, nil
}

// responses describes the answer and the errors.
func responses(answer response, failed []int) map[string]response {
	all := map[string]response{"200": answer}
	for _, status := range failed {
		all[strconv.Itoa(status)] = response{Ref: "#/components/responses/" + failureName(status)}
	}
	return all
}

// namesIn lists the variables of a path.
func namesIn(path string) map[protoreflect.Name]bool {
	names := map[protoreflect.Name]bool{}
	for part := range strings.SplitSeq(path, "{") {
		if name, _, ok := strings.Cut(part, "}"); ok {
			names[protoreflect.Name(name)] = true
		}
	}
	return names
}

// pathInJSON returns the path with its variables named as in JSON.
func (of binding) pathInJSON() string {
	path := of.path
	for name := range namesIn(path) {
		path = strings.ReplaceAll(path, "{"+string(name)+"}", "{"+of.rpc.Input().Fields().ByName(name).JSONName()+"}")
	}
	return path
}

// parameters describes the fields of a request without a body.
func (b *builder) parameters(m protoreflect.MessageDescriptor, inPath map[protoreflect.Name]bool, sample map[string]any) ([]parameter, error) {
	required, err := requiredIn(m)
	if err != nil {
		return nil, err
	}
	var all []parameter
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		if field.IsMap() {
			continue // It has no form in a query: a request with one has a body.
		}
		if inner := field.Message(); inner != nil && wellKnown(inner.FullName()) == nil {
			below, err := b.parameters(inner, nil, nil)
			if err != nil {
				return nil, err
			}
			for _, p := range below {
				p.Name, p.Required = field.JSONName()+"."+p.Name, false
				all = append(all, p)
			}
			continue
		}
		s, err := b.field(field, request)
		if err != nil {
			return nil, err
		}
		p := parameter{
			Name: field.JSONName(), In: "query", Schema: s, Required: required[field.Name()],
			Description: b.describe(field, request), Example: sample[field.JSONName()],
		}
		if inPath[field.Name()] {
			p.In, p.Required = "path", true
			p.Description += " A `/` in it is written as `%2F`."
		}
		if field.IsList() {
			p.Style, p.Explode = "form", true
		}
		all = append(all, p)
	}
	return all, nil
}

// commonParameters describes the headers that every operation accepts.
func commonParameters() []parameter {
	var all []parameter
	for _, name := range []string{"AcceptLanguage", "RequestClass", "Timeout", "RequestId"} {
		all = append(all, parameter{Ref: "#/components/parameters/" + name})
	}
	return all
}

// exampleOf returns a request of the RPC that the sandbox answers.
func exampleOf(rpc protoreflect.MethodDescriptor) map[string]any {
	sample := map[string]any{}
	if err := json.Unmarshal([]byte(examples()[rpc.Name()]), &sample); err != nil {
		panic(fmt.Sprintf("the example of %s: %v", rpc.Name(), err))
	}
	return sample
}
