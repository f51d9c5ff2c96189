package main

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// side is whether a message is sent or answered. A request lists what must be given, an answer what is always present.
type side bool

const (
	request side = true
	answer  side = false
)

// builder makes schemas, one for each message and side.
type builder struct {
	comments comments
	schemas  map[string]*schema
	// answered are the messages that answers hold.
	answered map[protoreflect.FullName]bool
}

func newBuilder(c comments, methods []protoreflect.MethodDescriptor) *builder {
	b := &builder{comments: c, schemas: failureSchemas(), answered: map[protoreflect.FullName]bool{}}
	for _, method := range methods {
		b.noteAnswered(method.Output())
	}
	return b
}

func (b *builder) noteAnswered(message protoreflect.MessageDescriptor) {
	if b.answered[message.FullName()] {
		return
	}
	b.answered[message.FullName()] = true
	for i := range message.Fields().Len() {
		if inner := message.Fields().Get(i).Message(); inner != nil {
			b.noteAnswered(inner)
		}
	}
}

func reference(name string) *schema { return &schema{Ref: "#/components/schemas/" + name} }

// message is a reference to the schema of a message, which it makes if there is none yet.
func (b *builder) message(m protoreflect.MessageDescriptor, of side) (*schema, error) {
	if s := wellKnown(m.FullName()); s != nil {
		return s, nil
	}
	name := string(m.Name())
	if of == request && b.answered[m.FullName()] {
		name += "Input" // The same message, of which other fields are required.
	}
	if b.schemas[name] == nil {
		s := &schema{Type: "object", Description: b.comments.of(m)}
		b.schemas[name] = s // Before its fields, because they may refer to it.
		if err := b.fill(s, m, of); err != nil {
			return nil, err
		}
	}
	return reference(name), nil
}

// messageWithout is a reference to the schema of a request without some of its fields.
func (b *builder) messageWithout(m protoreflect.MessageDescriptor, names map[protoreflect.Name]bool) (*schema, error) {
	s := &schema{Type: "object", Description: b.comments.of(m)}
	if err := b.fill(s, m, request); err != nil {
		return nil, err
	}
	for name := range names {
		left := m.Fields().ByName(name).JSONName()
		s.Properties = slices.DeleteFunc(s.Properties, func(p property) bool { return p.name == left })
		s.Required = slices.DeleteFunc(s.Required, func(required string) bool { return required == left })
	}
	name := strings.TrimSuffix(string(m.Name()), "Request") + "Body"
	b.schemas[name] = s
	return reference(name), nil
}

// fill gives a message's schema its properties. A request has none that only the server sets.
func (b *builder) fill(s *schema, m protoreflect.MessageDescriptor, of side) error {
	required := map[protoreflect.Name]bool{}
	if of == request {
		var err error
		if required, err = requiredIn(m); err != nil {
			return err
		}
		s.AdditionalProperties = false
	}
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		if of == request && outputOnly(field) {
			continue
		}
		value, err := b.field(field, of)
		if err != nil {
			return err
		}
		value.Description = b.describe(field, of)
		s.Properties = append(s.Properties, property{field.JSONName(), value})
		// Answers have all fields except those that can be absent. Zeros and empty lists are included.
		if required[field.Name()] || of == answer && !field.HasPresence() {
			s.Required = append(s.Required, field.JSONName())
		}
	}
	return nil
}

func outputOnly(field protoreflect.FieldDescriptor) bool {
	behaviors, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviors, annotations.FieldBehavior_OUTPUT_ONLY)
}

// field is the schema of a field, with its limits, without its description.
func (b *builder) field(field protoreflect.FieldDescriptor, of side) (*schema, error) {
	if field.IsMap() {
		values, err := b.value(field.MapValue(), of)
		if err != nil {
			return nil, err
		}
		s := &schema{Type: "object", AdditionalProperties: values}
		if of == request {
			err = limit(s, field)
		}
		return s, err
	}
	s, err := b.value(field, of)
	if err != nil {
		return nil, err
	}
	if field.IsList() {
		s = &schema{Type: "array", Items: s}
	}
	if of == request {
		err = limit(s, field)
	}
	return s, err
}

// value is the schema of one value as JSON spells it.
func (b *builder) value(field protoreflect.FieldDescriptor, of side) (*schema, error) {
	switch field.Kind() {
	case protoreflect.MessageKind:
		return b.message(field.Message(), of)
	case protoreflect.EnumKind:
		return b.enum(field.Enum(), of), nil
	case protoreflect.StringKind:
		return &schema{Type: "string"}, nil
	case protoreflect.BytesKind:
		return &schema{Type: "string", ContentEncoding: "base64"}, nil
	case protoreflect.BoolKind:
		return &schema{Type: "boolean"}, nil
	case protoreflect.Int32Kind:
		return &schema{Type: "integer", Format: "int32"}, nil
	case protoreflect.Int64Kind:
		// A JSON number may lose digits, so answers write it as text. Requests may use either.
		if of == request {
			return &schema{Type: []string{"string", "integer"}, Format: "int64", Pattern: "^-?[0-9]+$"}, nil
		}
		return &schema{Type: "string", Format: "int64", Pattern: "^-?[0-9]+$"}, nil
	case protoreflect.DoubleKind:
		return &schema{Type: "number", Format: "double"}, nil
	}
	return nil, fmt.Errorf("%s: %s has no form in a schema yet", field.FullName(), field.Kind())
}

// enum lists the names. Those of a request stand where they are used, since each use has its own rules.
func (b *builder) enum(e protoreflect.EnumDescriptor, of side) *schema {
	s := &schema{Type: "string"}
	for i := range e.Values().Len() {
		s.Enum = append(s.Enum, string(e.Values().Get(i).Name()))
	}
	if of == request {
		return s
	}
	s.Description = b.comments.of(e) + "\n" + b.valuesOf(e)
	b.schemas[string(e.Name())] = s
	return reference(string(e.Name()))
}

// valuesOf describes the values of an enum, one a line.
func (b *builder) valuesOf(e protoreflect.EnumDescriptor) string {
	var text strings.Builder
	for i := range e.Values().Len() {
		value := e.Values().Get(i)
		fmt.Fprintf(&text, "\n- `%s`: %s", value.Name(), b.comments[value.FullName()])
	}
	return text.String()
}

// describe returns the contract's comment on a field. If the field's enum has no schema of its own, its values are
// described too.
func (b *builder) describe(field protoreflect.FieldDescriptor, of side) string {
	text := b.comments.of(field)
	if of == request && field.Enum() != nil {
		text += "\n" + b.valuesOf(field.Enum())
	}
	return text
}

// wellKnown is the schema of a message that JSON spells in a way of its own; nil for others.
func wellKnown(name protoreflect.FullName) *schema {
	switch name {
	case "google.protobuf.Duration":
		return &schema{Type: "string", Pattern: `^-?[0-9]+([.][0-9]{1,9})?s$`}
	case "google.protobuf.Timestamp":
		return &schema{Type: "string", Format: "date-time"}
	case "google.protobuf.FieldMask":
		return &schema{Type: "string"}
	case "google.rpc.Status":
		return reference("Status")
	case "google.type.Money":
		return reference("Money")
	}
	return nil
}
