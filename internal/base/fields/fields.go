// Package fields passes the fields that two messages have in common from one to the other. It knows no message: fields
// are the same if name and type are.
package fields

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Copy sets each field of to that from has too and that is set there. Fields that only one message has, or that differ
// in type, stay as they are. The two messages then share lists and messages.
func Copy(to, from proto.Message) {
	target := to.ProtoReflect()
	own := target.Descriptor().Fields()
	from.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if same := own.ByName(field.Name()); same != nil && sameType(same, field) {
			target.Set(same, value)
		}
		return true
	})
}

func sameType(a, b protoreflect.FieldDescriptor) bool {
	if a.Kind() != b.Kind() || a.Cardinality() != b.Cardinality() {
		return false
	}
	switch {
	case a.Message() != nil:
		return a.Message() == b.Message()
	case a.Enum() != nil:
		return a.Enum() == b.Enum()
	}
	return true
}
