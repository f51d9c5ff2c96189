// Package envelope opens the business envelopes the upstream wraps its answers in: one function for all seventeen
// documented shapes (E1 to E17 of docs/PROTOCOL.md §2.7).
//
// It tells a payload from a refusal. It does not know which fault a refusal is, nor what a payload holds.
package envelope

import (
	"slices"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// DefaultSuccessCodes are the codes that are known to mean success.
var DefaultSuccessCodes = []string{"0", "200", "S0000", "S000"}

// Refusal is what an answer says of itself where it is no success. Its texts are scrubbed: see [Scrub].
type Refusal struct {
	// Code is the upstream's own code, from error_code or errorCode where there is one, else from code or retCode.
	Code string
	// Message is the upstream's own sentence.
	Message string
	// RequestID is what the upstream calls the request.
	RequestID string
	// Inside tells that it stood inside result, where only the service behind a gateway writes.
	Inside bool
}

// Open takes the payload out of an answer. The refusal is nil for success; then a payload that does not exist means
// that the answer holds none, which is for the caller to judge.
//
// A list that has its paging beside it, as in E14, comes with the object both stand in.
//
// Success is what nothing speaks against, at the top level and inside result: no non-blank error_code or errorCode;
// success is true or absent; code is absent or one of successCodes; and no errorMessage or errorMsg stands where the
// data should be.
func Open(body gjson.Result, successCodes []string) (payload gjson.Result, refusal *Refusal) {
	if !body.IsObject() {
		// E16 is a bare string or number. A bare list is no documented answer.
		if body.Type == gjson.String || body.Type == gjson.Number {
			return body, nil
		}
		return gjson.Result{}, nil
	}
	outer := read(body, successCodes)
	inner := level{}
	payload = outer.data(body)
	if outer.wraps() {
		if inner = read(payload, successCodes); inner.isEnvelope() {
			payload = inner.data(payload)
		} else {
			inner = level{}
		}
	}
	hollow := empty(payload)
	if outer.refused || inner.refused || (hollow && (outer.errorText != "" || inner.errorText != "")) {
		refusal := merge(outer, inner)
		refusal.Inside = !outer.refused && outer.errorCode == "" && (inner.refused || inner.errorText != "")
		return gjson.Result{}, refusal
	}
	if hollow && payload.IsArray() && !outer.flagged && !inner.flagged {
		// Nothing calls it a success, and nothing in it speaks for it.
		return gjson.Result{}, nil
	}
	return payload, nil
}

// level is what one level of an answer says.
type level struct {
	refused bool
	// flagged tells that the level speaks of success or failure at all.
	flagged bool
	// paged tells that the level says where in a list its data stands.
	paged bool
	// others counts the members that belong to no envelope.
	others int

	errorCode, code, errorText, message, requestID string

	payload gjson.Result
	// member is the rank of the payload's name in payloads.
	member int
}

// payloads are the members that hold the data, the most telling first.
var payloads = [...]string{
	"result", "data", "model", "returnValue", "productInfo", "productList", "resultList", "categoryInfo",
}

// pagings are the members that say where in a list the data beside them stands.
var pagings = [...]string{"pageInfo", "totalRecords", "total", "totalPage", "currentPage"}

func read(object gjson.Result, successCodes []string) level {
	l := level{member: len(payloads)}
	object.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "error_code", "errorCode":
			l.flagged = true
			if !normal.Blank(value) {
				l.refused = true
				set(&l.errorCode, word(value))
			}
		case "success", "succes":
			l.flagged = true
			if ok, _ := normal.Bool(value); !ok && !normal.Blank(value) {
				l.refused = true
			}
		case "code", "retCode":
			l.flagged = true
			if !normal.Blank(value) && !slices.Contains(successCodes, normal.Text(value)) {
				l.refused = true
				set(&l.code, word(value))
			}
		case "error_message", "errorMessage", "errorMsg":
			if !normal.Blank(value) {
				set(&l.errorText, word(value))
			}
		case "message", "msg", "retMsg", "exception":
			set(&l.message, word(value))
		case "request_id", "requestId", "traceId":
			set(&l.requestID, word(value))
		case "class":
			// A Java type name, which occurs anywhere.
		default:
			l.hold(key.Str, value)
		}
		return true
	})
	return l
}

// hold keeps a member as the payload if its name outranks what was found so far. A Boolean is no payload: it is
// the flag of E17, where the data stands beside it.
func (l *level) hold(name string, value gjson.Result) {
	rank := slices.Index(payloads[:], name)
	if rank < 0 {
		l.others++
		l.paged = l.paged || slices.Contains(pagings[:], name)
		return
	}
	if rank < l.member && value.Type != gjson.Null && !value.IsBool() {
		l.payload, l.member = value, rank
	}
}

// data is what the level holds: a list together with the paging beside it, else the payload.
func (l *level) data(object gjson.Result) gjson.Result {
	if l.paged && l.payload.IsArray() {
		return object
	}
	return l.payload
}

// wraps tells whether the payload may be an envelope once more.
func (l *level) wraps() bool { return l.member == 0 && l.payload.IsObject() }

// isEnvelope tells an envelope inside result from data inside result (E13, E15).
func (l *level) isEnvelope() bool { return l.flagged || (l.member == 0 && l.others == 0) || l.bare() }

// bare tells that a level holds nothing that could be data: {} and {"result":null}.
func (l *level) bare() bool { return l.others == 0 && l.member == len(payloads) }

func set(to *string, text string) {
	if *to == "" {
		*to = text
	}
}

// word is a value as text that may be shown: also of what should be text and is not.
func word(value gjson.Result) string {
	if text := normal.Text(value); text != "" || value.Type == gjson.Null || value.Type == gjson.String {
		return text
	}
	return value.Raw
}

// empty tells whether a payload holds nothing, looking into a page of a list too.
func empty(payload gjson.Result) bool {
	switch {
	case payload.IsArray():
		return !payload.Get("0").Exists()
	case payload.IsObject():
		for _, list := range []string{"data", "result"} {
			if inside := payload.Get(list); inside.Exists() {
				return empty(inside)
			}
		}
		hollow := true
		payload.ForEach(func(_, _ gjson.Result) bool {
			hollow = false
			return false
		})
		return hollow
	default:
		return normal.Blank(payload)
	}
}

func merge(outer, inner level) *Refusal {
	r := &Refusal{}
	levels := []level{outer, inner}
	if inner.refused && !outer.refused {
		slices.Reverse(levels)
	}
	for _, l := range levels {
		set(&r.Code, l.errorCode)
	}
	for _, l := range levels {
		set(&r.Code, l.code)
	}
	for _, l := range levels {
		set(&r.Message, l.errorText)
		set(&r.Message, l.message)
		set(&r.RequestID, l.requestID)
	}
	r.Code, r.Message, r.RequestID = Scrub(r.Code), Scrub(r.Message), RequestID(r.RequestID)
	return r
}
