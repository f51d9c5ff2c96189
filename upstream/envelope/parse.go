package envelope

import (
	"bytes"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// bracketsMax bounds nesting by the number of all brackets. The JSON reader recurses, and millions of levels would
// exhaust the stack, which no recovery survives. A page of 50 offers has about 500.
const bracketsMax = 200_000

// Parse reads a body as JSON. If the body is no JSON, for example an error page, the status decides; if it does not,
// the error is a retryable UpstreamUnavailable fault with [upstream.ErrNotJSON] as its cause. JSON in another character
// encoding, or nested too deeply, is UpstreamAnswerUnreadable.
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
		return gjson.Result{}, fault.New(fault.UpstreamAnswerUnreadable, "the upstream's answer is not UTF-8")
	}
	return gjson.ParseBytes(body), nil
}
