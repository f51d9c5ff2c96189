package audit

import (
	"encoding/json"
	"net/url"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	// textMax is how many characters of a text are written, itemsMax how many items of a list.
	textMax  = 300
	itemsMax = 50
)

// stripped is a copy of a request without what must not be written: photos and all other bytes, the values of maps (parameters of any API of
// 1688), and all but the host of addresses. Texts and lists are cut. So it is small, whatever the request's size.
func stripped(request proto.Message) proto.Message {
	if request == nil {
		return nil
	}
	kept := request.ProtoReflect().New()
	copyPlain(kept, request.ProtoReflect())
	return kept.Interface()
}

// requestOf is a stripped request as JSON; nil where that cannot be made.
func requestOf(request proto.Message) json.RawMessage {
	if request == nil {
		return nil
	}
	text, err := protojson.Marshal(request)
	if err != nil {
		return nil
	}
	return text
}

func copyPlain(into, from protoreflect.Message) {
	from.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			copyKeys(into, field, value.Map())
		case field.Kind() == protoreflect.BytesKind:
		case field.IsList():
			copyList(into, field, value.List())
		case field.Kind() == protoreflect.MessageKind:
			copyPlain(into.Mutable(field).Message(), value.Message())
		default:
			into.Set(field, plainValue(field, value))
		}
		return true
	})
}

func copyKeys(into protoreflect.Message, field protoreflect.FieldDescriptor, pairs protoreflect.Map) {
	if field.MapValue().Kind() != protoreflect.StringKind {
		return
	}
	kept := into.Mutable(field).Map()
	pairs.Range(func(key protoreflect.MapKey, _ protoreflect.Value) bool {
		kept.Set(key, protoreflect.ValueOfString("…"))
		return kept.Len() < itemsMax
	})
}

func copyList(into protoreflect.Message, field protoreflect.FieldDescriptor, list protoreflect.List) {
	kept := into.Mutable(field).List()
	for i := range min(list.Len(), itemsMax) {
		if field.Kind() == protoreflect.MessageKind {
			copyPlain(kept.AppendMutable().Message(), list.Get(i).Message())
		} else {
			kept.Append(plainValue(field, list.Get(i)))
		}
	}
}

func plainValue(field protoreflect.FieldDescriptor, value protoreflect.Value) protoreflect.Value {
	if field.Kind() != protoreflect.StringKind {
		return value
	}
	return protoreflect.ValueOfString(plain(value.String()))
}

// plain is a text as it may be written. Every other part of an address than its host may hold a secret: the path of a webhook often does.
func plain(text string) string {
	if strings.Contains(text, "://") {
		at, err := url.Parse(text)
		if err != nil {
			return "…"
		}
		text = at.Scheme + "://" + at.Host + "/…"
	}
	if runes := []rune(text); len(runes) > textMax {
		return string(runes[:textMax]) + "…"
	}
	return text
}
