// Package envelope opens the business envelopes of the upstream's answers: one function for all seventeen documented
// shapes (E1 to E17 of docs/PROTOCOL.md §2.7).
//
// It separates a payload from a refusal. It does not classify the refusal and does not read the payload.
package envelope

import (
	"slices"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// DefaultSuccessCodes are the codes that are known to mean success.
var DefaultSuccessCodes = []string{"0", "200", "S0000", "S000"}

// Refusal is what an unsuccessful answer says about itself. Its texts are scrubbed: see [Scrub].
type Refusal struct {
	// Code is the upstream's own code, from error_code or errorCode where there is one, else from code or retCode.
	Code string
	// Message is the upstream's own sentence.
	Message string
	// RequestID is the upstream's id of the request.
	RequestID string
	// Inside is true if it was inside result, where only the service behind a gateway writes.
	Inside bool
}

// Open takes the payload out of an answer. The refusal is nil for a success. A success without data gives a payload
// that does not exist; the caller decides what that means.
//
// A list with paging beside it, as in E14, is returned as the object that holds both.
//
// An answer is a success if nothing contradicts it, at the top level and inside result: there is no non-blank
// error_code or errorCode, success is true or absent, code is absent or one of successCodes, and there is no
// errorMessage or errorMsg in place of the data.
func Open(body gjson.Result, successCodes []string) (payload gjson.Result, refusal *Refusal) {
	return OpenMembers(body, MembersOf(body), successCodes)
}

// OpenMembers is [Open] for a body whose members have been read before.
func OpenMembers(body gjson.Result, members Members, successCodes []string) (payload gjson.Result, refusal *Refusal) {
	if !body.IsObject() {
		// E16 is a bare string or number. A bare list is not documented.
		if body.Type == gjson.String || body.Type == gjson.Number {
			return body, nil
		}
		return gjson.Result{}, nil
	}
	outer := read(members, successCodes)
	inner := level{}
	payload = outer.data(body)
	if outer.wraps() {
		if inner = read(MembersOf(payload), successCodes); inner.isEnvelope() {
			payload = inner.data(payload)
		} else {
			inner = level{}
		}
	}
	if outer.refused || inner.refused || (outer.errorText != "" || inner.errorText != "") && empty(payload) {
		refusal := merge(outer, inner)
		refusal.Inside = !outer.refused && outer.errorCode == "" && (inner.refused || inner.errorText != "")
		return gjson.Result{}, refusal
	}
	if !outer.flagged && !inner.flagged && payload.IsArray() && empty(payload) {
		// Nothing in it says whether it is a success.
		return gjson.Result{}, nil
	}
	return payload, nil
}

// level is what one level of an answer says about the outcome.
type level struct {
	refused bool
	// flagged is true if the level reports success or failure at all.
	flagged bool
	// paged is true if the level has paging fields.
	paged bool
	// others counts the members that are not part of an envelope.
	others int

	errorCode, code, errorText, message, requestID string

	payload gjson.Result
	// member is the rank of the payload's name in payloads.
	member int
}

// payloads are the members that may hold the data, the most specific first.
var payloads = [...]string{
	"result", "data", "model", "returnValue", "productInfo", "productList", "resultList", "categoryInfo",
	"orderPreviewResuslt",
}

// pagings are the fields beside a list that belong to it: its paging, and which goods of a previewed order have no tariff.
var pagings = [...]string{"pageInfo", "totalRecords", "total", "totalPage", "currentPage", "postFeeByDescOfferList"}

func read(members Members, successCodes []string) level {
	l := level{member: len(payloads)}
	for i := range members {
		name, value := members[i].Name, members[i].Value
		switch name {
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
			// A Java type name; any answer may have it.
		default:
			l.hold(name, value)
		}
	}
	return l
}

// hold keeps a member as the payload if its name outranks the current one. A Boolean is no payload: it is the flag of
// E17, which has the data beside it.
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

// data returns the level's list together with its paging, or else the payload.
func (l *level) data(object gjson.Result) gjson.Result {
	if l.paged && l.payload.IsArray() {
		return object
	}
	return l.payload
}

// wraps reports whether the payload may itself be an envelope.
func (l *level) wraps() bool { return l.member == 0 && l.payload.IsObject() }

// isEnvelope reports whether an object inside result is an envelope, and not data (E13, E15).
func (l *level) isEnvelope() bool { return l.flagged || (l.member == 0 && l.others == 0) || l.bare() }

// bare reports that a level cannot hold data: {} and {"result":null}.
func (l *level) bare() bool { return l.others == 0 && l.member == len(payloads) }

func set(to *string, text string) {
	if *to == "" {
		*to = text
	}
}

// word returns a value as text that may be shown, even if it is not a string.
func word(value gjson.Result) string {
	if text := normal.Text(value); text != "" || value.Type == gjson.Null || value.Type == gjson.String {
		return text
	}
	return value.Raw
}

// empty reports whether a payload holds nothing. It also looks into a page of a list.
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
