package aopwire

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// arguments are an API's own parameters: the JSON object of its wrapper, or its flat form fields. Nil means that the
// wrapper was absent or no JSON object.
type arguments map[string]any

// arguments reads an API's arguments from the parameters.
func (a api) arguments(params wire.Parameters) arguments {
	if a.wrapper == "" {
		flat := make(arguments, len(params.Values))
		for name, value := range params.Values {
			flat[name] = value
		}
		return flat
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(params.Values[a.wrapper])))
	dec.UseNumber() // ids do not fit a float
	var wrapped arguments
	if err := dec.Decode(&wrapped); err != nil || dec.More() {
		return nil
	}
	return wrapped
}

// has reports whether an argument was sent with a value.
func (a arguments) has(name string) bool {
	text, ok := a.text(name)
	return ok && strings.TrimSpace(text) != ""
}

// text returns an argument as text. The platform's JSON reader accepts numbers and Booleans as text, and text as numbers
// and Booleans.
func (a arguments) text(name string) (string, bool) {
	switch v := a[name].(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	case nil:
		return "", false
	default:
		b, err := json.Marshal(v)
		return string(b), err == nil
	}
}

func (a arguments) integer(name string) (int64, bool) {
	text, ok := a.text(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// list returns an argument that is a JSON array of objects.
func (a arguments) list(name string) ([]arguments, bool) {
	items, ok := a[name].([]any)
	if !ok {
		return nil, a[name] == nil
	}
	objects := make([]arguments, 0, len(items))
	for _, item := range items {
		object, ok := item.(map[string]any)
		if !ok {
			return nil, false
		}
		objects = append(objects, object)
	}
	return objects, true
}
