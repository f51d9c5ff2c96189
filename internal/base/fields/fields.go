// Package fields fills and reads fields of messages. It knows no message: fields of two messages are the same if name and type are.
package fields

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
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

// Time is a time as a field; nil, the field that is not set, for the zero time.
func Time(at time.Time) *timestamppb.Timestamp {
	if at.IsZero() {
		return nil
	}
	return timestamppb.New(at)
}

// Only is the place, from 0, of the one that is given among fields that exclude each other; false if none or several are given.
func Only(given ...bool) (place int, ok bool) {
	for i, one := range given {
		if !one {
			continue
		}
		if ok {
			return 0, false
		}
		place, ok = i, true
	}
	return place, ok
}
