package gateway

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// formPart is what the header of a form's part says.
type formPart struct {
	name string
	// isFile tells that it is a file: it has a name as one, or the type of one and is no field that there is.
	isFile bool
	// unchosen tells that it may be the empty part that browsers send where no file was chosen.
	unchosen bool
}

// describePart reads a part's header. A picture may stand under any name; a text in the picture's place is one, too.
func describePart(part *multipart.Part) (formPart, error) {
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "", "binary", "8bit", "7bit":
	default:
		return formPart{}, fault.New(fault.MalformedRequest, "parts of the form must not be encoded")
	}
	params, ok := disposition(part.Header.Get("Content-Disposition"))
	if !ok || params["name"] == "" {
		return formPart{}, fault.New(fault.MalformedRequest, "a part of the form has no name")
	}
	filename, named := params["filename"]
	encoded, namedToo := params["filename*"]
	kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")) // A broken type is none.
	typed := kind == "application/octet-stream" || strings.HasPrefix(kind, "image/")
	return formPart{
		name:     params["name"],
		isFile:   named || namedToo || params["name"] == fieldImage || typed && !isOption(params["name"]),
		unchosen: named && filename == "" && encoded == "",
	}, nil
}

// isOption reports whether a field of that name is asked beside the picture.
func isOption(name string) bool {
	_, known := resolve((&uploadOptions{}).ProtoReflect(), name)
	return known
}

// disposition reads the parameters of a Content-Disposition of a form's part, by lower-case name; false for one that is
// none. It is no stricter than it must be: clients write quotes and bytes where RFC 2231 has none, as in
// filename*=utf-8”"a b.jpg", and package mime then gives no parameter at all.
func disposition(header string) (map[string]string, bool) {
	kind, rest, _ := strings.Cut(header, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "form-data") {
		return nil, false
	}
	params := map[string]string{}
	for rest != "" {
		var text string
		text, rest = cutOutsideQuotes(rest)
		key, value, ok := strings.Cut(text, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		if !ok {
			if key != "" {
				return nil, false
			}
			continue
		}
		if _, twice := params[key]; twice {
			return nil, false
		}
		params[key] = unquoted(strings.TrimSpace(value))
	}
	return params, true
}

// cutOutsideQuotes cuts at the first semicolon that is in no quotes.
func cutOutsideQuotes(text string) (before, after string) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quoted:
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ';' && !quoted:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

// unquoted takes the quotes off. A backslash is one, unless it escapes a quote or a backslash: old browsers send paths.
func unquoted(text string) string {
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return text
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(text[1 : len(text)-1])
}

// isEmpty reports whether a part has no byte, and gives the first one otherwise.
func isEmpty(part *multipart.Part) (first []byte, empty bool, err error) {
	first = make([]byte, 1)
	_, err = io.ReadFull(part, first)
	if errors.Is(err, io.EOF) {
		return nil, true, nil
	}
	return first, false, err
}
