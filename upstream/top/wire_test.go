package top_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// vectorTime is 2016-01-01 12:00:00 in China.
var vectorTime = time.Date(2016, 1, 1, 4, 0, 0, 0, time.UTC)

func vectorCall() (upstream.Call, upstream.Credential) {
	call := upstream.Call{API: "taobao.item.seller.get", Params: []upstream.Param{
		{Name: "num_iid", Value: "11223344"},
		{Name: "fields", Value: "num_iid,title,nick,price,num"},
	}}
	return call, upstream.Credential{AppKey: "12345678", AppSecret: "helloworld", AccessToken: "test"}
}

// sent makes a request and gives its form.
func sent(t *testing.T, c top.Config, call upstream.Call, cred upstream.Credential, now time.Time) (*http.Request, url.Values) {
	t.Helper()
	request, err := top.New(c).Wire.NewRequest(t.Context(), call, cred, now)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(body)) != request.ContentLength {
		t.Errorf("the body has %d bytes, its length says %d", len(body), request.ContentLength)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	return request, form
}

// vectorT4 is the result of the tutorial's function: HMAC-SHA1 under the name md5.
const vectorT4 = "B29BA83E5DB88020ECF03590D9AA3B88B156895F"

func TestSignVectors(t *testing.T) {
	for _, v := range []struct {
		id     string
		method top.SignMethod
		sign   string
	}{
		{"T1", top.SignMD5, "66987CB115214E59E6EC978214934FB8"},
		{"T1 by default", "", "66987CB115214E59E6EC978214934FB8"},
		{"T2", top.SignHMAC, "D56D7858309C31B6251083A874D48273"},
		{"T3", top.SignHMACSHA256, "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8"},
		{"T5", top.SignHMACSHA1, "01F4EB1E71E3F82863E234921B11569F90B69061"},
	} {
		t.Run(v.id, func(t *testing.T) {
			call, cred := vectorCall()
			_, form := sent(t, top.Config{SignMethod: v.method}, call, cred, vectorTime)
			named := v.method
			if named == "" {
				named = top.SignMD5
			}
			want := url.Values{
				"method": {"taobao.item.seller.get"}, "app_key": {"12345678"}, "session": {"test"},
				"timestamp": {"2016-01-01 12:00:00"}, "format": {"json"}, "v": {"2.0"},
				"fields": {"num_iid,title,nick,price,num"}, "num_iid": {"11223344"},
				"sign_method": {string(named)}, "sign": {v.sign},
			}
			if diff := cmp.Diff(want, form); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheTutorialsMislabelledSignatureIsNeverSent(t *testing.T) {
	call, cred := vectorCall()
	methods := append(top.SignMethods(), "", "hmac-md5", "MD5", "sha1", "HMAC-SHA1")
	for _, m := range methods {
		wire := top.New(top.Config{SignMethod: m}).Wire
		request, err := wire.NewRequest(t.Context(), call, cred, vectorTime)
		known := m == "" || slices.Contains(top.SignMethods(), m)
		if !known {
			if fault.KindOf(err) != fault.UpstreamCredentialsInvalid {
				t.Errorf("sign method %q gives %v, want the fault of a wrong signing rule", m, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), vectorT4) {
			t.Errorf("sign method %q sends the signature T4", m)
		}
	}
}

func TestRequestForm(t *testing.T) {
	call := upstream.Call{API: "m", Params: []upstream.Param{
		{Name: "q", Value: "蓝牙 耳机&a=b+c%"},
		{Name: "empty", Value: ""},
		{Name: "image_content", Value: "ab+/=="},
	}}
	request, form := sent(t, top.Config{URL: "http://gw.example/router/rest"}, call, upstream.Credential{AppKey: "k", AppSecret: "s"}, vectorTime)
	if request.Method != http.MethodPost || request.URL.String() != "http://gw.example/router/rest" {
		t.Errorf("got %s %s", request.Method, request.URL)
	}
	if got := request.Header.Get("Content-Type"); got != "application/x-www-form-urlencoded; charset=UTF-8" {
		t.Errorf("content type %q", got)
	}
	if request.GetBody != nil {
		t.Error("the transport can replay the body, without the attempt loop")
	}
	for name, want := range map[string]string{"q": "蓝牙 耳机&a=b+c%", "image_content": "ab+/=="} {
		if got := form[name]; !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"empty", "session"} {
		if _, ok := form[name]; ok {
			t.Errorf("%s is sent without a value", name)
		}
	}
}

func TestTimestampIsChinasWhateverTheZone(t *testing.T) {
	for _, zone := range []*time.Location{
		time.UTC,
		time.FixedZone("west", -11*60*60),
		time.FixedZone("east", 14*60*60),
		time.FixedZone("half", 5*60*60+45*60),
		time.FixedZone("with seconds", 8*60*60+5*60+43),
	} {
		call, cred := vectorCall()
		_, form := sent(t, top.Config{}, call, cred, vectorTime.In(zone))
		if got := form.Get("timestamp"); got != "2016-01-01 12:00:00" {
			t.Errorf("from zone %s the timestamp is %q", zone, got)
		}
	}
}

func TestParametersAreNeverWrittenTwice(t *testing.T) {
	for _, name := range []string{"sign", "sign_method", "app_key", "method", "timestamp", "twice"} {
		call := upstream.Call{API: "m", Params: []upstream.Param{{Name: name, Value: "x"}, {Name: "twice", Value: "y"}}}
		_, err := top.New(top.Config{}).Wire.NewRequest(t.Context(), call, upstream.Credential{AppKey: "k"}, vectorTime)
		if fault.KindOf(err) != fault.Internal || err == nil {
			t.Errorf("a call with its own %s gives %v, want an internal fault", name, err)
		}
	}
}

func TestMalformedAddress(t *testing.T) {
	_, err := top.New(top.Config{URL: "http://[::1"}).Wire.NewRequest(t.Context(), upstream.Call{API: "m"}, upstream.Credential{AppKey: "k"}, vectorTime)
	if fault.KindOf(err) != fault.UpstreamAPIUnknown {
		t.Errorf("got %v", err)
	}
}
