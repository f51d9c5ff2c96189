package gateway

import (
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// The rules that a refused field breaks.
const (
	ruleText    = "TEXT"
	ruleType    = "TYPE"
	ruleEnum    = "ENUM"
	ruleOnce    = "ONCE"
	ruleUnknown = "UNKNOWN_FIELD"
	ruleOneof   = "ONEOF"
)

// readQuery reads query parameters into msg. A parameter is a field by its JSON or proto name, with dots for fields of
// messages. Lists are repeated parameters; enums are given by name. Anything else is a fault that names the parameter:
// UnknownField, MalformedRequest for text that does not fit the field's type, InvalidField for an unknown enum value.
// Fields in the path (pathParams) may not be repeated.
func readQuery(msg proto.Message, query url.Values, pathParams map[string]string) error {
	return readValues(msg, query, pathParams, "query parameter")
}

// readValues is readQuery for other values, which what describes in faults about unknown names.
func readValues(msg proto.Message, query url.Values, pathParams map[string]string, what string) error {
	keys := slices.Sorted(maps.Keys(query))
	targets := make([]target, 0, len(keys))
	var unknown []string
	for _, key := range keys {
		if !utf8.ValidString(key) {
			return fault.New(fault.MalformedRequest, "a %s's name is not UTF-8", what)
		}
		t, ok := resolve(msg.ProtoReflect(), key)
		if _, inPath := pathParams[t.path]; !ok || inPath {
			unknown = append(unknown, key)
			continue
		}
		targets = append(targets, t)
	}
	if len(unknown) > 0 {
		return unknownNames(what, unknown, "no such "+what)
	}
	var refused *fault.Fault
	seen := map[string]bool{}
	for i, t := range targets {
		values := query[keys[i]]
		var wrong *fault.Fault
		if seen[t.path] {
			wrong = notOnce(t.path)
		} else {
			wrong = t.set(values)
		}
		seen[t.path] = true
		refused = joined(refused, wrong)
	}
	if refused != nil {
		return refused
	}
	return nil
}

// joined keeps the first fault and adds the fields of the second.
func joined(a, b *fault.Fault) *fault.Fault {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	for _, field := range b.Fields {
		a = a.WithField(field.Path, field.Rule, field.Why)
	}
	return a
}

func unknownParameters(names []string, why string) error {
	return unknownNames("query parameter", names, why)
}

func unknownNames(what string, names []string, why string) error {
	names = names[:min(len(names), fault.FieldsMax)]
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = strconv.Quote(name)
	}
	f := fault.New(fault.UnknownField, "unknown %s %s", what, strings.Join(shown, ", "))
	for _, name := range names {
		f = f.WithField(name, ruleUnknown, why)
	}
	return f
}

func notOnce(path string) *fault.Fault {
	return fault.New(fault.MalformedRequest, "%s is given more than once", path).WithField(path, ruleOnce, "must be given once")
}

// target is the field that a parameter sets.
type target struct {
	in    protoreflect.Message
	field protoreflect.FieldDescriptor
	// path is the field's path in proto names.
	path string
}

// resolve finds the field that a parameter names. Maps, and messages without a text form, are not allowed in a query.
func resolve(msg protoreflect.Message, key string) (target, bool) {
	var path []string
	for {
		name, rest, deeper := strings.Cut(key, ".")
		field := fieldNamed(msg.Descriptor(), name)
		if field == nil || field.IsMap() {
			return target{}, false
		}
		path = append(path, string(field.Name()))
		isMessage := field.Message() != nil && !hasTextForm(field)
		if !deeper {
			return target{in: msg, field: field, path: strings.Join(path, ".")}, !isMessage
		}
		if !isMessage || field.IsList() {
			return target{}, false
		}
		msg, key = msg.Mutable(field).Message(), rest
	}
}

func fieldNamed(in protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if field := in.Fields().ByJSONName(name); field != nil {
		return field
	}
	return in.Fields().ByName(protoreflect.Name(name))
}

func (t target) set(values []string) *fault.Fault {
	if !t.field.IsList() {
		if len(values) != 1 {
			return notOnce(t.path)
		}
		v, wrong := scalar(t.field, t.path, values[0])
		if wrong == nil {
			t.in.Set(t.field, v)
		}
		return wrong
	}
	if t.field.Message() != nil {
		return notA(t.path, ruleType, "given in a body: a query has no form for it")
	}
	list := t.in.Mutable(t.field).List()
	for i, value := range values {
		v, wrong := scalar(t.field, t.path+"["+strconv.Itoa(i)+"]", value)
		if wrong != nil {
			return wrong
		}
		list.Append(v)
	}
	return nil
}

// scalar reads one value. It accepts nothing that the library's parser would read differently.
func scalar(field protoreflect.FieldDescriptor, path, text string) (protoreflect.Value, *fault.Fault) {
	if !utf8.ValidString(text) {
		return protoreflect.Value{}, notA(path, ruleText, "text in UTF-8")
	}
	switch field.Kind() {
	case protoreflect.MessageKind:
		return wellKnown(field, path, text)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text), nil
	case protoreflect.BoolKind:
		switch text {
		case "true", "false":
			return protoreflect.ValueOfBool(text == "true"), nil
		}
		return protoreflect.Value{}, notA(path, ruleType, "true or false")
	case protoreflect.EnumKind:
		value := field.Enum().Values().ByName(protoreflect.Name(text))
		if value == nil {
			return protoreflect.Value{}, notAnEnum(field, path, text)
		}
		return protoreflect.ValueOfEnum(value.Number()), nil
	}
	return number(field, path, text)
}

// number reads one value of a numeric field.
func number(field protoreflect.FieldDescriptor, path, text string) (protoreflect.Value, *fault.Fault) {
	switch field.Kind() {
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || text[0] == '+' {
			return protoreflect.Value{}, notA(path, ruleType, "an integer of 32 bits")
		}
		return protoreflect.ValueOfInt32(int32(n)), nil
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || text[0] == '+' {
			return protoreflect.Value{}, notA(path, ruleType, "an integer of 64 bits")
		}
		return protoreflect.ValueOfInt64(n), nil
	case protoreflect.DoubleKind:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || strings.ContainsAny(text, "_xX+pP") {
			return protoreflect.Value{}, notA(path, ruleType, "a decimal number")
		}
		return protoreflect.ValueOfFloat64(x), nil
	}
	return protoreflect.Value{}, notA(path, ruleType, "given in a body: a query has no form for it")
}

func notA(path, rule, wanted string) *fault.Fault {
	return fault.New(fault.MalformedRequest, "%s must be %s", path, wanted).WithField(path, rule, "must be "+wanted)
}

// notAnEnum lists the values of the enum, without the unspecified one.
func notAnEnum(field protoreflect.FieldDescriptor, path, text string) *fault.Fault {
	values := field.Enum().Values()
	var names []string
	for i := range values.Len() {
		if values.Get(i).Number() != 0 {
			names = append(names, string(values.Get(i).Name()))
		}
	}
	return fault.New(fault.InvalidField, "%s: %.60q is not one of its values", path, text).
		WithField(path, ruleEnum, "must be one of "+strings.Join(names, ", "))
}
