package interceptor

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// fieldBounds are the largest sizes that the contract allows a field; nil means no bound.
type fieldBounds struct {
	// items is the maximum number of items of a list, or of pairs of a map.
	items *uint64
	// characters and bytes bound one string or one byte string, also as an item of a list.
	characters, bytes *uint64
	// rule is the rule set's name in the contract: "string" or "bytes".
	rule string
}

// sizeBounds are the bounds of every message that a request can contain, by message and field. They are cheap to check
// and make all other checks cheap: an oversized field is refused before other rules look at each of its items.
type sizeBounds map[protoreflect.FullName]map[protoreflect.FieldNumber]fieldBounds

// newSizeBounds reads the bounds of messages, and of all messages within them.
func newSizeBounds(messages []protoreflect.MessageDescriptor) (sizeBounds, error) {
	all := sizeBounds{}
	for _, message := range messages {
		if err := all.add(message); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s sizeBounds) add(message protoreflect.MessageDescriptor) error {
	if _, known := s[message.FullName()]; known {
		return nil
	}
	bounds := map[protoreflect.FieldNumber]fieldBounds{}
	s[message.FullName()] = bounds
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		rules, err := protovalidate.ResolveFieldRules(field)
		if err != nil {
			return fmt.Errorf("interceptor: the rules of %s: %w", field.FullName(), err)
		}
		bounds[field.Number()] = boundsOf(rules)
		if inner := field.Message(); inner != nil && !field.IsMap() {
			if err := s.add(inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// boundsOf reads the sizes from a field's rules.
func boundsOf(rules *validate.FieldRules) fieldBounds {
	var b fieldBounds
	single := rules
	if list := rules.GetRepeated(); list != nil {
		single = list.GetItems()
		if list.HasMaxItems() {
			b.items = new(list.GetMaxItems())
		}
	}
	if pairs := rules.GetMap(); pairs.HasMaxPairs() {
		b.items = new(pairs.GetMaxPairs())
	}
	if text := single.GetString(); text != nil {
		b.rule = "string"
		if text.HasMaxLen() {
			b.characters = new(text.GetMaxLen())
		}
		if text.HasMaxBytes() {
			b.bytes = new(text.GetMaxBytes())
		}
	}
	if raw := single.GetBytes(); raw != nil && raw.HasMaxLen() {
		b.rule, b.bytes = "bytes", new(raw.GetMaxLen())
	}
	return b
}

// oversized finds the fields of a message, and of the messages in it, that are larger than allowed: at most
// [fault.FieldsMax]. It does not look into a list that is too long.
func (s sizeBounds) oversized(m protoreflect.Message) []fault.Field {
	var found []fault.Field
	s.walk(m, "", &found)
	return found
}

func (s sizeBounds) walk(m protoreflect.Message, prefix string, found *[]fault.Field) {
	bounds := s[m.Descriptor().FullName()]
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		path := prefix + string(field.Name())
		wrong, inner := bounds[field.Number()].check(field, value, path)
		*found = append(*found, wrong...)
		if len(wrong) > 0 || !inner {
			return len(*found) < fault.FieldsMax
		}
		if !field.IsList() {
			s.walk(value.Message(), path+".", found)
			return len(*found) < fault.FieldsMax
		}
		for i := range value.List().Len() {
			if len(*found) >= fault.FieldsMax {
				break
			}
			s.walk(value.List().Get(i).Message(), path+"["+strconv.Itoa(i)+"].", found)
		}
		return len(*found) < fault.FieldsMax
	})
}

// check returns what is too large in one field, and reports whether to look into its messages. Of a list it returns the
// first item that is too large.
func (b fieldBounds) check(field protoreflect.FieldDescriptor, value protoreflect.Value, path string) (wrong []fault.Field, inner bool) {
	switch {
	case field.IsMap():
		if n := uint64(value.Map().Len()); b.items != nil && n > *b.items {
			return []fault.Field{{Path: path, Rule: "map.max_pairs", Why: fmt.Sprintf("must hold at most %d pairs, and holds %d", *b.items, n)}}, false
		}
		return nil, false
	case field.IsList():
		list := value.List()
		if n := uint64(list.Len()); b.items != nil && n > *b.items {
			return []fault.Field{{Path: path, Rule: "repeated.max_items", Why: fmt.Sprintf("must hold at most %d items, and holds %d", *b.items, n)}}, false
		}
		if field.Message() != nil {
			return nil, true
		}
		for i := range list.Len() {
			if too := b.single(field, list.Get(i), path+"["+strconv.Itoa(i)+"]"); too != nil {
				return []fault.Field{*too}, false
			}
		}
		return nil, false
	case field.Message() != nil:
		return nil, true
	}
	if too := b.single(field, value, path); too != nil {
		return []fault.Field{*too}, false
	}
	return nil, false
}

// single checks one value; nil if it is not too large.
func (b fieldBounds) single(field protoreflect.FieldDescriptor, value protoreflect.Value, path string) *fault.Field {
	var size uint64
	switch field.Kind() {
	case protoreflect.StringKind:
		text := value.String()
		size = uint64(len(text))
		// A text has no more characters than bytes, so counting is rarely necessary.
		if b.characters != nil && size > *b.characters && uint64(utf8.RuneCountInString(text)) > *b.characters {
			return &fault.Field{Path: path, Rule: b.rule + ".max_len", Why: fmt.Sprintf("must be at most %d characters", *b.characters)}
		}
	case protoreflect.BytesKind:
		size = uint64(len(value.Bytes()))
	default:
		return nil
	}
	if b.bytes == nil || size <= *b.bytes {
		return nil
	}
	rule := ".max_bytes"
	if field.Kind() == protoreflect.BytesKind {
		rule = ".max_len"
	}
	return &fault.Field{Path: path, Rule: b.rule + rule, Why: fmt.Sprintf("must be at most %d bytes", *b.bytes)}
}

// ShouldValidate implements [protovalidate.Filter]: other rules do not see what is too large.
func (s sizeBounds) ShouldValidate(m protoreflect.Message, d protoreflect.Descriptor) bool {
	field, ok := d.(protoreflect.FieldDescriptor)
	if !ok || !m.Has(field) {
		return true
	}
	wrong, _ := s[m.Descriptor().FullName()][field.Number()].check(field, m.Get(field), "")
	return len(wrong) == 0
}
