package sandbox_test

import (
	"bytes"
	"maps"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
)

// Each fault belongs to one step of the documented order. A request with the fault of step n and of every later step must
// be refused for step n.
func TestAOPCheckOrder(t *testing.T) {
	c := config()
	c.Apps[0].APIs = []string{"system:currentTime"}
	c.Apps = append(c.Apps, sandbox.App{Key: "allowed", Secret: "s2", Tokens: []sandbox.Token{{Value: token}}})
	c.Limits.PerSecond = 1
	p := serve(t, c)

	type request struct {
		key, api, secret, signature, token, args string
	}
	good := request{key: "allowed", api: keywordQuery, secret: "s2", token: token, args: `{"keyword":"雨伞","beginPage":1,"pageSize":20,"country":"en"}`}
	send := func(r request) reply {
		path := "param2/1/" + r.api
		if r.key != "" {
			path += "/" + r.key
		}
		params := map[string]string{"access_token": r.token, "offerQueryParam": r.args}
		if r.token == "" {
			delete(params, "access_token")
		}
		signed := aopSigned(path, r.secret, params)
		if r.signature == "none" {
			delete(signed, "_aop_signature")
		}
		return p.post(t, "/openapi/"+path, signed)
	}
	if r := send(good); r.status != http.StatusOK || !strings.Contains(r.body, `"success":true`) {
		t.Fatalf("good request: HTTP %d %s", r.status, r.body)
	}
	// The app "allowed" has now spent its one call of this second.
	for _, tc := range []struct {
		name   string
		change func(*request)
		status int
		code   string
		msg    string
	}{
		{"arguments", func(r *request) { r.args = `{"keyword":""}` }, 400, "gw.QosAppFrequencyLimit", "App call exceeds limited frequency"},
		{"permission", func(r *request) { r.key, r.secret = appKey, appSecret }, 400, "gw.APIACLDecline", "AppKey is not allowed(acl)"},
		{"token", func(r *request) { r.token = "invented" }, 401, "401", "Request need user authorized"},
		{"no token", func(r *request) { r.token = "" }, 401, "401", "Request need user authorized"},
		{"signature", func(r *request) { r.secret = "wrong" }, 400, "gw.SignatureInvalid", ""},
		{"no signature", func(r *request) { r.signature = "none" }, 400, "gw.SignatureMissing", ""},
		{"API", func(r *request) { r.api = crossborder + "/no.such.api" }, 400, "gw.APIUnsupported", ""},
		{"app key", func(r *request) { r.key = "nobody" }, 400, "gw.AppKeyNotFound", ""},
		{"no app key", func(r *request) { r.key = "" }, 400, "gw.AppKeyMissing", ""},
	} {
		tc.change(&good) // add the faults one by one, from the last step to the first
		r := send(good)
		body := r.decode(t)
		if r.status != tc.status || body["error_code"] != tc.code {
			t.Errorf("%s: HTTP %d %v, want %d %s", tc.name, r.status, body, tc.status, tc.code)
		}
		if tc.msg != "" && body["error_message"] != tc.msg {
			t.Errorf("%s: message %v, want %s", tc.name, body["error_message"], tc.msg)
		}
		if body["exception"] != body["error_message"] || body["request_id"] == nil {
			t.Errorf("%s: body lacks exception or request_id: %s", tc.name, r.body)
		}
	}
}

// AOP refuses the tutorial's scheme: MD5 with the secret at both ends, sent as "sign" with "app_key".
func TestAOPRefusesTutorialScheme(t *testing.T) {
	p := serve(t, config())
	r := p.post(t, "/openapi/param2/1/"+keywordQuery+"/"+appKey, top("com.alibaba.product.search", map[string]string{"q": "雨伞"}))
	if got := r.decode(t)["error_code"]; got != "gw.SignatureMissing" {
		t.Errorf("MD5 signed: %v", got)
	}
	r = p.post(t, "/openapi/param2/1/"+keywordQuery, top("com.alibaba.product.search", map[string]string{"q": "雨伞"}))
	if got := r.decode(t)["error_code"]; got != "gw.AppKeyMissing" {
		t.Errorf("app_key as a parameter: %v", got)
	}
}

func TestAOPRequiredArguments(t *testing.T) {
	p := serve(t, config())
	for name, tc := range map[string]struct {
		params map[string]string
		want   string
	}{
		"no wrapper":       {map[string]string{"access_token": token}, "Required argument offerQueryParam"},
		"wrapper no JSON":  {map[string]string{"access_token": token, "offerQueryParam": "{"}, "Required argument offerQueryParam"},
		"wrapper no map":   {map[string]string{"access_token": token, "offerQueryParam": "[]"}, "Required argument offerQueryParam"},
		"empty keyword":    {query("", nil), "Required argument keyword"},
		"keyword of space": {query(" \t", nil), "Required argument keyword"},
		"no page":          {query("雨伞", map[string]any{"beginPage": nil}), "Required argument beginPage"},
		"no size":          {query("雨伞", map[string]any{"pageSize": nil}), "Required argument pageSize"},
		"no country":       {query("雨伞", map[string]any{"country": nil}), "Required argument country"},
	} {
		r := p.aop(t, keywordQuery, tc.params)
		body := r.decode(t)
		if r.status != 400 || body["error_code"] != "gw.ParamMissing" || body["error_message"] != tc.want {
			t.Errorf("%s: HTTP %d %v", name, r.status, body)
		}
	}
}

func TestCurrentTime(t *testing.T) {
	c := config()
	c.Apps[0].APIs = []string{} // no permission here, and no token below
	c.AOPTolerance = time.Minute
	p := serve(t, c)
	for api, want := range map[string]string{
		"system/currentTime":       `"20261010120000223+0800"`,
		"system/currentTimeMillis": "1791604800223",
	} {
		// A client whose clock is far off must still be able to ask for the time.
		r := p.aop(t, api, map[string]string{"_aop_timestamp": "1"})
		if r.status != 200 || r.body != want {
			t.Errorf("%s: HTTP %d %s, want %s", api, r.status, r.body, want)
		}
	}
	r := p.post(t, "/openapi/param2/1/system/currentTime/"+appKey, aopSigned("param2/1/system/currentTime/"+appKey, "wrong", nil))
	if got := r.decode(t)["error_code"]; got != "gw.SignatureInvalid" {
		t.Errorf("wrong secret: %v", got)
	}
	if date := r.header.Get("Date"); date != now.Format(http.TimeFormat) {
		t.Errorf("Date header %s", date)
	}
}

func TestAOPClock(t *testing.T) {
	c := config()
	c.AOPTolerance = 15 * time.Minute
	p := serve(t, c)
	for off, code := range map[time.Duration]any{
		0: nil, 15 * time.Minute: nil, -15 * time.Minute: nil,
		15*time.Minute + time.Second: "gw.TimestampInvalid", -16 * time.Minute: "gw.TimestampInvalid",
	} {
		params := maps.Clone(query("雨伞", nil))
		params["_aop_timestamp"] = strconv.FormatInt(now.Add(off).UnixMilli(), 10)
		if got := p.aop(t, keywordQuery, params).decode(t)["error_code"]; got != code {
			t.Errorf("%v off: %v, want %v", off, got, code)
		}
	}
}

func TestAOPByGET(t *testing.T) {
	p := serve(t, config())
	path := "param2/1/" + keywordQuery + "/" + appKey
	req := form(t.Context(), p.url+"/openapi/"+path, nil)
	req.Method, req.Body, req.ContentLength = http.MethodGet, http.NoBody, 0
	values := req.URL.Query()
	for name, value := range aopSigned(path, appSecret, query("雨伞", nil)) {
		values.Set(name, value)
	}
	req.URL.RawQuery = values.Encode()
	r, err := do(req)
	if err != nil {
		t.Fatal(err)
	}
	if got := text(dig(t, r.decode(t), "result.result.data.0.offerId")); got != "700000000003" {
		t.Errorf("offer %s", got)
	}
}

// Fields of a multipart body are signed, its files are not.
func TestMultipart(t *testing.T) {
	p := serve(t, config())
	path := "param2/1/" + keywordQuery + "/" + appKey
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, value := range aopSigned(path, appSecret, query("雨伞", nil)) {
		if err := parts.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	file, err := parts.CreateFormFile("image", "photo.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte{0xff, 0xd8}); err != nil {
		t.Fatal(err)
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/openapi/"+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", parts.FormDataContentType())
	r, err := do(req)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"3"}, ids(t, r.decode(t), data)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTooLarge(t *testing.T) {
	p := serve(t, config())
	big := map[string]string{"format": "json", "image_content": strings.Repeat("A", 13<<20)}
	if r := p.aop(t, keywordQuery, big); r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("AOP: HTTP %d", r.status)
	}
	if r := p.post(t, "/router/rest?format=json", big); text(dig(t, r.decode(t), "error_response.code")) != "41" {
		t.Errorf("TOP: %s", r.body)
	}
}

func TestTokens(t *testing.T) {
	c := config()
	c.Apps = append(c.Apps, sandbox.App{Key: "single", Secret: appSecret, SingleUser: true})
	c.Apps[0].Tokens = append(c.Apps[0].Tokens, sandbox.Token{Value: "old", Expires: now}, sandbox.Token{Value: "fresh", Expires: now.Add(1)})
	p := serve(t, c)
	call := func(key, token string) any {
		path := "param2/1/" + keywordQuery + "/" + key
		params := query("雨伞", nil)
		params["access_token"] = token
		if token == "" {
			delete(params, "access_token")
		}
		return p.post(t, "/openapi/"+path, aopSigned(path, appSecret, params)).decode(t)["error_code"]
	}
	for _, tc := range []struct {
		key, token string
		want       any
	}{
		{appKey, token, nil},
		{appKey, "fresh", nil},
		{appKey, "old", "401"},
		{appKey, "", "401"},
		{"single", "", nil},
		{"single", "invented", "401"},
	} {
		if got := call(tc.key, tc.token); got != tc.want {
			t.Errorf("%s with %q: %v, want %v", tc.key, tc.token, got, tc.want)
		}
	}
	p.RevokeToken(appKey, "fresh")
	p.IssueToken(appKey, sandbox.Token{Value: "newer"})
	if got := call(appKey, "fresh"); got != "401" {
		t.Errorf("revoked token: %v", got)
	}
	if got := call(appKey, "newer"); got != nil {
		t.Errorf("issued token: %v", got)
	}
	p.Permit(appKey, keywordAPI, false)
	if got := call(appKey, "newer"); got != "gw.APIACLDecline" {
		t.Errorf("permission taken: %v", got)
	}
}
