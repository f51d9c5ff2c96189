package interceptor

import (
	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"golang.org/x/text/language"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// languageTagMax is the tag length that BCP-47 requires every implementation to accept.
const languageTagMax = 35

// leniency normalizes page, page size and language of every request before validation: page 0 and page size 0 count as
// unset, a page size above the maximum is capped, and a language loses its region. Invalid values stay, for the
// contract's rules to refuse.
type leniency struct{ fieldPlan }

func newLeniency(inputs []protoreflect.MessageDescriptor) leniency {
	return leniency{newFieldPlan(inputs, func(field protoreflect.FieldDescriptor) bool {
		rules := rulesOf(field)
		return proto.HasExtension(rules.GetInt32(), zhaohuov1.E_PageNumber) || proto.HasExtension(rules.GetInt32(), zhaohuov1.E_PageSizeMax) ||
			proto.HasExtension(rules.GetString(), zhaohuov1.E_LanguageCode)
	})}
}

// apply changes the request in place.
func (l leniency) apply(m protoreflect.Message) {
	l.each(m, "", func(m protoreflect.Message, field protoreflect.FieldDescriptor, _ string) {
		if field.Kind() == protoreflect.StringKind {
			m.Set(field, protoreflect.ValueOfString(bareLanguage(m.Get(field).String())))
			return
		}
		number := m.Get(field).Int()
		if number == 0 {
			m.Clear(field)
			return
		}
		if most, ok := proto.GetExtension(rulesOf(field).GetInt32(), zhaohuov1.E_PageSizeMax).(int32); ok && most > 0 && number > int64(most) {
			m.Set(field, protoreflect.ValueOfInt32(most))
		}
	})
}

// rulesOf is the contract's rules of a field; nil if there are none.
func rulesOf(field protoreflect.FieldDescriptor) *validate.FieldRules {
	rules, _ := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
	return rules
}

// bareLanguage is a BCP-47 tag without its script and region; other text stays unchanged.
func bareLanguage(tag string) string {
	if len(tag) > languageTagMax {
		return tag
	}
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	base, _, _ := parsed.Raw()
	return base.String()
}
