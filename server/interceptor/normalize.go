package interceptor

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/words"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

const (
	// The contract's rule for required words, and its message.
	ruleBlank = "keyword.blank"
	whyBlank  = "must have a character that is not white space"
)

// normalizer normalizes the words of every request (see package words) before validation, so that rules, cache, batch
// and upstream see the same text.
type normalizer struct{ fieldPlan }

func newNormalizer(inputs []protoreflect.MessageDescriptor) normalizer {
	return normalizer{newFieldPlan(inputs, contract.IsWords)}
}

// normalize rewrites a request's words in place. It returns the fields whose words were given but are blank: they are
// refused even if the words are optional.
func (n normalizer) normalize(m protoreflect.Message) []fault.Field {
	var blank []string
	n.each(m, "", func(m protoreflect.Message, field protoreflect.FieldDescriptor, path string) {
		rewrite(m, field, path, &blank)
	})
	fields := make([]fault.Field, len(blank))
	for i, path := range blank {
		fields[i] = fault.Field{Path: path, Rule: ruleBlank, Why: whyBlank}
	}
	return fields
}

// rewrite rewrites the words of one field in place and collects the paths of blank ones.
func rewrite(m protoreflect.Message, field protoreflect.FieldDescriptor, path string, blank *[]string) {
	if !field.IsList() {
		if text, changed := form(m.Get(field).String(), blank, func() string { return path }); changed {
			m.Set(field, protoreflect.ValueOfString(text))
		}
		return
	}
	list := m.Mutable(field).List()
	for i := range list.Len() {
		if text, changed := form(list.Get(i).String(), blank, func() string { return fmt.Sprintf("%s[%d]", path, i) }); changed {
			list.Set(i, protoreflect.ValueOfString(text))
		}
	}
}

// form returns the normal form of a text, and whether it differs. The path of a text that becomes blank is recorded.
func form(text string, blank *[]string, path func() string) (string, bool) {
	formed := words.Normalize(text)
	if formed == "" && text != "" && len(*blank) < fault.FieldsMax {
		*blank = append(*blank, path())
	}
	return formed, formed != text
}
