// Package wire is one HTTP exchange of the sandbox, for both dialects. It reads signed parameters and uploads, and writes
// an answer complete, late, broken or not at all.
//
// It decides nothing. Checks, error texts and envelopes belong to the dialects.
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

// Backend is what both dialects use.
type Backend struct {
	Access *access.Control
	Book   *access.Book
	Goods  market.Catalogue
	// GoodsAt is the catalogue as it was at a time; nil if it never changes.
	GoodsAt func(time.Time) market.Catalogue
	// Gallery holds the goods' pictures; nil if there are none.
	Gallery market.Gallery
	// Photos decodes buyers' photos. Uploads keeps those that were uploaded.
	Photos  *uploads.Reader
	Uploads *uploads.Store
	Flaky   *Flaky
	// Follows are the goods that apps follow.
	Follows *Follows
	// Undelivered are the messages that could not be pushed.
	Undelivered *Undelivered
	// Closing ends every wait when the sandbox closes.
	Closing <-chan struct{}
}

// Exchange is one request and its answer. It belongs to one goroutine.
type Exchange struct {
	W http.ResponseWriter
	R *http.Request
	*Backend
	// Arrived is when the request reached the sandbox, by the sandbox's clock.
	Arrived   time.Time
	RequestID string
	// Base is the origin of links to pictures and pages, without a slash at the end.
	Base string
	// Origin is the origin that the request itself was sent to, in the same form.
	Origin string

	// App and API are set once the dialect has read them. Code is how the request was answered, for the statistics.
	App, API, Code string
	// Faults are the fault words of this call. FaultText is the searched text that contained them.
	Faults    faultword.Set
	FaultText string
}

// Body is an answer that is ready to be sent.
type Body struct {
	Status      int
	ContentType string
	Bytes       []byte
}

// JSON encodes v as an answer. Encoding the sandbox's own types cannot fail; if it does, that is a bug and HTTP 500 is
// answered.
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

// Admit asks access control and records its verdict.
func (x *Exchange) Admit() (access.Verdict, time.Duration) {
	v, wait := x.Access.Admit(x.App, x.API, x.Arrived)
	x.Book.Judge(x.API, v)
	return v, wait
}

// TakeFaultWords takes the fault words out of a searched text, stores them in x, and returns what is left to search.
func (x *Exchange) TakeFaultWords(text string) string {
	rest, words := faultword.Split(text)
	if words != nil {
		x.Faults, x.FaultText = words, text
	}
	return rest
}

// TakeFaultID stores the fault word that a reserved offer id means. Other ids change nothing.
func (x *Exchange) TakeFaultID(id int64) {
	if words, ok := faultword.OfferID(id); ok {
		x.Faults, x.FaultText = words, market.TextID(id)
	}
}

// formType is the media type without its parameters, in lower case.
func formType(r *http.Request) string {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(media))
}
