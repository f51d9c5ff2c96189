package app

import (
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// The sandbox's phrase for a wrong clock is made up, so it must not apply to a real refusal.
func TestSandboxPhrasesApplyToTheSandboxOnly(t *testing.T) {
	for sandboxed, kind := range map[bool]fault.Kind{true: fault.UpstreamClockSkew, false: fault.UpstreamRefused} {
		d, err := newDialect(&settings(t, nil).Settings, "http://x.test", upstream.Limits{}, sandboxed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Wire.Open(upstream.Call{}, 400, []byte(`{"error_code":"gw.TimestampInvalid"}`)); fault.KindOf(err) != kind {
			t.Errorf("sandboxed %v: got %v, want %s", sandboxed, err, kind)
		}
	}
}

func TestMethodsAreSettings(t *testing.T) {
	for dialect, want := range map[string][]string{"aop": {"a:b-1", "c:d-2", "e:f-3"}, "top": {"g.h", "", "i.j"}} {
		s := settings(t, nil, "--dialect="+dialect, "--aop-keyword-api=a:b-1", "--aop-upload-api=c:d-2", "--aop-image-api=e:f-3",
			"--top-keyword-method=g.h", "--top-image-method=i.j")
		d, err := newDialect(&s.Settings, "http://x.test", upstream.Limits{}, true)
		if err != nil {
			t.Fatal(err)
		}
		keyword, err := d.KeywordSearch.Encode(headphones())
		if err != nil || keyword.API != want[0] {
			t.Errorf("%s: words go to %q, %v", dialect, keyword.API, err)
		}
		if d.UploadImage.Offered() != (want[1] != "") {
			t.Errorf("%s: upload is offered %v", dialect, d.UploadImage.Offered())
		} else if want[1] != "" {
			if upload, err := d.UploadImage.Encode(nil); err != nil || upload.API != want[1] {
				t.Errorf("%s: photos go to %q, %v", dialect, upload.API, err)
			}
		}
		image, err := d.ImageSearch.Encode(upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}, URL: "http://x.test/a.jpg"})
		if err != nil || image.API != want[2] {
			t.Errorf("%s: images go to %q, %v", dialect, image.API, err)
		}
	}
}
