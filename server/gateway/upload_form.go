package gateway

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

const (
	// fieldImage is the name of the form's part that is the picture.
	fieldImage = "image"
	// partsMax bounds the parts of a form, and valueMax the bytes of each but the picture.
	partsMax = 64
	valueMax = 4 << 10

	ruleRequired = "REQUIRED"
	ruleLast     = "LAST"
)

// boundaryOf is what parts of the form are divided by; empty for a body that is a picture.
func boundaryOf(given []string) (string, error) {
	refused := fault.New(fault.UnsupportedMediaType, "the body must be multipart/form-data, or a picture as image/* or application/octet-stream")
	if len(given) != 1 {
		return "", refused
	}
	kind, params, err := mime.ParseMediaType(given[0])
	switch {
	case err != nil:
		return "", refused
	case kind == "application/octet-stream" || strings.HasPrefix(kind, "image/"):
		return "", nil
	case kind != "multipart/form-data":
		return "", refused
	case params["boundary"] == "":
		return "", fault.New(fault.MalformedRequest, "the form names no boundary")
	}
	return params["boundary"], nil
}

const (
	// formBuffer is how much of a form is read at once.
	formBuffer = 64 << 10
	// formReady is so much that reading it from the form cannot come to wait for more: twice what package multipart looks
	// ahead.
	formReady = 8 << 10
)

// formPicture is the part of a form that is the picture, which is the last one.
type formPicture struct {
	*multipart.Part
	form   *multipart.Reader
	buffer *bufio.Reader
	body   *paced
	// overlong is the fault of a form that is too large: it is its picture that is.
	overlong error
}

// Read implements [io.Reader]. Package multipart gives 4 KiB at a time; this gathers what is there already.
func (p formPicture) Read(b []byte) (n int, err error) {
	n, err = p.Part.Read(b)
	for err == nil && n < len(b) && p.buffer.Buffered() >= formReady {
		var more int
		more, err = p.Part.Read(b[n:])
		n += more
	}
	return n, err
}

// readForm reads a form's fields up to the picture. They must come within the time an upload may send nothing, since
// nothing else bounds them.
func readForm(body *paced, boundary string, overlong error) (*uploadOptions, picture, error) {
	body.until = time.Now().Add(body.idle)
	buffer := bufio.NewReaderSize(body, formBuffer)
	form := multipart.NewReader(buffer, boundary)
	values := url.Values{}
	options := &uploadOptions{}
	for range partsMax {
		part, err := form.NextRawPart()
		if err == io.EOF { //nolint:errorlint // Wrapped, it is a form that breaks off.
			if err := readValues(options, values, nil, "form field"); err != nil {
				return nil, nil, err
			}
			return nil, nil, fault.Invalid(fieldImage, ruleRequired, "a part of this name with the picture is wanted")
		}
		if err != nil {
			return nil, nil, formFault(body)
		}
		name, err := nameOf(part)
		if err != nil {
			return nil, nil, err
		}
		if name == fieldImage {
			body.until = time.Time{}
			return options, formPicture{part, form, buffer, body, overlong}, readValues(options, values, nil, "form field")
		}
		value, err := io.ReadAll(io.LimitReader(part, valueMax+1))
		if err != nil {
			return nil, nil, formFault(body)
		}
		if len(value) > valueMax {
			return nil, nil, fault.New(fault.RequestTooLarge, "%.60q is larger than %d bytes", name, valueMax)
		}
		values[name] = append(values[name], string(value))
	}
	return nil, nil, fault.New(fault.MalformedRequest, "the form has more than %d parts", partsMax)
}

// nameOf is the field a part sets.
func nameOf(part *multipart.Part) (string, error) {
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "", "binary", "8bit", "7bit":
	default:
		return "", fault.New(fault.MalformedRequest, "parts of the form must not be encoded")
	}
	name := part.FormName()
	if name == "" {
		return "", fault.New(fault.MalformedRequest, "a part of the form has no name")
	}
	return name, nil
}

// fault implements picture.
func (p formPicture) fault(err error) error {
	if !errors.Is(err, io.EOF) {
		if _, ok := errors.AsType[*http.MaxBytesError](p.body.broke); ok {
			return p.overlong // As the server says it, whoever of the two notices first.
		}
		return formFault(p.body)
	}
	part, err := p.form.NextRawPart()
	switch {
	case err == io.EOF: //nolint:errorlint // Wrapped, it is a form that breaks off.
		return p.finish()
	case err != nil:
		return formFault(p.body)
	}
	name, err := nameOf(part)
	switch {
	case err != nil:
		return err
	case name == fieldImage:
		return notOnce(fieldImage)
	}
	return fault.New(fault.MalformedRequest, "%.60q comes after the picture: put all fields first", name).
		WithField(name, ruleLast, "must come before "+fieldImage)
}

// finish reads what follows the form, which is nothing, or nobody's business. Only from the body's end on does net/http notice
// that the caller leaves, while the upstream is asked.
func (p formPicture) finish() error {
	if _, err := io.Copy(io.Discard, p.buffer); err != nil {
		return formFault(p.body)
	}
	return nil
}

// formFault names why a form cannot be read: the body broke, or it is not a form.
func formFault(body *paced) error {
	if err := body.broken(); err != nil {
		return err
	}
	return fault.New(fault.MalformedRequest, "the form cannot be read: a part is broken, or the last boundary is missing")
}
