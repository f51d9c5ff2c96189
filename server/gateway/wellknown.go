package gateway

import (
	"encoding/json"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// textForm is the text form of a well-known message, in a query, a form field or a JSON string.
type textForm struct {
	empty func() proto.Message
	// wanted describes the form to callers.
	wanted string
	// quoted is true if JSON puts it in quotes.
	quoted bool
}

// textForms are the well-known messages that are a single value in JSON. The texts are the same as in JSON.
func textForms(name protoreflect.FullName) (textForm, bool) {
	switch name {
	case "google.protobuf.Duration":
		return textForm{func() proto.Message { return &durationpb.Duration{} }, "a duration in seconds, such as 60s or 1.5s", true}, true
	case "google.protobuf.Timestamp":
		return textForm{func() proto.Message { return &timestamppb.Timestamp{} }, "a time in RFC 3339, such as 2026-01-31T08:00:00Z", true}, true
	case "google.protobuf.FieldMask":
		return textForm{func() proto.Message { return &fieldmaskpb.FieldMask{} }, "field paths joined by commas, such as title,price", true}, true
	case "google.protobuf.StringValue":
		return textForm{func() proto.Message { return &wrapperspb.StringValue{} }, "text in UTF-8", true}, true
	case "google.protobuf.BoolValue":
		return textForm{func() proto.Message { return &wrapperspb.BoolValue{} }, "true or false", false}, true
	case "google.protobuf.Int32Value":
		return textForm{func() proto.Message { return &wrapperspb.Int32Value{} }, "an integer of 32 bits", false}, true
	case "google.protobuf.UInt32Value":
		return textForm{func() proto.Message { return &wrapperspb.UInt32Value{} }, "a whole number of 32 bits", false}, true
	case "google.protobuf.Int64Value":
		return textForm{func() proto.Message { return &wrapperspb.Int64Value{} }, "an integer of 64 bits", false}, true
	case "google.protobuf.UInt64Value":
		return textForm{func() proto.Message { return &wrapperspb.UInt64Value{} }, "a whole number of 64 bits", false}, true
	case "google.protobuf.DoubleValue":
		return textForm{func() proto.Message { return &wrapperspb.DoubleValue{} }, "a decimal number", false}, true
	}
	return textForm{}, false
}

// hasTextForm reports whether the field is a single message with a text form.
func hasTextForm(field protoreflect.FieldDescriptor) bool {
	_, ok := textForms(field.Message().FullName())
	return ok && !field.IsList()
}

// wellKnown reads a well-known message from its text. It accepts what both JSON and the library's query parser accept,
// so that the library's second reading of the query gives the same value.
func wellKnown(field protoreflect.FieldDescriptor, path, text string) (protoreflect.Value, *fault.Fault) {
	form, ok := textForms(field.Message().FullName())
	if !ok {
		return protoreflect.Value{}, notA(path, ruleType, "given in a body: a query has no form for it")
	}
	refused := notA(path, ruleType, form.wanted)
	asJSON := []byte(text)
	if form.quoted {
		asJSON, _ = json.Marshal(text) // Marshalling a string cannot fail.
	} else if strings.TrimSpace(text) != text || text == "null" {
		return protoreflect.Value{}, refused
	}
	msg := form.empty()
	if protojson.Unmarshal(asJSON, msg) != nil {
		return protoreflect.Value{}, refused
	}
	// Go's durations end after 292 years.
	if d, ok := msg.(*durationpb.Duration); ok && !proto.Equal(d, durationpb.New(d.AsDuration())) {
		return protoreflect.Value{}, refused
	}
	if mask, ok := msg.(*fieldmaskpb.FieldMask); ok && text != strings.Join(mask.GetPaths(), ",") {
		return protoreflect.Value{}, refused // A path in camelCase: the library's parser does not convert it.
	}
	return protoreflect.ValueOfMessage(msg.ProtoReflect()), nil
}
