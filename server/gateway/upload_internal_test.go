package gateway

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

// formRead is what came of reading a form to its end.
type formRead struct {
	options *uploadOptions
	content []byte
	err     error
}

func readWhole(body []byte) formRead {
	r := httptest.NewRequest(http.MethodPost, pathUpload, bytes.NewReader(body))
	options, from, err := readForm(newPaced(httptest.NewRecorder(), r, 1<<20, time.Hour), "b", fault.New(fault.ImageTooLarge, ""))
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

// FuzzForm: a form is read as the standard library reads it, or refused with a fault of the caller's; never another
// picture, never a field that was not given.
func FuzzForm(f *testing.F) {
	for _, seed := range []string{
		"", "--b--", file + "--b--", file, file + file + "--b--", field("keyword", "k") + file + "--b--\r\n", file + field("keyword", "k") + "--b--",
		field("pageSize", "x") + file + "--b--", field("filters", "FILTER_NEW_7_DAYS") + field("filters", "FILTER_NEW_7_DAYS") + file + "--b--",
		"preamble\r\n" + field("keyword", "") + file + "--b--epilogue", field("keyword", "a") + field("keyword", "b") + file + "--b--",
		part("Content-Disposition: form-data; name=image\r\nContent-Transfer-Encoding: quoted-printable", "=41") + "--b--",
		part("Content-Type: text/plain", "x") + "--b--", "--b\r\nbroken header\r\n\r\n--b--", file[:len(file)-4], "--b\n\n\n--b--\n",
		part("Content-Disposition: attachment; name=image", "x") + "--b--",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := readWhole(body)
		if got.err != nil {
			switch fault.KindOf(got.err) {
			case fault.MalformedRequest, fault.InvalidField, fault.UnknownField, fault.RequestTooLarge, fault.ImageTooLarge:
			default:
				t.Fatalf("%v", got.err)
			}
			return
		}
		form, err := multipart.NewReader(bytes.NewReader(body), "b").ReadForm(1 << 20)
		if err != nil {
			t.Fatalf("taken, though the standard library says %v", err)
		}
		want := form.Value["image"]
		for _, file := range form.File["image"] {
			opened, err := file.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(opened)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, string(content))
		}
		if diff := cmp.Diff(want, []string{string(got.content)}); diff != "" {
			t.Fatalf("the picture (-want +got):\n%s", diff)
		}
		delete(form.Value, "image")
		again := &uploadOptions{}
		if err := readValues(again, form.Value, nil, "form field"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(again, got.options, protocmp.Transform()); diff != "" {
			t.Fatalf("options (-want +got):\n%s", diff)
		}
	})
}

func TestBodyThatBreaks(t *testing.T) {
	for name, cut := range map[string]int{"in a header": 20, "in a field": 60, "in the picture": 170} {
		whole := field("keyword", "some words") + file
		broke := errors.New("connection reset")
		body := io.MultiReader(bytes.NewReader([]byte(whole[:cut])), failing{broke})
		r := httptest.NewRequest(http.MethodPost, pathUpload, body)
		_, from, err := readForm(newPaced(httptest.NewRecorder(), r, 1<<20, time.Hour), "b", fault.New(fault.ImageTooLarge, ""))
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
