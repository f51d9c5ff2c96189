package wire

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
)

// MaxBody bounds a request body: a picture of 3 MB as base64, URL-encoded in the worst case, with space to spare.
const MaxBody = 12 << 20

// ErrTooLarge is a request body over MaxBody.
var ErrTooLarge = errors.New("wire: request body too large")

// Parameters are a request's arguments from the query string and the form body together. When a name is sent twice, the
// first value counts; the query comes before the body.
type Parameters struct {
	Values map[string]string
	// Files are the byte streams of a multipart body. They are not signed.
	Files map[string][]byte
}

// Read reads the parameters of a request. Malformed parts of a form are skipped, as servlet containers do; the missing
// parameters then show as a wrong signature.
func Read(w http.ResponseWriter, r *http.Request) (Parameters, error) {
	p := Parameters{Values: make(map[string]string)}
	query, _ := url.ParseQuery(r.URL.RawQuery)
	p.take(query)
	if r.Method != http.MethodPost {
		return p, nil
	}
	body := http.MaxBytesReader(w, r.Body, MaxBody)
	if formType(r) == "multipart/form-data" {
		return p, p.readParts(r, body)
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return p, readError(err)
	}
	if formType(r) == "application/x-www-form-urlencoded" {
		form, _ := url.ParseQuery(string(raw))
		p.take(form)
	}
	return p, nil
}

func (p *Parameters) take(values url.Values) {
	for name, all := range values {
		if _, sent := p.Values[name]; !sent {
			p.Values[name] = all[0]
		}
	}
}

func (p *Parameters) readParts(r *http.Request, body io.Reader) error {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil //nolint:nilerr // a body nobody can divide holds no parameters
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return readError(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return readError(err)
		}
		if part.FileName() != "" {
			if p.Files == nil {
				p.Files = make(map[string][]byte)
			}
			p.Files[part.FormName()] = content
			continue
		}
		p.take(url.Values{part.FormName(): {string(content)}})
	}
}

func readError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return ErrTooLarge
	}
	return fmt.Errorf("wire: reading the request: %w", err)
}
