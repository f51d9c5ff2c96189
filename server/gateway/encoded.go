package gateway

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// contentEncoding is the one encoding of a body, in lower case; empty for none.
func contentEncoding(r *http.Request) string {
	given := strings.ToLower(strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ",")))
	if given == "identity" {
		return ""
	}
	return given
}

// refuseEncoded refuses a compressed upload: images are compressed already.
func refuseEncoded(w http.ResponseWriter, r *http.Request) error {
	given := contentEncoding(r)
	if given == "" {
		return nil
	}
	w.Header().Set("Accept-Encoding", "identity")
	return fault.New(fault.UnsupportedMediaType, "the Content-Encoding is %.60q; photos must have none", given)
}

// decoded makes the body decode its Content-Encoding. The request's limit applies before and after decoding.
func decoded(w http.ResponseWriter, r *http.Request, body *requestBody) error {
	switch given := contentEncoding(r); given {
	case "":
	case "gzip", "x-gzip":
		body.source = &unzipped{from: body.paced, left: body.bytesMax, bytesMax: body.bytesMax}
	default:
		w.Header().Set("Accept-Encoding", "gzip")
		return fault.New(fault.UnsupportedMediaType, "the Content-Encoding is %.60q; only gzip is supported", given)
	}
	return nil
}

// unzipped reads the content of a gzip stream, up to a limit.
type unzipped struct {
	from *paced
	zip  *gzip.Reader
	// left is how much of bytesMax is left.
	left, bytesMax int64
}

// Read implements [io.Reader].
func (u *unzipped) Read(p []byte) (int, error) {
	if u.zip == nil {
		zip, err := gzip.NewReader(u.from)
		if err != nil {
			return 0, u.fault(err)
		}
		u.zip = zip
	}
	n, err := u.zip.Read(p)
	if u.left -= int64(n); u.left < 0 {
		return 0, &http.MaxBytesError{Limit: u.bytesMax}
	}
	if err == nil || err == io.EOF { //nolint:errorlint // Readers return it unwrapped.
		return n, err
	}
	return n, u.fault(err)
}

// fault separates a body that is no gzip from one whose connection failed.
func (u *unzipped) fault(err error) error {
	if u.from.broke != nil {
		return u.from.broke
	}
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if corrupt || slices.ContainsFunc([]error{gzip.ErrHeader, gzip.ErrChecksum, io.EOF, io.ErrUnexpectedEOF}, func(is error) bool {
		return errors.Is(err, is)
	}) {
		return fault.New(fault.MalformedRequest, "Content-Encoding is gzip, but the body is not valid gzip").WithCause(err)
	}
	return err
}
