package gateway

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// formPart is the header of a form's part.
type formPart struct {
	name string
	// isFile is true if it has a file name, or the type of a file and the name of no option.
	isFile bool
	// unchosen is true if it may be the empty part that browsers send when no file was chosen.
	unchosen bool
}

// describePart reads a part's header. An image may have any name, and a text may be in its place.
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
	kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")) // A malformed type counts as none.
	typed := kind == "application/octet-stream" || strings.HasPrefix(kind, "image/")
	return formPart{
		name:     params["name"],
		isFile:   named || namedToo || params["name"] == fieldImage || typed && !isOption(params["name"]),
		unchosen: named && filename == "" && encoded == "",
	}, nil
}

// isOption reports whether the name is an option beside the image.
func isOption(name string) bool {
	_, known := resolve((&uploadOptions{}).ProtoReflect(), name)
	return known
}

// disposition reads the parameters of a form part's Content-Disposition, by lower-case name; false if it is invalid. It
// is as lenient as possible: clients send quotes and bytes that RFC 2231 does not allow, as in filename*=utf-8”"a
// b.jpg", for which package mime returns no parameter at all.
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

// cutOutsideQuotes cuts at the first semicolon outside of quotes.
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

// unquoted removes the quotes. A backslash stays, unless it escapes a quote or a backslash: old browsers send paths.
func unquoted(text string) string {
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return text
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(text[1 : len(text)-1])
}

// isEmpty reports whether a part is empty, and returns its first byte otherwise.
func isEmpty(part *multipart.Part) (first []byte, empty bool, err error) {
	first = make([]byte, 1)
	_, err = io.ReadFull(part, first)
	if errors.Is(err, io.EOF) {
		return nil, true, nil
	}
	return first, false, err
}
