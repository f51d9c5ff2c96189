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

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const (
	// fieldImage is the name of the image's part, unless another part is a file.
	fieldImage = "image"
	// partsMax bounds the parts of a form, and valueMax the bytes of each part except the image.
	partsMax = 64
	valueMax = 4 << 10

	ruleRequired = "REQUIRED"
	ruleLast     = "LAST"
)

// boundaryOf is the boundary of a form; empty for a body that is an image.
func boundaryOf(given []string) (string, error) {
	refused := fault.New(fault.UnsupportedMediaType, "the body must be multipart/form-data, or an image as image/* or application/octet-stream")
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
	// formBuffer is how much of a form is read at a time.
	formBuffer = 64 << 10
	// formReady is how much must be buffered so that reading from the form cannot block: twice what package multipart
	// peeks.
	formReady = 8 << 10
)

// formPicture is the form's part with the image, which is the last one.
type formPicture struct {
	*multipart.Part
	// name is the part's name, and first what was already read of it.
	name   string
	first  []byte
	form   *multipart.Reader
	buffer *bufio.Reader
	body   *paced
	// overlong is the fault of a form that is too large: the image is what makes it so.
	overlong error
}

// Read implements [io.Reader]. Package multipart returns 4 KiB at a time; this gathers what is already buffered.
func (p *formPicture) Read(b []byte) (n int, err error) {
	n = copy(b, p.first)
	p.first = p.first[n:]
	if n == 0 {
		n, err = p.Part.Read(b)
	}
	for err == nil && n < len(b) && p.buffer.Buffered() >= formReady {
		var more int
		more, err = p.Part.Read(b[n:])
		n += more
	}
	return n, err
}

// formFields are the values of a form's fields.
type formFields struct{ values url.Values }

// newFormFields starts with the query's parameters, which are refused beside a form.
func newFormFields(query url.Values) (*formFields, error) {
	f := &formFields{values: url.Values{}}
	for name, values := range query {
		for _, value := range values {
			f.add(name, value)
		}
	}
	return f, readQuery(&uploadOptions{}, f.values, nil)
}

// add keeps a value. An empty value is ignored, because browsers send all inputs of a form, filled in or not; an empty
// value of an unknown field is kept, so that the wrong name is reported.
func (f *formFields) add(name, value string) {
	if value == "" && isOption(name) {
		return
	}
	f.values[name] = append(f.values[name], value)
}

// options returns all fields.
func (f *formFields) options() (*uploadOptions, error) {
	options := &uploadOptions{}
	return options, readValues(options, f.values, nil, "form field")
}

// readForm reads a form's fields up to the image. They must arrive within the idle time of an upload, because nothing
// else bounds them.
func readForm(body *paced, boundary string, fields *formFields, overlong error) (*uploadOptions, picture, error) {
	body.until = time.Now().Add(body.idle)
	buffer := bufio.NewReaderSize(body, formBuffer)
	form := multipart.NewReader(buffer, boundary)
	for range partsMax {
		part, err := form.NextRawPart()
		if err == io.EOF { //nolint:errorlint // A wrapped io.EOF means a truncated form.
			if _, err := fields.options(); err != nil {
				return nil, nil, err
			}
			return nil, nil, fault.Invalid(fieldImage, ruleRequired, "a part with this name and the image is required")
		}
		if err != nil {
			return nil, nil, formFault(body)
		}
		described, err := describePart(part)
		if err != nil {
			return nil, nil, err
		}
		if !described.isFile {
			if err := fields.read(part, described.name, body); err != nil {
				return nil, nil, err
			}
			continue
		}
		from := &formPicture{part, described.name, nil, form, buffer, body, overlong}
		if described.unchosen {
			var empty bool
			if from.first, empty, err = isEmpty(part); err != nil {
				return nil, nil, formFault(body)
			} else if empty {
				continue
			}
		}
		body.until = time.Time{}
		options, err := fields.options()
		return options, from, err
	}
	return nil, nil, fault.New(fault.MalformedRequest, "the form has more than %d parts", partsMax)
}

// read reads the value of one field.
func (f *formFields) read(part *multipart.Part, name string, body *paced) error {
	value, err := boundedio.Read(part, valueMax)
	switch {
	case errors.Is(err, boundedio.ErrTooLarge):
		return fault.New(fault.RequestTooLarge, "%.60q is larger than %d bytes; an image is sent as a file: filename=\"photo.jpg\"", name, valueMax)
	case err != nil:
		return formFault(body)
	}
	f.add(name, string(value))
	return nil
}

// fault implements picture.
func (p *formPicture) fault(err error) error {
	if !errors.Is(err, io.EOF) {
		if _, ok := errors.AsType[*http.MaxBytesError](p.body.broke); ok {
			return p.overlong // The same fault as the server's, which may notice it first.
		}
		return formFault(p.body)
	}
	for range partsMax {
		part, err := p.form.NextRawPart()
		switch {
		case err == io.EOF:
			return p.finish()
		case err != nil:
			return formFault(p.body)
		}
		if err := p.after(part); err != nil {
			return err
		}
	}
	return fault.New(fault.MalformedRequest, "the form has more than %d parts", partsMax)
}

// after refuses a part that follows the image, unless it is empty.
func (p *formPicture) after(part *multipart.Part) error {
	described, err := describePart(part)
	if err != nil {
		return err
	}
	_, empty, err := isEmpty(part)
	switch {
	case err != nil:
		return formFault(p.body)
	case empty && (described.unchosen || !described.isFile):
		return nil
	case described.isFile && described.name == p.name:
		return notOnce(p.name)
	case described.isFile:
		return fault.New(fault.MalformedRequest, "%.60q and %.60q are two images: send one", p.name, described.name).
			WithField(described.name, ruleOnce, "must be the only file")
	}
	return fault.New(fault.MalformedRequest, "%.60q comes after the image: put all fields first", described.name).
		WithField(described.name, ruleLast, "must come before "+p.name)
}

// finish reads to the end of the body and ignores what follows the form. Only after the body's end does net/http notice
// that the caller leaves while the upstream is asked.
func (p *formPicture) finish() error {
	if _, err := io.Copy(io.Discard, p.buffer); err != nil {
		return formFault(p.body)
	}
	return nil
}

// formFault names why a form cannot be read: the body failed, or it is not a form.
func formFault(body *paced) error {
	if err := body.broken(); err != nil {
		return err
	}
	return fault.New(fault.MalformedRequest, "the form cannot be read: a part is malformed, or the last boundary is missing")
}
