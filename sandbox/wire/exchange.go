// Package wire is one HTTP exchange of the sandbox, whatever the dialect: reading signed parameters and uploads, and
// writing an answer whole, late, broken or not at all.
//
// It decides nothing: checks, error texts and envelopes belong to the dialects.
package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/access"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

// Backend is what stands behind both dialects.
type Backend struct {
	Access *access.Control
	Book   *access.Book
	Goods  market.Catalogue
	// Gallery is the goods' pictures; nil if there are none.
	Gallery market.Gallery
	// Photos decodes buyers' photos, and Uploads keeps those that were uploaded.
	Photos  *uploads.Reader
	Uploads *uploads.Store
	Flaky   *Flaky
	// Closing ends every wait when the sandbox closes.
	Closing <-chan struct{}
}

// Exchange is one request on its way to an answer. It belongs to one goroutine.
type Exchange struct {
	W http.ResponseWriter
	R *http.Request
	*Backend
	// Arrived is when the request reached the sandbox, by the sandbox's clock.
	Arrived   time.Time
	RequestID string
	// Base is the origin that pictures and pages are linked under, without a slash at the end.
	Base string
	// Origin is where the request itself reached the sandbox, in the same form.
	Origin string

	// App and API are known once the dialect has read them. Code is how the request was answered, for the statistics.
	App, API, Code string
	// Faults are the fault words of this call, and FaultText the searched text they stood in.
	Faults    faultword.Set
	FaultText string
}

// Body is an answer ready to be sent.
type Body struct {
	Status      int
	ContentType string
	Bytes       []byte
}

// JSON encodes v as an answer. Encoding our own types cannot fail; if it does, that is a bug and answered as HTTP 500.
func JSON(status int, v any) Body {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return Body{Status: http.StatusInternalServerError, ContentType: "text/plain; charset=utf-8", Bytes: []byte(err.Error())}
	}
	return Body{Status: status, ContentType: "application/json;charset=UTF-8", Bytes: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}

// Call records that the request is a call of a registered app on an API.
func (x *Exchange) Call(app, api string) {
	x.App, x.API = app, api
	x.Book.Known(app, x.Arrived)
}

// Admit asks access control and books its verdict.
func (x *Exchange) Admit() (access.Verdict, time.Duration) {
	v, wait := x.Access.Admit(x.App, x.API, x.Arrived)
	x.Book.Judge(x.API, v)
	return v, wait
}

// Hear takes the fault words out of a searched text and returns what is left to search.
func (x *Exchange) Hear(text string) string {
	rest, words := faultword.Split(text)
	if words != nil {
		x.Faults, x.FaultText = words, text
	}
	return rest
}

// HearID takes a reserved offer id for the fault word it stands for.
func (x *Exchange) HearID(id int64) {
	if words, ok := faultword.OfferID(id); ok {
		x.Faults, x.FaultText = words, market.TextID(id)
	}
}

// formType is the media type without its parameters, in lower case.
func formType(r *http.Request) string {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(media))
}
