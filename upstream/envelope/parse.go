package envelope

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// bracketsMax bounds nesting by the number of all brackets. The JSON reader recurses, and millions of levels would
// exhaust the stack, which no recovery survives. A page of 50 offers has about 500.
const bracketsMax = 200_000

// ErrNotUTF8 is the cause of a fault about JSON in another character encoding.
var ErrNotUTF8 = errors.New("not UTF-8")

// Parse reads a body as JSON. If the body is no JSON, for example an error page, the status decides; if it does not,
// the error is a retryable UpstreamUnavailable fault with [upstream.ErrNotJSON] as its cause. JSON in another character
// encoding, with [ErrNotUTF8] as its cause, or nested too deeply, is UpstreamAnswerUnreadable.
func Parse(status int, body []byte) (gjson.Result, error) {
	switch {
	case bytes.Count(body, []byte{'['})+bytes.Count(body, []byte{'{'}) > bracketsMax:
		return gjson.Result{}, fault.New(fault.UpstreamAnswerUnreadable, "the upstream's answer holds more than %d lists and objects", bracketsMax)
	case !gjson.ValidBytes(body):
		kind, known := StatusKind(status)
		if !known {
			kind = fault.UpstreamUnavailable
		}
		return gjson.Result{}, fault.New(kind, "the upstream answered HTTP %d with a body that is not JSON", status).WithCause(upstream.ErrNotJSON)
	case !utf8.Valid(body):
		return gjson.Result{}, fault.New(fault.UpstreamAnswerUnreadable, "the upstream's answer is not UTF-8").WithCause(ErrNotUTF8)
	}
	return gjson.ParseBytes(body), nil
}
