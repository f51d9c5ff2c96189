// Package boundedio reads what may be larger than expected, without holding more of it than a bound. It does not stream:
// the content is in memory.
package boundedio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// ErrTooLarge means that there are more bytes than the bound.
var ErrTooLarge = errors.New("there are more bytes than the bound")

// Read reads all bytes up to the end of r, or fails with [ErrTooLarge] if they are more than limit. Other errors are
// those of r.
func Read(r io.Reader, limit int64) ([]byte, error) { return read(r, -1, limit) }

// ReadBody is [Read] for the body of a response. A body that says beforehand that it is too large is not read at all.
func ReadBody(response *http.Response, limit int64) ([]byte, error) {
	return read(response.Body, response.ContentLength, limit)
}

// ReadFile is [Read] for the file of that name. Its errors name the file and the bound.
func ReadFile(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	content, err := Read(file, limit)
	if errors.Is(err, ErrTooLarge) {
		return nil, fmt.Errorf("%s is over %d bytes", name, limit)
	}
	return content, err
}

// read reads r, of which size bytes are expected; -1 means unknown.
func read(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, ErrTooLarge
	}
	var buf bytes.Buffer
	if size > 0 {
		buf.Grow(int(size) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, err
	case n > limit:
		return nil, ErrTooLarge
	}
	return buf.Bytes(), nil
}
