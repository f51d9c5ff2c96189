package gateway

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// formRead is the result of reading a form to its end.
type formRead struct {
	options *uploadOptions
	content []byte
	err     error
}

func readInOnePiece(body []byte) formRead {
	r := httptest.NewRequest(http.MethodPost, pathUpload, bytes.NewReader(body))
	fields, err := newFormFields(nil)
	if err != nil {
		return formRead{err: err}
	}
	options, from, err := readForm(newPaced(httptest.NewRecorder(), r, 1<<20, time.Hour), "b", fields, fault.New(fault.ImageTooLarge, ""))
	if err != nil {
		return formRead{err: err}
	}
	content, err := io.ReadAll(from)
	if err == nil {
		err = io.EOF
	}
	return formRead{options, content, from.fault(err)}
}

func part(header, content string) string { return "--b\r\n" + header + "\r\n\r\n" + content + "\r\n" }

func field(name, content string) string {
	return part(`Content-Disposition: form-data; name="`+name+`"`, content)
}

const file = "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nPICTURE\r\n"

// FuzzForm: a form is read like the standard library reads it, or refused as the caller's fault; never another image,
// never a field that was not given.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"", "--b--", file + "--b--", file, file + file + "--b--", field("keyword", "k") + file + "--b--\r\n", file + field("keyword", "k") + "--b--",
		field("pageSize", "x") + file + "--b--", field("filters", "PRODUCT_FILTER_NEW_7_DAYS") + field("filters", "PRODUCT_FILTER_NEW_7_DAYS") + file + "--b--",
		"preamble\r\n" + field("keyword", "") + file + "--b--epilogue", field("keyword", "a") + field("keyword", "b") + file + "--b--",
		part("Content-Disposition: form-data; name=image\r\nContent-Transfer-Encoding: quoted-printable", "=41") + "--b--",
		part("Content-Type: text/plain", "x") + "--b--", "--b\r\nbroken header\r\n\r\n--b--", file[:len(file)-4], "--b\n\n\n--b--\n",
		part("Content-Disposition: attachment; name=image", "x") + "--b--",
		part(`Content-Disposition: form-data; name="photo"; filename*=utf-8''"a b.jpg"`, "x") + "--b--",
		part(`Content-Disposition: form-data; name="other"; filename=""`, "") + field("pageSize", "") + file + field("keyword", "") + "--b--",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := readInOnePiece(body)
		if got.err != nil {
			switch fault.KindOf(got.err) {
			case fault.MalformedRequest, fault.InvalidField, fault.UnknownField, fault.RequestTooLarge, fault.ImageTooLarge:
			default:
				t.Fatalf("%v", got.err)
			}
			return
		}
		contents, fields := partsOf(t, body)
		if !slices.Contains(contents, string(got.content)) {
			t.Fatalf("the image %q is not in the form", got.content)
		}
		second := &uploadOptions{}
		if err := readValues(second, fields, nil, "form field"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(second, got.options, protocmp.Transform()); diff != "" {
			t.Fatalf("options (-want +got):\n%s", diff)
		}
	})
}

// partsOf reads a form with the standard library only: the contents of its parts, and its non-empty fields.
func partsOf(t *testing.T, body []byte) (contents []string, fields url.Values) {
	t.Helper()
	fields = url.Values{}
	form := multipart.NewReader(bytes.NewReader(body), "b")
	for {
		part, err := form.NextRawPart()
		if err == io.EOF { //nolint:errorlint // A wrapped io.EOF means a truncated form.
			return contents, fields
		}
		if err != nil {
			t.Fatalf("accepted, but the standard library returns %v", err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, string(content))
		described, err := describePart(part)
		if err != nil {
			t.Fatal(err)
		}
		if name := part.FormName(); name != "" && name != described.name {
			t.Fatalf("the part's name is %q, but the standard library's is %q", described.name, name)
		}
		if !described.isFile && len(content) > 0 {
			fields[described.name] = append(fields[described.name], string(content))
		}
	}
}

// TestDisposition: all headers that clients write are read.
func TestDisposition(t *testing.T) {
	for header, want := range map[string]map[string]string{
		`form-data; name="image"; filename="a.jpg"`:                     {"name": "image", "filename": "a.jpg"},
		`form-data; name=image; filename=a.jpg; filename*=utf-8''a.jpg`: {"name": "image", "filename": "a.jpg", "filename*": "utf-8''a.jpg"},
		`form-data; name=file; filename*=utf-8''"照片.jpg"`:               {"name": "file", "filename*": `utf-8''"照片.jpg"`},
		`form-data; name="photo"; filename="a;b.jpg"`:                   {"name": "photo", "filename": "a;b.jpg"},
		`form-data; name="photo"; filename="say \"hi\".jpg"`:            {"name": "photo", "filename": `say "hi".jpg`},
		`form-data; name="photo"; filename="C:\new\a.jpg"`:              {"name": "photo", "filename": `C:\new\a.jpg`},
		`Form-Data; NAME="photo";filename=""; `:                         {"name": "photo", "filename": ""},
		"form-data; name=\"photo\"; filename=\"\xd5\xd5.jpg\"":          {"name": "photo", "filename": "\xd5\xd5.jpg"},
		`attachment; name="image"`:                                      nil,
		`form-data; name="a"; name="b"`:                                 nil,
		`form-data; name`:                                               nil,
		``:                                                              nil,
	} {
		got, ok := disposition(header)
		if ok != (want != nil) || ok && !maps.Equal(got, want) {
			t.Errorf("%s: %q %t, want %q", header, got, ok, want)
		}
	}
}

func TestBodyThatBreaks(t *testing.T) {
	for name, cut := range map[string]int{"in a header": 20, "in a field": 60, "in the image": 170} {
		full := field("keyword", "some words") + file
		broke := errors.New("connection reset")
		body := io.MultiReader(bytes.NewReader([]byte(full[:cut])), failing{broke})
		r := httptest.NewRequest(http.MethodPost, pathUpload, body)
		fields, err := newFormFields(nil)
		if err != nil {
			t.Fatal(err)
		}
		_, from, err := readForm(newPaced(httptest.NewRecorder(), r, 1<<20, time.Hour), "b", fields, fault.New(fault.ImageTooLarge, ""))
		if err == nil {
			_, err = io.ReadAll(from)
			err = from.fault(err)
		}
		if fault.KindOf(err) != fault.CallerGone || !errors.Is(err, broke) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
