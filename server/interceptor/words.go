package interceptor

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/words"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

const (
	// The rule of the contract for required words, and what it says.
	ruleBlank = "keyword.blank"
	whyBlank  = "must have a character that is not white space"
)

// normalizer brings the words of every request into one form (see package words) before they are validated, so that
// rules, cache, batch and upstream all see the same text. It lists, for each message that holds words at any depth, the
// fields that hold or lead to them.
type normalizer map[protoreflect.FullName][]protoreflect.FieldDescriptor

func newNormalizer(inputs []protoreflect.MessageDescriptor) normalizer {
	n := normalizer{}
	for _, input := range inputs {
		n.plan(input)
	}
	return n
}

// plan notes a message's fields and returns whether it holds words.
func (n normalizer) plan(message protoreflect.MessageDescriptor) bool {
	if fields, known := n[message.FullName()]; known {
		return len(fields) > 0
	}
	n[message.FullName()] = nil // A message inside itself.
	var fields []protoreflect.FieldDescriptor
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		inside := field.Message() != nil && !field.IsMap() && !field.IsList() && n.plan(field.Message())
		if inside || contract.IsWords(field) {
			fields = append(fields, field)
		}
	}
	n[message.FullName()] = fields
	return len(fields) > 0
}

// normalize rewrites a request's words in place, and returns the fields whose words were given and show nothing: they
// are refused also where words may be left out.
func (n normalizer) normalize(m protoreflect.Message) []fault.Field {
	var blank []string
	n.walk(m, "", &blank)
	fields := make([]fault.Field, len(blank))
	for i, path := range blank {
		fields[i] = fault.Field{Path: path, Rule: ruleBlank, Why: whyBlank}
	}
	return fields
}

// walk rewrites the words in place and collects the paths of blank ones.
func (n normalizer) walk(m protoreflect.Message, at string, blank *[]string) {
	for _, field := range n[m.Descriptor().FullName()] {
		if !m.Has(field) {
			continue
		}
		path := at + string(field.Name())
		switch {
		case field.Message() != nil:
			n.walk(m.Mutable(field).Message(), path+".", blank)
		case field.IsList():
			list := m.Mutable(field).List()
			for i := range list.Len() {
				if text, changed := form(list.Get(i).String(), blank, func() string { return fmt.Sprintf("%s[%d]", path, i) }); changed {
					list.Set(i, protoreflect.ValueOfString(text))
				}
			}
		default:
			if text, changed := form(m.Get(field).String(), blank, func() string { return path }); changed {
				m.Set(field, protoreflect.ValueOfString(text))
			}
		}
	}
}

// form is the form of one text, and whether it differs. A text that becomes blank is noted by its path.
func form(text string, blank *[]string, path func() string) (string, bool) {
	formed := words.Normalize(text)
	if formed == "" && text != "" && len(*blank) < fault.FieldsMax {
		*blank = append(*blank, path())
	}
	return formed, formed != text
}
