package top

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// Open implements [upstream.Wire]. The payload is an object without an error mark at any level where one may be.
func (w wire) Open(call upstream.Call, status int, body []byte) (gjson.Result, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	root, err := envelope.Parse(status, body)
	foreign := errors.Is(err, envelope.ErrNotUTF8)
	if foreign {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD")) // The code of an error is ASCII in any character encoding.
		root, err = envelope.Parse(status, body)
	}
	if err != nil {
		if r, ok := readXMLRefusal(bytes.ToValidUTF8(body, []byte("\uFFFD"))); ok {
			return gjson.Result{}, r.fault(status, w.tables)
		}
		return gjson.Result{}, err
	}
	members := envelope.MembersOf(root)
	payload := unwrap(call.API, root, members)
	r, refused := w.findRefusal(root, members, payload)
	switch {
	case refused:
		return gjson.Result{}, r.fault(status, w.tables)
	case status < 200 || status >= 300:
		kind, _ := envelope.StatusKind(status)
		return gjson.Result{}, refusal{}.faultOf(kind)
	case foreign:
		return gjson.Result{}, unreadable("the upstream's answer is not UTF-8")
	case call.Verbatim && root.Type != gjson.Null:
		return root, nil
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
func unwrap(method string, root gjson.Result, members envelope.Members) gjson.Result {
	exact := strings.ReplaceAll(method, ".", "_") + "_response"
	payload, name := root, ""
	for _, m := range members {
		switch {
		case m.Name == keyErrorResponse || !strings.HasSuffix(m.Name, "_response"):
		case m.Name == exact, name == "" && m.Value.IsObject():
			payload, name = m.Value, m.Name
		}
		if name == exact {
			break
		}
	}
	return payload
}

// innerEnvelopes are the payload members in which a service wraps its list a second time, with flags beside it.
// envelope.Open handles the envelope in result.
var innerEnvelopes = [...]string{"productSearchResponse", keyImageSearch, keyWholesale}

// findRefusal looks for a refusal at every known level: one that is overlooked beside an empty list would look like an
// empty list.
func (w wire) findRefusal(root gjson.Result, members envelope.Members, payload gjson.Result) (refusal, bool) {
	if r, refused := w.refusalOf(root, members); refused {
		return r, true
	}
	if payload.Index != root.Index {
		members = envelope.MembersOf(payload)
		if r, refused := w.refusalOf(payload, members); refused {
			r.inside = r.inside || r.business
			return r, true
		}
	}
	for _, name := range innerEnvelopes {
		object := members.Get(name)
		if r, refused := w.refusalOf(object, envelope.MembersOf(object)); refused {
			r.inside = r.inside || r.business
			return r, true
		}
	}
	return w.tables.wholesaleRefusal(members.Get(keyWholesale))
}

// refusalOf looks for a refusal in one object.
func (w wire) refusalOf(object gjson.Result, members envelope.Members) (refusal, bool) {
	if !object.IsObject() {
		return refusal{}, false
	}
	if r, refused := gatewayRefusal(members); refused {
		return r, true
	}
	if _, said := envelope.OpenMembers(object, members, w.tables.successCodes); said != nil {
		return refusal{code: said.Code, message: said.Message, requestID: said.RequestID, business: true, inside: said.Inside}, true
	}
	return refusal{}, false
}

// gatewayRefusal reads the gateway's error mark in an object. Any value, even a single word, is an error.
func gatewayRefusal(members envelope.Members) (r refusal, refused bool) {
	for _, m := range members {
		if m.Name != keyErrorResponse || m.Value.Type == gjson.Null {
			continue
		}
		return refusal{
			code:       normal.Text(m.Value.Get("code")),
			message:    normal.Text(m.Value.Get("msg")),
			subCode:    normal.Text(m.Value.Get("sub_code")),
			subMessage: normal.Text(m.Value.Get("sub_msg")),
			requestID:  normal.Text(m.Value.Get("request_id")),
		}, true
	}
	return refusal{}, false
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
