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

// refuseEncoded refuses an upload that is compressed: pictures are already.
func refuseEncoded(w http.ResponseWriter, r *http.Request) error {
	given := contentEncoding(r)
	if given == "" {
		return nil
	}
	w.Header().Set("Accept-Encoding", "identity")
	return fault.New(fault.UnsupportedMediaType, "the Content-Encoding is %.60q; photos must have none", given)
}

// decoded has the body give what it says it is an encoding of. The request's limit holds for both.
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

// unzipped reads what a gzip stream holds, up to a limit.
type unzipped struct {
	from *paced
	zip  *gzip.Reader
	// left is how much may still come of bytesMax.
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
	if err == nil || err == io.EOF { //nolint:errorlint // It is what a reader's end is.
		return n, err
	}
	return n, u.fault(err)
}

// fault tells a body that is no gzip from one that broke off.
func (u *unzipped) fault(err error) error {
	if u.from.broke != nil {
		return u.from.broke
	}
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	if corrupt || slices.ContainsFunc([]error{gzip.ErrHeader, gzip.ErrChecksum, io.EOF, io.ErrUnexpectedEOF}, func(is error) bool {
		return errors.Is(err, is)
	}) {
		return fault.New(fault.MalformedRequest, "the body says that it is gzip, and is not, or is damaged").WithCause(err)
	}
	return err
}
