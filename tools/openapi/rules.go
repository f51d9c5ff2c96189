package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// limit adds the validation rules of a field to its schema. A rule that has no form in a schema is an error, so that no
// limit is lost without notice.
func limit(s *schema, field protoreflect.FieldDescriptor) error {
	rules, ok := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
	if !ok || rules == nil {
		return nil
	}
	if err := limitBy(s, rules); err != nil {
		return fmt.Errorf("%s: %w", field.FullName(), err)
	}
	return nil
}

func limitBy(s *schema, rules *validate.FieldRules) error {
	if len(rules.GetCel()) > 0 || len(rules.GetCelExpression()) > 0 {
		return errors.New("a CEL rule of a field has no form in a schema: make it a predefined rule")
	}
	message := rules.ProtoReflect()
	which := message.WhichOneof(message.Descriptor().Oneofs().ByName("type"))
	if which == nil {
		return nil // Only `required`, which belongs into the parent's schema.
	}
	if repeated := rules.GetRepeated(); repeated != nil {
		s.MinItems, s.MaxItems, s.UniqueItems = repeated.GetMinItems(), repeated.GetMaxItems(), repeated.GetUnique()
		if repeated.GetItems() == nil {
			return nil
		}
		return limitBy(s.Items, repeated.GetItems())
	}
	if pairs := rules.GetMap(); pairs != nil {
		return limitMap(s, pairs)
	}
	var wrong error
	message.Get(which).Message().Range(func(rule protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		wrong = limitByOne(s, which.Name(), rule, value)
		return wrong == nil
	})
	if rules.GetIgnore() == validate.Ignore_IGNORE_IF_ZERO_VALUE {
		allowEmpty(s)
	}
	return wrong
}

// limitMap limits an object with any members.
func limitMap(s *schema, rules *validate.MapRules) error {
	s.MaxProperties = rules.GetMaxPairs()
	if rules.GetKeys() != nil {
		s.PropertyNames = &schema{Type: "string"}
		if err := limitBy(s.PropertyNames, rules.GetKeys()); err != nil {
			return err
		}
	}
	if rules.GetValues() != nil {
		return errors.New("a rule of a map's values has no form in a schema yet")
	}
	return nil
}

// limitByOne puts one rule into the schema.
func limitByOne(s *schema, kind protoreflect.Name, rule protoreflect.FieldDescriptor, value protoreflect.Value) error {
	if rule.IsExtension() {
		return limitByPredefined(s, rule)
	}
	switch kind + "." + rule.Name() {
	case "string.min_len":
		s.MinLength = value.Uint()
	case "string.max_len":
		s.MaxLength = value.Uint()
	case "string.max_bytes":
		s.MaxLength = value.Uint() // A character is at least a byte.
	case "bytes.min_len":
		s.MinLength = base64Length(value.Uint())
	case "bytes.max_len":
		s.MaxLength = base64Length(value.Uint())
	case "string.in":
		for i := range value.List().Len() {
			s.Enum = append(s.Enum, value.List().Get(i).String())
		}
	case "int32.gte", "int64.gte", "double.gte":
		s.Minimum = value.Interface()
	case "double.gt":
		s.ExclusiveMinimum = value.Interface()
	case "int32.lte", "int64.lte", "double.lte":
		s.Maximum = value.Interface()
	case "duration.gte":
		if !proto.Equal(value.Message().Interface(), value.Message().New().Interface()) {
			return errors.New("a duration's bound other than 0 has no form in a schema")
		}
		s.Pattern = `^[0-9]+([.][0-9]{1,9})?s$`
	case "enum.defined_only": // An enum's schema lists what is defined.
	case "enum.not_in":
		return withoutZero(s, value.List())
	default:
		return fmt.Errorf("rule %s.%s has no form in a schema yet", kind, rule.Name())
	}
	return nil
}

// withoutZero leaves out the first value of an enum, which means "unspecified".
func withoutZero(s *schema, values protoreflect.List) error {
	if values.Len() != 1 || values.Get(0).Int() != 0 {
		return errors.New("only the value 0 of an enum can be left out")
	}
	s.Enum = slices.Clone(s.Enum[1:])
	return nil
}

func base64Length(n uint64) uint64 { return (n + 2) / 3 * 4 }

var (
	wanted   = regexp.MustCompile(`^!rule \|\| this\.matches\('([^']+)'\)$`)
	unwanted = regexp.MustCompile(`^!rule \|\| !this\.matches\('([^']+)'\)$`)
	least    = regexp.MustCompile(`^(?:!rule \|\| )?this >= ([0-9]+)$`)
)

// region is what a language tag may have after the language. The server removes it before the rule is applied.
const region = `([-_][A-Za-z0-9]{1,8})*`

// limitByPredefined reads the pattern or the minimum from one of the contract's own rules.
func limitByPredefined(s *schema, rule protoreflect.FieldDescriptor) error {
	predefined, ok := proto.GetExtension(rule.Options(), validate.E_Predefined).(*validate.PredefinedRules)
	if !ok || len(predefined.GetCel()) != 1 {
		return fmt.Errorf("rule %s has not one CEL expression", rule.FullName())
	}
	expression := predefined.GetCel()[0].GetExpression()
	if found := wanted.FindStringSubmatch(expression); found != nil {
		s.Pattern = found[1]
		if rule.Name() == "language_code" {
			s.Pattern = strings.TrimSuffix(found[1], "$") + region + "$"
		}
		return nil
	}
	if found := least.FindStringSubmatch(expression); found != nil {
		number, err := strconv.ParseInt(found[1], 10, 32)
		s.Minimum = number
		return err
	}
	if found := unwanted.FindStringSubmatch(expression); found != nil {
		s.Not = &schema{Pattern: found[1]}
		return nil
	}
	return fmt.Errorf("rule %s is no pattern: %s", rule.FullName(), expression)
}

// allowEmpty is for rules that do not hold for the empty text.
func allowEmpty(s *schema) {
	if s.Pattern != "" {
		s.Pattern = "^$|" + s.Pattern
	}
	if len(s.Enum) > 0 {
		s.Enum = append([]string{""}, s.Enum...)
	}
}

// requiredIn lists the fields that are required: those for which an empty request is refused.
func requiredIn(message protoreflect.MessageDescriptor) (map[protoreflect.Name]bool, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(message.FullName())
	if err != nil {
		return nil, err
	}
	required := map[protoreflect.Name]bool{}
	err = protovalidate.Validate(kind.New().Interface())
	if err == nil {
		return required, nil
	}
	refused, ok := errors.AsType[*protovalidate.ValidationError](err)
	if !ok {
		return nil, err
	}
	for _, violation := range refused.Violations {
		if elements := violation.Proto.GetField().GetElements(); len(elements) > 0 {
			required[protoreflect.Name(elements[0].GetFieldName())] = true
		}
	}
	return required, nil
}
