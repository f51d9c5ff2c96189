package gateway_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// handmade is a form of parts, each a header and a content.
func handmade(parts ...string) string {
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		b.WriteString("--b\r\n" + parts[i] + "\r\n\r\n" + parts[i+1] + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

func textField(name string) string { return `Content-Disposition: form-data; name="` + name + `"` }

// TestFormsAsClientsWriteThem: the only file is the image, whatever its name and header; empty inputs are ignored;
// query parameters add to the form.
func TestFormsAsClientsWriteThem(t *testing.T) {
	u := startUploads(t, nil)
	picture := string(noise(t, 3))
	const (
		photo    = "Content-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg"
		unchosen = "Content-Disposition: form-data; name=\"other\"; filename=\"\"\r\nContent-Type: application/octet-stream"
	)
	plain := &zhaohuov1.ImageSearchRequest{Page: proto.Int32(1), PageSize: proto.Int32(20)}
	five := &zhaohuov1.ImageSearchRequest{Page: proto.Int32(1), PageSize: proto.Int32(5)}
	for name, test := range map[string]struct {
		query, body string
		want        *zhaohuov1.ImageSearchRequest
	}{
		"named photo":               {"", handmade(photo, picture), plain},
		"named file, by type alone": {"", handmade(textField("file")+"\r\nContent-Type: image/png", picture), plain},
		"named image, no file name": {"", handmade(textField("image"), picture), plain},
		"quotes after an encoding":  {"", handmade(`Content-Disposition: form-data; name="image"; filename*=utf-8''"照 片.jpg"`, picture), plain},
		"both file names":           {"", handmade(`Content-Disposition: form-data; name=file; filename=a.jpg; filename*=utf-8''a.jpg`, picture), plain},
		"a path for a name":         {"", handmade(`Content-Disposition: form-data; name="file"; filename="C:\a;b.jpg"`, picture), plain},
		"a field of that type":      {"", handmade(textField("pageSize")+"\r\nContent-Type: application/octet-stream", "5", photo, picture), five},
		"empty inputs":              {"", handmade(textField("pageSize"), "", textField("keyword"), "", textField("filters"), "", textField("region.left"), "", photo, picture), plain},
		"empty inputs after":        {"", handmade(photo, picture, textField("pageSize"), "", unchosen, ""), plain},
		"another file not chosen":   {"", handmade(unchosen, "", photo, picture), plain},
		"chosen under no name":      {"", handmade(unchosen, picture), plain},
		"a query beside it":         {"?pageSize=5", handmade(photo, picture), five},
		"an empty query beside it":  {"?pageSize=", handmade(textField("pageSize"), "5", photo, picture), five},
	} {
		t.Run(name, func(t *testing.T) {
			got := u.do(t, "POST", uploadPath+test.query, strings.NewReader(test.body), "Content-Type", "multipart/form-data; boundary=b")
			questions, contents := u.searcher.take()
			if got.code != 200 || len(contents) != 1 || contents[0] != picture {
				t.Fatalf("%d %s, %d images", got.code, got.body, len(contents))
			}
			if diff := cmp.Diff([]*zhaohuov1.ImageSearchRequest{test.want}, questions, protocmp.Transform()); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFormsThatAreRefused: two files, or one field in two places, are ambiguous.
func TestFormsThatAreRefused(t *testing.T) {
	u := startUploads(t, nil)
	const photo = `Content-Disposition: form-data; name="photo"; filename="a.jpg"`
	const other = `Content-Disposition: form-data; name="other"; filename="b.jpg"`
	picture := string(noise(t, 3))
	for name, test := range map[string]struct {
		query, body, reason, message string
		code                         int
		fields                       []string
	}{
		"two files":            {"", handmade(photo, picture, other, picture), "MALFORMED_REQUEST", `"photo" and "other" are two images: send one`, 400, []string{"other ONCE"}},
		"a file twice":         {"", handmade(photo, picture, photo, picture), "MALFORMED_REQUEST", "photo is given more than once", 400, []string{"photo ONCE"}},
		"a field after it":     {"", handmade(photo, picture, textField("page"), "2"), "MALFORMED_REQUEST", `"page" comes after the image: put all fields first`, 400, []string{"page LAST"}},
		"an unknown empty one": {"", handmade(textField("pagesize"), "", photo, picture), "UNKNOWN_FIELD", `unknown form field "pagesize"`, 400, []string{"pagesize UNKNOWN_FIELD"}},
		"query and form":       {"?pageSize=5", handmade(textField("page_size"), "5", photo, picture), "MALFORMED_REQUEST", "page_size is given more than once", 400, []string{"page_size ONCE"}},
		"nothing chosen":       {"", handmade(photo[:len(photo)-6]+`"`, ""), "INVALID_FIELD", "image: a part with this name and the image is required", 400, []string{"image REQUIRED"}},
		"an image as text":     {"", handmade(textField("photo"), picture), "REQUEST_TOO_LARGE", `"photo" is larger than 4096 bytes; an image is sent as a file: filename="photo.jpg"`, 413, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := u.do(t, "POST", uploadPath+test.query, strings.NewReader(test.body), "Content-Type", "multipart/form-data; boundary=b")
			f, reason, fields := got.read(t)
			if got.code != test.code || reason != test.reason || f.Message != test.message || codes.Code(f.Code) != codes.InvalidArgument {
				t.Errorf("%d %s %q, want %d %s %q", got.code, reason, f.Message, test.code, test.reason, test.message)
			}
			if diff := cmp.Diff(test.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if questions, _ := u.searcher.take(); questions != nil {
				t.Errorf("asked upstream: %v", questions)
			}
		})
	}
}
