package top

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// Open implements [upstream.Wire]. The payload is an object without an error mark at any level where one may be.
func (w wire) Open(call upstream.Call, status int, body []byte) (gjson.Result, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	foreign := !utf8.Valid(body)
	if foreign {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD")) // The code of an error is ASCII in any character encoding.
	}
	root, err := envelope.Parse(status, body)
	if err != nil {
		if r, ok := readXMLRefusal(body); ok {
			return gjson.Result{}, r.fault(status, w.tables)
		}
		return gjson.Result{}, err
	}
	payload := unwrap(call.API, root)
	r, refused := w.findRefusal(root, payload)
	switch {
	case refused:
		return gjson.Result{}, r.fault(status, w.tables)
	case status < 200 || status >= 300:
		kind, _ := envelope.StatusKind(status)
		return gjson.Result{}, refusal{}.faultOf(kind)
	case foreign:
		return gjson.Result{}, unreadable("the upstream's answer is not UTF-8")
	case !payload.IsObject():
		return gjson.Result{}, unreadable("the upstream's answer is JSON, but no object")
	}
	return payload, nil
}

func unreadable(detail string, args ...any) error {
	return fault.New(fault.UpstreamAnswerUnreadable, detail, args...)
}

// keyErrorResponse is the member that holds the gateway's error.
const keyErrorResponse = "error_response"

// unwrap takes the payload out of "<method, dots as underscores>_response". Resellers rename methods in front of a
// gateway that keeps the old names, so any other key of this form is accepted. Without a wrapper the object itself is
// the payload.
func unwrap(method string, root gjson.Result) gjson.Result {
	if !root.IsObject() {
		return root
	}
	exact := strings.ReplaceAll(method, ".", "_") + "_response"
	payload, name := root, ""
	root.ForEach(func(key, value gjson.Result) bool {
		switch {
		case key.Str == keyErrorResponse || !strings.HasSuffix(key.Str, "_response"):
		case key.Str == exact, name == "" && value.IsObject():
			payload, name = value, key.Str
		}
		return name != exact
	})
	return payload
}

// innerEnvelopes are the payload members in which a service wraps its list a second time, with flags beside it.
// envelope.Open handles the envelope in result.
var innerEnvelopes = [...]string{"productSearchResponse", keyImageSearch, keyWholesale}

// findRefusal looks for a refusal at every known level: one that is overlooked beside an empty list would look like an
// empty list.
func (w wire) findRefusal(root, payload gjson.Result) (refusal, bool) {
	objects := make([]gjson.Result, 0, 2+len(innerEnvelopes))
	objects = append(objects, root)
	if payload.Index != root.Index {
		objects = append(objects, payload)
	}
	for _, name := range innerEnvelopes {
		objects = append(objects, payload.Get(name))
	}
	for i, object := range objects {
		if !object.IsObject() {
			continue
		}
		if r, refused := gatewayRefusal(object); refused {
			return r, true
		}
		if _, said := envelope.Open(object, w.tables.successCodes); said != nil {
			return refusal{code: said.Code, message: said.Message, requestID: said.RequestID, business: true, inside: i > 0 || said.Inside}, true
		}
	}
	return w.tables.wholesaleRefusal(payload.Get(keyWholesale))
}

// gatewayRefusal reads the gateway's error mark in an object. Any value, even a single word, is an error.
func gatewayRefusal(object gjson.Result) (r refusal, refused bool) {
	object.ForEach(func(key, value gjson.Result) bool {
		if key.Str != keyErrorResponse || value.Type == gjson.Null {
			return true
		}
		refused = true
		r = refusal{
			code:       normal.Text(value.Get("code")),
			message:    normal.Text(value.Get("msg")),
			subCode:    normal.Text(value.Get("sub_code")),
			subMessage: normal.Text(value.Get("sub_msg")),
			requestID:  normal.Text(value.Get("request_id")),
		}
		return false
	})
	return r, refused
}

// readXMLRefusal reads an error in XML. A gateway sends it when it failed before it read the requested format.
func readXMLRefusal(body []byte) (refusal, bool) {
	if !bytes.HasPrefix(body, []byte("<")) {
		return refusal{}, false
	}
	var twin struct {
		XMLName    xml.Name `xml:"error_response"`
		Code       string   `xml:"code"`
		Message    string   `xml:"msg"`
		SubCode    string   `xml:"sub_code"`
		SubMessage string   `xml:"sub_msg"`
		RequestID  string   `xml:"request_id"`
	}
	decoder := xml.NewDecoder(bytes.NewReader(body))
	// The codes are ASCII in every charset a gateway would use; the rest was made valid UTF-8 before.
	decoder.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	if decoder.Decode(&twin) != nil {
		return refusal{}, false
	}
	return refusal{
		code:       strings.TrimSpace(twin.Code),
		message:    strings.TrimSpace(twin.Message),
		subCode:    strings.TrimSpace(twin.SubCode),
		subMessage: strings.TrimSpace(twin.SubMessage),
		requestID:  strings.TrimSpace(twin.RequestID),
	}, true
}
