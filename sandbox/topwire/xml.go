package topwire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// asXML writes a JSON-like body as XML: members become elements, rows of a list become <item>. XML allows only one root, so
// a body with several members gets another element around them.
func asXML(body any) wire.Body {
	var out bytes.Buffer
	out.WriteString(`<?xml version="1.0" encoding="utf-8" ?>`)
	plain, err := decoded(body)
	if err != nil {
		return wire.JSON(http.StatusInternalServerError, err.Error())
	}
	members, ok := plain.(map[string]any)
	if !ok || len(members) != 1 {
		plain = map[string]any{"response": plain}
	}
	element(&out, "", plain)
	return wire.Body{Status: http.StatusOK, ContentType: "text/xml;charset=UTF-8", Bytes: out.Bytes()}
}

// decoded returns a value as maps, lists and scalars.
func decoded(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var plain any
	return plain, dec.Decode(&plain)
}

func element(out *bytes.Buffer, name string, v any) {
	if name != "" {
		out.WriteString("<" + name + ">")
		defer out.WriteString("</" + name + ">")
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			element(out, key, v[key])
		}
	case []any:
		for _, item := range v {
			element(out, "item", item)
		}
	case nil:
	case string:
		_ = xml.EscapeText(out, []byte(v))
	case json.Number:
		out.WriteString(v.String())
	case bool:
		if v {
			out.WriteString("true")
		} else {
			out.WriteString("false")
		}
	}
}
