package gateway

import (
	"bytes"
	"encoding/json"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// diagnose finds the error in JSON that protojson refused. It compares the JSON with the message's fields, because
// protojson reports errors only as text, and no decision here depends on text.
func diagnose(of protoreflect.MessageType, data []byte) error {
	if !json.Valid(data) {
		return fault.New(fault.MalformedRequest, "the body is not JSON")
	}
	if f := wrongIn(of, "", data); f != nil {
		return f
	}
	return fault.New(fault.MalformedRequest, "the body is not a %s", of.Descriptor().Name())
}

// wrongIn finds the first field of a JSON object that its message does not accept; nil if there is none.
func wrongIn(of protoreflect.MessageType, prefix string, data []byte) *fault.Fault {
	var wrong *fault.Fault
	seen, chosen := map[protoreflect.Name]bool{}, map[protoreflect.Name]protoreflect.Name{}
	isObject := eachMember(data, func(m member) bool {
		field := fieldNamed(of.Descriptor(), m.name)
		if field == nil {
			path := prefix + m.name
			wrong = fault.New(fault.UnknownField, "unknown field %.200q", path).WithField(path, ruleUnknown, "no such field")
			return false
		}
		path := prefix + string(field.Name())
		if seen[field.Name()] {
			wrong = notOnce(path)
			return false
		}
		seen[field.Name()] = true
		if wrong = setTwice(field, path, m.value, chosen); wrong == nil {
			wrong = wrongValue(of, field, path, m)
		}
		return wrong == nil
	})
	if wrong != nil || isObject {
		return wrong
	}
	f := fault.New(fault.MalformedRequest, "a JSON object is required")
	if prefix != "" {
		f = f.WithField(prefix[:len(prefix)-1], ruleType, "must be an object")
	}
	return f
}

// setTwice refuses a second field of a oneof. chosen are the fields already set, by oneof.
func setTwice(field protoreflect.FieldDescriptor, path string, value json.RawMessage, chosen map[protoreflect.Name]protoreflect.Name) *fault.Fault {
	one := field.ContainingOneof()
	if one == nil || one.IsSynthetic() || string(value) == "null" {
		return nil
	}
	if other, set := chosen[one.Name()]; set {
		return fault.Invalid(path, ruleOneof, "must not be given beside %s", other)
	}
	chosen[one.Name()] = field.Name()
	return nil
}

// wrongValue finds the error in one field's value. It checks the value alone, then its parts.
func wrongValue(of protoreflect.MessageType, field protoreflect.FieldDescriptor, path string, m member) *fault.Fault {
	if accepts(of, m.name, m.value) {
		return nil
	}
	if field.IsList() {
		return wrongItem(of, field, path, m)
	}
	return wrongSingle(of, field, path, m.value)
}

// itemsMax is how many items of a list are checked one by one: the length of the contract's longest list.
const itemsMax = 1000

// wrongItem finds the first item of a refused list that its field does not accept.
func wrongItem(of protoreflect.MessageType, field protoreflect.FieldDescriptor, path string, m member) *fault.Fault {
	var wrong *fault.Fault
	seen := 0
	isList := eachItem(m.value, func(item json.RawMessage) bool {
		if !accepts(of, m.name, bracketed(item)) {
			wrong = wrongSingle(of, field, path+"["+strconv.Itoa(seen)+"]", item)
		}
		seen++
		return wrong == nil && seen < itemsMax
	})
	switch {
	case wrong != nil:
		return wrong
	case !isList:
		return notA(path, ruleType, "a list")
	}
	return notA(path, ruleType, "a list, each item "+wanted(field))
}

func wrongSingle(of protoreflect.MessageType, field protoreflect.FieldDescriptor, path string, value json.RawMessage) *fault.Fault {
	if inner := messageOf(of, field); inner != nil {
		if f := wrongIn(inner, path+".", value); f != nil {
			return f
		}
	}
	isText := len(value) > 0 && value[0] == '"'
	switch {
	case field.Kind() == protoreflect.EnumKind && isText:
		var name string
		if json.Unmarshal(value, &name) == nil {
			return notAnEnum(field, path, name)
		}
	case field.Kind() == protoreflect.StringKind && isText:
		return notA(path, ruleText, "text without broken escapes, such as half a surrogate pair")
	}
	return notA(path, ruleType, wanted(field))
}

// messageOf is the type of a field that is a JSON object with its own fields; nil for all others.
func messageOf(of protoreflect.MessageType, field protoreflect.FieldDescriptor) protoreflect.MessageType {
	if field.Message() == nil || field.IsMap() || field.Message().ParentFile().Package() == "google.protobuf" {
		return nil
	}
	if field.IsList() {
		return of.New().NewField(field).List().NewElement().Message().Type()
	}
	return of.New().NewField(field).Message().Type()
}

// wanted describes what a field accepts.
func wanted(field protoreflect.FieldDescriptor) string {
	switch field.Kind() {
	case protoreflect.StringKind:
		return "text"
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.EnumKind:
		return "the name of one of its values"
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return "a " + string(field.Message().Name())
	case protoreflect.BytesKind:
		return "base64"
	default:
		return "a number of type " + field.Kind().String()
	}
}

// accepts reports whether protojson accepts a message with this field alone.
func accepts(of protoreflect.MessageType, name string, value json.RawMessage) bool {
	key, err := json.Marshal(name)
	if err != nil {
		return false
	}
	object := bytes.Join([][]byte{{'{'}, key, {':'}, value, {'}'}}, nil)
	return protojson.Unmarshal(object, of.New().Interface()) == nil
}

func bracketed(item json.RawMessage) json.RawMessage {
	return bytes.Join([][]byte{{'['}, item, {']'}}, nil)
}

// member is one name and value of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// eachMember calls show for an object's members in order, duplicates included, until show returns false; it returns
// false for anything but an object.
func eachMember(data []byte, show func(member) bool) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return false
		}
		m := member{}
		m.name, _ = name.(string) // Names in an object are strings.
		if err := d.Decode(&m.value); err != nil {
			return false
		}
		if !show(m) {
			break
		}
	}
	return true
}

// eachItem calls show for a list's items in order, until show returns false; it returns false for anything but a list.
func eachItem(data []byte, show func(json.RawMessage) bool) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return false
	}
	for d.More() {
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			return false
		}
		if !show(item) {
			break
		}
	}
	return true
}
