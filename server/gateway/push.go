package gateway

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/time/rate"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/push"
)

// Pushes take the messages that 1688 pushes.
type Pushes struct {
	// Path is where they arrive; empty for no such path. It asks for no API key: messages are signed.
	Path string
	// Receiver takes them. Its methods return at once.
	Receiver PushReceiver
}

// PushReceiver is a [push.Receiver].
type PushReceiver interface {
	Receive(message, signature string) push.Outcome
	Refused(why push.Outcome)
}

const (
	// pushBytesMax bounds the body of a push: a message of some hundred goods is a few kilobytes.
	pushBytesMax = 256 << 10
	// pushFieldsMax bounds the fields of its form. 1688 sends two.
	pushFieldsMax = 16
	// pushRate and pushBurst bound how many pushes are examined a second, signed or not.
	pushRate, pushBurst = 200, 400
	// The fields of a push.
	pushMessage   = "message"
	pushSignature = "_aop_signature"
)

func newPushRate() *rate.Limiter { return rate.NewLimiter(pushRate, pushBurst) }

// push takes one push. The answer comes before anything is done about it; a push that is not signed causes nothing at all.
func (g *gateway) push(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodPost {
		g.refuseMethod(w, r, http.MethodPost)
		return
	}
	if !g.pushRate.Allow() {
		g.Pushes.Receiver.Refused(push.TooMany)
		w.Header().Set("Retry-After", "1")
		pushAnswer(w, http.StatusTooManyRequests, "too many pushes arrive")
		return
	}
	message, signature, err := g.readPush(w, r)
	if err != nil {
		g.Pushes.Receiver.Refused(push.Malformed)
		g.fail(w, r, err)
		return
	}
	switch g.Pushes.Receiver.Receive(message, signature) {
	case push.Taken, push.Duplicate, push.OtherTopic, push.Unreadable:
		// What cannot be read is confirmed too: it would not be better the next time.
		pushAnswer(w, http.StatusOK, "success")
	case push.UnknownApp:
		pushAnswer(w, http.StatusForbidden, "the message is for no App Key of this service")
	case push.BadSignature:
		pushAnswer(w, http.StatusForbidden, "the signature is not that of the message")
	default:
		w.Header().Set("Retry-After", "60")
		pushAnswer(w, http.StatusServiceUnavailable, "too many goods wait; send it later")
	}
}

func pushAnswer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // Whoever asked has left.
}

// readPush reads a push: a form, or a JSON object of the same fields.
func (g *gateway) readPush(w http.ResponseWriter, r *http.Request) (message, signature string, err error) {
	tooLarge := fault.New(fault.RequestTooLarge, "the body is larger than %d bytes", pushBytesMax)
	if r.ContentLength > pushBytesMax {
		return "", "", tooLarge
	}
	body := g.bounded(w, r)
	defer release(body)
	all, err := io.ReadAll(io.LimitReader(body, pushBytesMax+1))
	switch {
	case err != nil:
		return "", "", readFault(err)
	case len(all) > pushBytesMax:
		return "", "", tooLarge
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var ok bool
	switch kind {
	case "application/json":
		message, signature, ok = pushJSON(all)
	case "", "application/x-www-form-urlencoded":
		message, signature, ok = pushForm(string(all))
	}
	if !ok || !utf8.ValidString(message) {
		return "", "", fault.New(fault.MalformedRequest, "the body must be a form with one field %s and one field %s", pushMessage, pushSignature)
	}
	return message, signature, nil
}

func pushForm(body string) (message, signature string, ok bool) {
	if strings.Count(body, "&") >= pushFieldsMax {
		return "", "", false
	}
	form, err := url.ParseQuery(body)
	if err != nil || len(form[pushMessage]) != 1 || len(form[pushSignature]) != 1 {
		return "", "", false
	}
	return form.Get(pushMessage), form.Get(pushSignature), true
}

func pushJSON(body []byte) (message, signature string, ok bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || len(fields) > pushFieldsMax {
		return "", "", false
	}
	if json.Unmarshal(fields[pushMessage], &message) != nil || json.Unmarshal(fields[pushSignature], &signature) != nil {
		return "", "", false
	}
	return message, signature, message != ""
}
