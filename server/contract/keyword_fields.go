package contract

import "google.golang.org/protobuf/reflect/protoreflect"

// IsWords reports whether a field of a request contains search words, which people type.
func IsWords(field protoreflect.FieldDescriptor) bool {
	if field.Kind() != protoreflect.StringKind {
		return false
	}
	switch field.Name() {
	case "keyword", "keywords", "seeds":
		return true
	}
	return false
}
