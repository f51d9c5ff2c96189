package contract_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// breach is a request that breaks a rule.
type breach struct {
	// of names the rule, path the field that is refused.
	of, path string
	// rule is the reason that names the rule, such as STRING_MAX_LEN; empty if several rules are named together.
	rule    string
	request proto.Message
}

// TestEveryRuleSpeaksChinese breaks each rule of the contract in a request of its own. Every refused field must say in Chinese what
// would be accepted, to who prefers Chinese, and nothing but English to all others.
func TestEveryRuleSpeaksChinese(t *testing.T) {
	s := service.Start(t, service.Options{})
	var conns [2]*grpc.ClientConn
	for i, addr := range []string{s.GRPC, strings.TrimPrefix(s.Ops, "http://")} {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		conns[i] = conn
	}
	broken := 0
	for _, f := range files(t) {
		for i := range f.Services().Len() {
			conn := conns[0]
			if f.Services().Get(i).Name() == "AdminService" {
				conn = conns[1]
			}
			for j := range f.Services().Get(i).Methods().Len() {
				method := f.Services().Get(i).Methods().Get(j)
				for _, b := range breaches(t, method.Input()) {
					broken++
					checkBreach(t, conn, method, b)
				}
			}
		}
	}
	if broken < 300 {
		t.Errorf("only %d rules were broken", broken)
	}
}

func checkBreach(t *testing.T, conn *grpc.ClientConn, method protoreflect.MethodDescriptor, b breach) {
	t.Helper()
	of := fmt.Sprintf("%s: %s", method.FullName(), b.of)
	chinese := refusedFields(t, conn, method, b.request, "zh-CN")
	found := false
	for _, v := range chinese {
		found = found || v.GetField() == b.path && (b.rule == "" || v.GetReason() == b.rule)
		local := v.GetLocalizedMessage()
		if local.GetLocale() != "zh-CN" || !strings.ContainsFunc(local.GetMessage(), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: %s: no Chinese for %q", of, v.GetField(), v.GetDescription())
		}
	}
	if !found {
		t.Errorf("%s: the rule %s was not broken at %s: %v", of, b.rule, b.path, chinese)
	}
	for _, v := range refusedFields(t, conn, method, b.request, "en") {
		if v.GetLocalizedMessage() != nil {
			t.Errorf("%s: %s: in English it says %q too", of, v.GetField(), v.GetLocalizedMessage())
		}
	}
}

// refusedFields sends a request and returns the fields that are refused.
func refusedFields(
	t *testing.T, conn *grpc.ClientConn, method protoreflect.MethodDescriptor, request proto.Message, language string,
) []*errdetails.BadRequest_FieldViolation {
	t.Helper()
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), "accept-language", language), time.Minute)
	defer cancel()
	desc := &grpc.StreamDesc{ClientStreams: method.IsStreamingClient(), ServerStreams: true}
	name := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
	stream, err := conn.NewStream(ctx, desc, name)
	if err == nil {
		err = stream.SendMsg(request)
	}
	if err == nil || errors.Is(err, io.EOF) {
		_ = stream.CloseSend() // The answer says what is wrong.
		err = stream.RecvMsg(dynamicpb.NewMessage(method.Output()))
	}
	for _, detail := range status.Convert(err).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			return bad.GetFieldViolations()
		}
	}
	t.Errorf("%s: no field is refused: %v", method.FullName(), err)
	return nil
}

// breaches are requests that each break one rule of a message, or of a message in it.
func breaches(t *testing.T, root protoreflect.MessageDescriptor) []breach {
	t.Helper()
	var all []breach
	// into puts a message into a request; at is its path.
	var walk func(m protoreflect.MessageDescriptor, at string, depth int, into func(proto.Message) proto.Message)
	walk = func(m protoreflect.MessageDescriptor, at string, depth int, into func(proto.Message) proto.Message) {
		for _, b := range messageBreaches(t, m) {
			b.path, b.request = strings.TrimSuffix(at+b.path, "."), into(b.request)
			all = append(all, b)
		}
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			if slices.Contains(behaviors(field), annotations.FieldBehavior_OUTPUT_ONLY) {
				continue
			}
			for _, b := range fieldBreaches(t, field) {
				b.path, b.request = at+b.path, into(b.request)
				all = append(all, b)
			}
			inner := field.Message()
			if inner == nil || field.IsMap() || inner.ParentFile().Package() != contractPackage || depth == 0 {
				continue
			}
			path := at + string(field.Name())
			if field.IsList() {
				path += "[0]"
			}
			walk(inner, path+".", depth-1, func(content proto.Message) proto.Message {
				holder := newMessage(t, m)
				value := protoreflect.ValueOfMessage(content.ProtoReflect())
				if field.IsList() {
					holder.ProtoReflect().Mutable(field).List().Append(value)
				} else {
					holder.ProtoReflect().Set(field, value)
				}
				return into(holder)
			})
		}
	}
	walk(root, "", 4, func(m proto.Message) proto.Message { return m })
	return all
}

func newMessage(t *testing.T, m protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(m.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return kind.New().Interface()
}

// messageBreaches break the rules of a message as a whole, and those of its oneofs.
func messageBreaches(t *testing.T, m protoreflect.MessageDescriptor) []breach {
	t.Helper()
	samples := map[string]string{
		"region.width": `{"left": 0.5, "right": 0.5, "bottom": 1}`, "region.height": `{"top": 0.5, "bottom": 0.5, "right": 1}`,
		"sales_filter.empty": `{}`, "sales_range.bounds": `{"min": "2", "max": "1"}`,
	}
	var all []breach
	if rules, ok := proto.GetExtension(m.Options(), validate.E_Message).(*validate.MessageRules); ok {
		for _, rule := range rules.GetCel() {
			sample, ok := samples[rule.GetId()]
			if !ok {
				t.Errorf("%s: the rule %s needs a sample that breaks it", m.FullName(), rule.GetId())
				continue
			}
			broken := newMessage(t, m)
			if err := protojson.Unmarshal([]byte(sample), broken); err != nil {
				t.Fatal(err)
			}
			all = append(all, breach{of: rule.GetId(), rule: reason(rule.GetId()), request: broken})
		}
	}
	for i := range m.Oneofs().Len() {
		one := m.Oneofs().Get(i)
		if rules, ok := proto.GetExtension(one.Options(), validate.E_Oneof).(*validate.OneofRules); ok && rules.GetRequired() {
			all = append(all, breach{of: string(one.FullName()), path: string(one.Name()), rule: "REQUIRED", request: newMessage(t, m)})
		}
	}
	return all
}

func reason(rule string) string { return strings.ToUpper(strings.ReplaceAll(rule, ".", "_")) }

// fieldBreaches break the rules of a field.
func fieldBreaches(t *testing.T, field protoreflect.FieldDescriptor) []breach {
	t.Helper()
	rules, ok := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
	if !ok || rules == nil {
		return nil
	}
	var all []breach
	add := func(rule, path, reason string, set func(m protoreflect.Message)) {
		m := newMessage(t, field.ContainingMessage())
		set(m.ProtoReflect())
		all = append(all, breach{of: string(field.FullName()) + " " + rule, path: path, rule: reason, request: m})
	}
	name := string(field.Name())
	if rules.GetRequired() {
		add("required", name, "REQUIRED", func(protoreflect.Message) {})
	}
	if repeated := rules.GetRepeated(); repeated != nil {
		listBreaches(t, field, repeated, add)
		return all
	}
	if field.IsMap() {
		mapBreaches(field, rules.GetMap(), add)
		return all
	}
	for _, v := range wrongValues(t, field, rules) {
		add(v.rule, name, v.reason, func(m protoreflect.Message) { m.Set(field, v.value) })
	}
	return all
}

// listBreaches break the rules of a list and of its items.
func listBreaches(
	t *testing.T, field protoreflect.FieldDescriptor, rules *validate.RepeatedRules, add func(rule, path, reason string, set func(protoreflect.Message)),
) {
	t.Helper()
	name := string(field.Name())
	items := func(n uint64, item func(m protoreflect.Message) protoreflect.Value) func(protoreflect.Message) {
		return func(m protoreflect.Message) {
			list := m.Mutable(field).List()
			for range n {
				list.Append(item(m))
			}
		}
	}
	same := func(m protoreflect.Message) protoreflect.Value {
		switch {
		case field.Message() != nil:
			return m.NewField(field).List().NewElement()
		case field.Kind() == protoreflect.EnumKind:
			return protoreflect.ValueOfEnum(1)
		}
		return protoreflect.ValueOfString("1")
	}
	if rules.GetMinItems() > 0 {
		add("min_items", name, "REPEATED_MIN_ITEMS", items(rules.GetMinItems()-1, same))
	}
	if rules.MaxItems != nil {
		add("max_items", name, "REPEATED_MAX_ITEMS", items(rules.GetMaxItems()+1, same))
	}
	if rules.GetUnique() {
		add("unique", name, "REPEATED_UNIQUE", items(2, same))
	}
	if rules.GetItems() != nil && field.Message() == nil {
		for _, v := range wrongValues(t, field, rules.GetItems()) {
			add("items."+v.rule, name+"[0]", v.reason, items(1, func(protoreflect.Message) protoreflect.Value { return v.value }))
		}
	}
}

// mapBreaches break the rules of a map from texts to texts, and of its keys.
func mapBreaches(field protoreflect.FieldDescriptor, rules *validate.MapRules, add func(rule, path, reason string, set func(protoreflect.Message))) {
	name := string(field.Name())
	put := func(m protoreflect.Message, key string) {
		m.Mutable(field).Map().Set(protoreflect.ValueOfString(key).MapKey(), protoreflect.ValueOfString(""))
	}
	if rules.MaxPairs != nil {
		add("max_pairs", name, "MAP_MAX_PAIRS", func(m protoreflect.Message) {
			for n := range rules.GetMaxPairs() + 1 {
				put(m, fmt.Sprint("k", n))
			}
		})
	}
	if most := rules.GetKeys().GetString().GetMaxLen(); most > 0 {
		long := strings.Repeat("k", int(most)+1)
		add("keys.max_len", name+`["`+long+`"]`, "STRING_MAX_LEN", func(m protoreflect.Message) { put(m, long) })
	}
	if rules.GetKeys().GetString().GetMinLen() > 0 {
		add("keys.min_len", name+`[""]`, "STRING_MIN_LEN", func(m protoreflect.Message) { put(m, "") })
	}
}

type wrongValue struct {
	rule, reason string
	value        protoreflect.Value
}

// wrongValues are values that each break one rule of a single value.
func wrongValues(t *testing.T, field protoreflect.FieldDescriptor, rules *validate.FieldRules) []wrongValue {
	t.Helper()
	message := rules.ProtoReflect()
	kind := message.WhichOneof(message.Descriptor().Oneofs().ByName("type"))
	if kind == nil {
		return nil
	}
	var all []wrongValue
	message.Get(kind).Message().Range(func(rule protoreflect.FieldDescriptor, bound protoreflect.Value) bool {
		name := string(kind.Name()) + "." + string(rule.Name())
		value, refusedAs, ok := breaking(name, field, bound)
		switch {
		case !ok:
			t.Errorf("%s: the rule %s needs a value that breaks it", field.FullName(), name)
		case rules.GetIgnore() == validate.Ignore_IGNORE_IF_ZERO_VALUE && value.Equal(field.Default()): // An empty value is accepted.
		default:
			all = append(all, wrongValue{name, refusedAs, value})
		}
		return true
	})
	return all
}

// breaking is a value that breaks a rule, and the reason that names the rule; false for a rule that it does not know.
func breaking(rule string, field protoreflect.FieldDescriptor, bound protoreflect.Value) (value protoreflect.Value, refusedAs string, known bool) {
	text := func(s string) (protoreflect.Value, string, bool) {
		return protoreflect.ValueOfString(s), reason(rule), true
	}
	integer := func(n int64) (protoreflect.Value, string, bool) {
		if field.Kind() == protoreflect.Int32Kind {
			return protoreflect.ValueOfInt32(int32(max(min(n, math.MaxInt32), math.MinInt32))), "", true
		}
		return protoreflect.ValueOfInt64(n), "", true
	}
	switch rule {
	case "string.min_len":
		return text(strings.Repeat("x", int(bound.Uint())-1))
	case "string.max_len":
		return text(strings.Repeat("长", int(bound.Uint())+1))
	case "string.max_bytes":
		return text(strings.Repeat("x", int(bound.Uint())+1))
	case "string.words":
		return protoreflect.ValueOfString(" "), "KEYWORD_BLANK", true
	case "string.opaque_id":
		return text("%41")
	case "string.in", "string.yuan", "string.category_id", "string.product_id", "string.facet_id", "string.language_code", "string.event_id", "string.currency",
		"string.division_code", "string.category_or_root", "string.rank_type", "string.date":
		return text("-")
	case "bytes.min_len":
		return protoreflect.ValueOfBytes(make([]byte, bound.Uint()-1)), reason(rule), true
	case "bytes.max_len":
		return protoreflect.ValueOfBytes(make([]byte, bound.Uint()+1)), reason(rule), true
	case "int32.gte", "int64.gte":
		return integer(bound.Int() - 1)
	case "int32.lte", "int64.lte":
		return integer(bound.Int() + 1)
	case "int32.page_number", "int32.page_size_max":
		return integer(-1)
	case "double.gte", "double.gt":
		return protoreflect.ValueOfFloat64(bound.Float() - 1), "", true
	case "double.lte":
		return protoreflect.ValueOfFloat64(bound.Float() + 1), "", true
	case "double.finite":
		return protoreflect.ValueOfFloat64(math.Inf(1)), "", true
	case "duration.gte":
		least, ok := bound.Message().Interface().(*durationpb.Duration)
		length := least.AsDuration() - time.Second
		return protoreflect.ValueOfMessage(durationpb.New(length).ProtoReflect()), reason(rule), ok
	case "enum.defined_only":
		return protoreflect.ValueOfEnum(9999), reason(rule), true
	case "enum.not_in":
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(bound.List().Get(0).Int())), reason(rule), true
	}
	return protoreflect.Value{}, "", false
}
