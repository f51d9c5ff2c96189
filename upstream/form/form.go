// Package form writes the parameters of a call as a form and feeds them to a signature, photos included, without
// holding a photo's base64.
//
// Both dialects write with it. It knows no signing rule: the dialect decides which texts are hashed, in which order. It
// sends nothing.
package form

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// NewRequest makes a POST with the parameters as a form, in their order. photoBytes is what [Digest.PhotoBytes] counted
// for the same photos. With it the length is known before the first byte is sent.
//
// The body is produced while it is read and cannot be replayed. It reads no photo after Close. A photo that changed
// since it was signed fails the reading, so a body is never longer or shorter than its stated length.
func NewRequest(ctx context.Context, address string, params []upstream.Param, photoBytes int64) (*http.Request, error) {
	text, photos := write(params)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return nil, err
	}
	length := int64(len(text)) + photoBytes
	request.Body, request.ContentLength = newBody(text, photos, length), length
	// A replay would carry an old timestamp and no permit: another attempt makes another request.
	request.GetBody = nil
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	request.Header.Set("Accept", "application/json")
	return request, nil
}

// slot is the position of a photo in the written form.
type slot struct {
	at    int
	photo upstream.Photo
}

// write returns the form without its photos, and their positions.
func write(params []upstream.Param) ([]byte, []slot) {
	size := 0
	for _, p := range params {
		size += len(p.Name) + (len(p.Value)+len(p.Tail))*5/4 + len("=&")
	}
	text := make([]byte, 0, size)
	var photos []slot
	for i, p := range params {
		if i > 0 {
			text = append(text, '&')
		}
		text = append(text, url.QueryEscape(p.Name)...)
		text = append(text, '=')
		text = append(text, url.QueryEscape(p.Value)...)
		if p.Photo != nil {
			photos = append(photos, slot{at: len(text), photo: p.Photo})
		}
		text = append(text, url.QueryEscape(p.Tail)...)
	}
	return text, photos
}

// Empty reports whether the parameter's text is empty.
func Empty(p upstream.Param) bool {
	return p.Value == "" && p.Tail == "" && (p.Photo == nil || p.Photo.Size() == 0)
}

var _ io.ReadCloser = (*body)(nil)
