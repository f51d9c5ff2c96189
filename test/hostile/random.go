package hostile

import (
	"math"
	"math/rand/v2"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// depthRandom is how deep messages are nested.
const depthRandom = 4

// Random is a request of a method with any values in any of its fields, most of them at the edges of what a field holds. Each sixteenth
// has fields that the contract does not know.
func Random(r *rand.Rand, method protoreflect.MethodDescriptor) proto.Message {
	m := dynamicpb.NewMessage(method.Input())
	fill(r, m, depthRandom)
	if r.IntN(16) == 0 {
		m.SetUnknown(protowire.AppendBytes(protowire.AppendTag(nil, protowire.Number(1+r.IntN(1<<20)), protowire.BytesType), []byte(word(r))))
	}
	return m
}

// fill sets some fields of a message: about three of them, however many it has.
func fill(r *rand.Rand, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if r.IntN(fields.Len()) >= 3 || field.Message() != nil && depth == 0 {
			continue
		}
		switch {
		case field.IsMap():
			entries := m.Mutable(field).Map()
			for range r.IntN(3) {
				value := entries.NewValue()
				if field.MapValue().Message() != nil {
					fill(r, value.Message(), depth-1)
				} else {
					value = scalar(r, field.MapValue())
				}
				entries.Set(scalar(r, field.MapKey()).MapKey(), value)
			}
		case field.IsList():
			list := m.Mutable(field).List()
			for range r.IntN(4) {
				if field.Message() != nil {
					fill(r, list.AppendMutable().Message(), depth-1)
				} else {
					list.Append(scalar(r, field))
				}
			}
		case field.Message() != nil:
			fill(r, m.Mutable(field).Message(), depth-1)
		default:
			m.Set(field, scalar(r, field))
		}
	}
}

// scalar is a value of a field that is no message.
func scalar(r *rand.Rand, field protoreflect.FieldDescriptor) protoreflect.Value {
	edge := []int64{0, 1, 2, 10, 50, -1, 100, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64, r.Int64()}[r.IntN(12)]
	fraction := []float64{0, 1, -1, 0.5, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}[r.IntN(9)]
	switch field.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(edge&1 == 1)
	case protoreflect.EnumKind:
		if values := field.Enum().Values(); r.IntN(4) > 0 {
			return protoreflect.ValueOfEnum(values.Get(r.IntN(values.Len())).Number())
		}
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(edge))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(edge))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(edge)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(edge))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(edge))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(fraction))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(fraction)
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(word(r)))
	default:
		return protoreflect.ValueOfString(word(r))
	}
}

// word is a text that a field may mean something with, or that may break what reads it.
func word(r *rand.Rand) string {
	words := []string{
		"", " ", "耳机", "6000000000001", "0", "-1", "1e309", "9.99", "9,99", "NaN", "00000", "null", "{}", "[1", `"`, "\\", "a\x00b", "\u202e", "😀",
		"\ufeff", "products.price", "*", "../../etc/passwd", "https://127.0.0.1/x.jpg", "https://[::1]/", "data:image/png;base64,AAAA",
		"\xff\xd8\xff\xe0", "GIF89a\x01\x00\x01\x00", "\x89PNG\r\n\x1a\n", "com.alibaba.x:y-1", "2026-02-30T25:61:61Z", "Asia/Nowhere", "CNY",
	}
	text := words[r.IntN(len(words))]
	if r.IntN(32) == 0 {
		text = strings.Repeat(text, 1+r.IntN(300))
	}
	return strings.ToValidUTF8(text, "?")
}
