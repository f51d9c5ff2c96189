package oauth

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func TestTokenAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want answer
	}{
		"by code": {
			`{"access_token":"a-1","refresh_token":"r-1","expires_in":"36000","refresh_token_timeout":"20150626174405000+0800","resource_owner":"cn117718701","aliId":"8888888888","memberId":"b2b-2379510033"}`,
			answer{
				access: "a-1", refresh: "r-1", life: 10 * time.Hour, owner: "cn117718701", memberID: "b2b-2379510033",
				refreshEnds: time.Date(2015, 6, 26, 9, 44, 5, 0, time.UTC),
			},
		},
		"by refresh token": {`{"access_token":"a-2","expires_in":"36000","resource_owner":"沙箱买家"}`, answer{access: "a-2", life: 10 * time.Hour, owner: "沙箱买家"}},
		"14 digits": {
			`{"access_token":"a","refresh_token_timeout":"20121222222222+0800"}`,
			answer{access: "a", refreshEnds: time.Date(2012, 12, 22, 14, 22, 22, 0, time.UTC)},
		},
		"another zone": {
			`{"access_token":"a","refresh_token_timeout":"20261010164552223-0700"}`,
			answer{access: "a", refreshEnds: time.Date(2026, 10, 10, 23, 45, 52, 223e6, time.UTC)},
		},
		"zone with a colon":     {`{"access_token":"a","refresh_token_timeout":"20261010164552+08:00"}`, answer{access: "a", refreshEnds: time.Date(2026, 10, 10, 8, 45, 52, 0, time.UTC)}},
		"no zone":               {`{"access_token":"a","refresh_token_timeout":"20261010164552"}`, answer{access: "a"}},
		"month 13":              {`{"access_token":"a","refresh_token_timeout":"20261310164552+0800"}`, answer{access: "a"}},
		"15 digits":             {`{"access_token":"a","refresh_token_timeout":"202610101645521+0800"}`, answer{access: "a"}},
		"life as a number":      {`{"access_token":"a","expires_in":36000}`, answer{access: "a", life: 10 * time.Hour}},
		"life with a point":     {`{"access_token":"a","expires_in":"1.9"}`, answer{access: "a", life: time.Second}},
		"no life":               {`{"access_token":"a"}`, answer{access: "a"}},
		"life of nothing":       {`{"access_token":"a","expires_in":"0"}`, answer{access: "a"}},
		"life below nothing":    {`{"access_token":"a","expires_in":-5}`, answer{access: "a"}},
		"life in words":         {`{"access_token":"a","expires_in":"long"}`, answer{access: "a"}},
		"life not a number":     {`{"access_token":"a","expires_in":"NaN"}`, answer{access: "a"}},
		"life without end":      {`{"access_token":"a","expires_in":1e300}`, answer{access: "a"}},
		"owner of another name": {`{"access_token":"a","resourceOwner":"x"}`, answer{access: "a", owner: "x"}},
		"owner with controls":   {`{"access_token":"a","resource_owner":"\u001b[31mx\u202e\n"}`, answer{access: "a", owner: "[31mx"}},
		"owner is long":         {`{"access_token":"a","resource_owner":"` + strings.Repeat("买", 100) + `"}`, answer{access: "a", owner: strings.Repeat("买", 85)}},
		"long number":           {`{"access_token":"a","memberId":9007199254740993}`, answer{access: "a", memberID: "9007199254740993"}},
		"refresh token null":    {`{"access_token":"a","refresh_token":null}`, answer{access: "a"}},
		"refresh token empty":   {`{"access_token":"a","refresh_token":""}`, answer{access: "a"}},
		"error of nothing":      {`{"access_token":"a","error":"","error_code":null}`, answer{access: "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := (&Issuer{codes: codes}).open(200, []byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(answer{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTokenRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		kind   fault.Kind
		code   string
	}{
		"bad refresh token":        {400, `{"error":"invalid_grant","error_description":"CANARY"}`, fault.UpstreamTokenInvalid, "invalid_grant"},
		"nobody has published it":  {400, `{"error":"whatever"}`, fault.UpstreamTokenInvalid, "whatever"},
		"HTTP 400 alone":           {400, `{}`, fault.UpstreamTokenInvalid, ""},
		"gateway's 401":            {401, `{"error_code":"401","error_message":"CANARY"}`, fault.UpstreamTokenInvalid, "401"},
		"gateway's 401, a number":  {401, `{"error_code":401}`, fault.UpstreamTokenInvalid, "401"},
		"error inside HTTP 200":    {200, `{"error":"invalid_grant","access_token":"a"}`, fault.UpstreamTokenInvalid, "invalid_grant"},
		"bad secret":               {400, `{"error":"invalid_client"}`, fault.UpstreamCredentialsInvalid, "invalid_client"},
		"no such App Key":          {400, `{"error_code":"gw.AppKeyNotFound"}`, fault.UpstreamCredentialsInvalid, "gw.AppKeyNotFound"},
		"camel case":               {400, `{"errorCode":"gw.AppKeyNotFound"}`, fault.UpstreamCredentialsInvalid, "gw.AppKeyNotFound"},
		"no such API":              {400, `{"error_code":"gw.APIUnsupported"}`, fault.UpstreamAPIUnknown, "gw.APIUnsupported"},
		"too fast":                 {400, `{"error_code":"gw.QosAppFrequencyLimit"}`, fault.UpstreamThrottled, "gw.QosAppFrequencyLimit"},
		"too fast by status":       {429, `{}`, fault.UpstreamThrottled, ""},
		"unknown gateway code":     {400, `{"error_code":"gw.Whatever"}`, fault.UpstreamRefused, "gw.Whatever"},
		"unknown code in HTTP 200": {200, `{"error":"whatever"}`, fault.UpstreamRefused, "whatever"},
		"backend failed":           {500, `{"error_code":"gw.ISPInvokeError"}`, fault.UpstreamUnavailable, "gw.ISPInvokeError"},
		"HTTP 503":                 {503, `{"error":"x"}`, fault.UpstreamUnavailable, "x"},
		"HTTP 404":                 {404, `{}`, fault.UpstreamAPIUnknown, ""},
		"redirect":                 {302, ``, fault.UpstreamAPIUnknown, ""},
		"page":                     {200, `<html>CANARY`, fault.UpstreamUnavailable, ""},
		"nothing":                  {200, ``, fault.UpstreamUnavailable, ""},
		"list":                     {200, `[]`, fault.UpstreamUnavailable, ""},
		"code that is no code":     {400, `{"error":"refresh_token CANARY is bad"}`, fault.UpstreamTokenInvalid, "unreadable"},
		"code as long as a token":  {400, `{"error":"CANARY7890123456789012345678901234567890"}`, fault.UpstreamTokenInvalid, "unreadable"},
		"token with a line end":    {200, `{"access_token":"CANARY\n"}`, fault.UpstreamAnswerUnreadable, ""},
		"token is a number":        {200, `{"access_token":1}`, fault.UpstreamAnswerUnreadable, ""},
		"token is Chinese":         {200, `{"access_token":"令牌"}`, fault.UpstreamAnswerUnreadable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := (&Issuer{codes: codes}).open(test.status, []byte(test.body))
			f, ok := fault.As(err)
			if !ok || f.Kind != test.kind || f.Meta[fault.MetaUpstreamCode] != test.code {
				t.Fatalf("got %v with %v, want %s with code %q", err, f.Meta, test.kind, test.code)
			}
			if f.Detail == "" || strings.Contains(f.Error()+f.Meta[fault.MetaUpstreamCode], "CANARY") {
				t.Errorf("detail is %q", f.Detail)
			}
		})
	}
}

// TestTokenAnswerIsBounded: an answer that is too large is refused, whether it states its length or not.
func TestTokenAnswerIsBounded(t *testing.T) {
	for name, stated := range map[string]bool{"stated length": true, "unknown length": false} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				body := `{"access_token":"` + strings.Repeat("a", answerBytesMax) + `"}`
				if stated {
					w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				}
				_, _ = io.WriteString(w, body) // The reader may leave before the end.
			}))
			defer server.Close()
			issuer, err := NewIssuer(IssuerOptions{BaseURL: server.URL, AppKey: "k", AppSecret: "s", HTTP: server.Client(), Timeout: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := issuer.Refresh(t.Context(), Token{RefreshToken: "r"}); fault.KindOf(err) != fault.UpstreamAnswerTooLarge {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A configured meaning of a code takes precedence over the known one. Case does not matter.
func TestTokenCodesAreConfiguration(t *testing.T) {
	issuer, err := NewIssuer(IssuerOptions{
		BaseURL: "https://gw.test", AppKey: "k", AppSecret: "s", HTTP: &http.Client{},
		Codes: map[string]fault.Kind{"GW.NewTokenLimit": fault.UpstreamThrottled, "invalid_client": fault.UpstreamPermissionDenied},
	})
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]fault.Kind{
		`{"error_code":"gw.NewTokenLimit"}`: fault.UpstreamThrottled,
		`{"error":"invalid_client"}`:        fault.UpstreamPermissionDenied,
		`{"error":"invalid_grant"}`:         fault.UpstreamTokenInvalid,
	} {
		if _, err := issuer.open(400, []byte(body)); fault.KindOf(err) != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

// FuzzAnswer: any answer gives tokens that can be sent, with sensible expiry times, or a fault with a detail.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"access_token":"a-1","refresh_token":"r-1","expires_in":"36000","refresh_token_timeout":"20150626174405000+0800","resource_owner":"cn1"}`,
		`{"access_token":"a","expires_in":36000,"refresh_token_timeout":"20121222222222+0800"}`, `{"error":"invalid_grant"}`,
		`{"error_code":"401"}`, ``, `[]`, `{"access_token":{}}`, `{"expires_in":1e400,"access_token":"x"}`, "{\"access_token\":\"\x00\"}",
	} {
		f.Add(200, []byte(seed))
		f.Add(400, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		got, err := (&Issuer{codes: codes}).open(status, body)
		if err != nil {
			if f, ok := fault.As(err); !ok || f.Detail == "" || !codeForm(f.Meta[fault.MetaUpstreamCode]) {
				t.Fatalf("%v is no fault for a caller", err)
			}
			return
		}
		if !tokenForm(got.access.Reveal()) || !tokenForm(got.refresh.Reveal()) || got.life < 0 || got.life > lifeMax || len(got.owner) > nameBytesMax {
			t.Fatalf("%+v", got)
		}
		now := time.Date(2026, 10, 10, 0, 0, 0, 0, time.UTC)
		token := Token{AppKey: "k"}.with(got, now)
		if due := token.dueAt(); !due.IsZero() && (due.After(token.ExpiresAt) || due.Before(now)) {
			t.Fatalf("due %v within %v to %v", due, now, token.ExpiresAt)
		}
		if got.access.Empty() {
			return
		}
		store, err := OpenStore(StoreOptions{Dir: t.TempDir(), AppKey: "k", AppSecret: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Update(t.Context(), keep(token)); err != nil {
			t.Fatal(err)
		}
		back, err := store.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(token, back); diff != "" {
			t.Fatalf("stored and read (-want +got):\n%s", diff)
		}
	})
}
