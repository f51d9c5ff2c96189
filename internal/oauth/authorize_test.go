package oauth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAuthorizeLink(t *testing.T) {
	got, err := AuthorizeLink(DefaultAuthorizeURL, "1000000", "http://127.0.0.1:7777/callback?x=1", "s 1")
	const want = "https://auth.1688.com/oauth/authorize?client_id=1000000&redirect_uri=http%3A%2F%2F127.0.0.1%3A7777%2Fcallback%3Fx%3D1&site=1688&state=s+1"
	if err != nil || got != want {
		t.Errorf("got  %s (%v)\nwant %s", got, err, want)
	}
}

func TestReadPaste(t *testing.T) {
	for text, want := range map[string]struct {
		code string
		err  error
	}{
		"abc-1":   {"abc-1", nil},
		" abc \n": {"abc", nil},
		"https://shop.example/cb?code=abc&state=s":         {"abc", nil},
		"https://shop.example/cb?x=1&state=s&code=abc#top": {"abc", nil},
		"?code=abc&state=s":                                {"abc", nil},
		"code=abc&state=s":                                 {"abc", nil},
		"https://shop.example/cb?code=abc&state=other":     {"", errState},
		"https://shop.example/cb?code=abc":                 {"", errState},
		"https://shop.example/cb?error=denied&state=s":     {"", errDenied},
		"https://shop.example/cb?code=&state=s":            {"", errNoCode},
		"https://shop.example/cb":                          {"", errNoCode},
		"https://shop.example/cb?code=%0a&state=s":         {"", errNoCode},
		"":                                   {"", errNoCode},
		"a b":                                {"", errNoCode},
		strings.Repeat("a", pasteBytesMax+1): {"", errNoCode},
		"https://shop.example/cb?code=%zz&state=s":                  {"", errNoCode},
		"https://auth.1688.com/oauth/authorize?client_id=1&state=s": {"", errNoCode},
	} {
		got, err := ReadPaste(text, "s")
		if got.Reveal() != want.code || !errors.Is(err, want.err) {
			t.Errorf("%.60q: got %q, %v; want %q, %v", text, got.Reveal(), err, want.code, want.err)
		}
	}
}

func TestRedirect(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := Listen(ctx, "http://127.0.0.1:0/callback?x=1", "s")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	if !strings.HasPrefix(r.Address(), "http://127.0.0.1:") || strings.Contains(r.Address(), ":0/") || !strings.HasSuffix(r.Address(), "/callback?x=1") {
		t.Fatalf("the address is %s", r.Address())
	}
	base := strings.TrimSuffix(r.Address(), "/callback?x=1")
	for _, step := range []struct {
		path   string
		status int
	}{
		{"/favicon.ico", 404},
		{"/callback?code=false&state=guessed", 400},
		{"/callback?code=false", 400},
		{"/callback?x=1&code=right&state=s", 200},
		{"/callback?x=1&code=second&state=s", 410},
	} {
		response, err := http.Get(base + step.path)
		if err != nil {
			t.Fatal(err)
		}
		page, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != step.status || response.Header.Get("Referrer-Policy") != "no-referrer" ||
			response.Header.Get("Cache-Control") != "no-store" || strings.Contains(string(page), "right") {
			t.Errorf("%s: HTTP %d, want %d:\n%s", step.path, response.StatusCode, step.status, page)
		}
	}
	if code, err := r.Wait(ctx); code.Reveal() != "right" || err != nil {
		t.Errorf("got %q, %v", code.Reveal(), err)
	}
}

func TestRedirectOfAUserWhoRefuses(t *testing.T) {
	r, err := Listen(t.Context(), "http://localhost:0", "s")
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(r.Address() + "/?error=access_denied&state=s")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if _, err := r.Wait(t.Context()); response.StatusCode != 403 || !errors.Is(err, errDenied) {
		t.Errorf("HTTP %d, %v", response.StatusCode, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestRedirectThatNobodyComesBackTo(t *testing.T) {
	r, err := Listen(t.Context(), "http://[::1]:0/", "s")
	if err != nil {
		r, err = Listen(t.Context(), "http://127.0.0.1:0/", "s") // A machine without IPv6.
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := r.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestOnlyThisMachineIsListenedAt(t *testing.T) {
	for _, address := range []string{"https://127.0.0.1:1/", "http://shop.example/", "http://0.0.0.0:0/", "http://10.0.0.1:0/", "127.0.0.1:0", ""} {
		if _, err := Listen(t.Context(), address, "s"); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestSecretsGoOverTLSOrNowhere(t *testing.T) {
	for address, want := range map[string]string{
		"https://gw.open.1688.com": "", "http://127.0.0.1:1688": "", "http://localhost": "", "http://[::1]:1": "",
		"http://gw.open.1688.com": "must be https: secrets go there", "http://127.0.0.1.example": "must be https: secrets go there",
		"https://u:p@x": "must not hold a user", "ftp://x": "must be an address such as https://gw.open.1688.com", "": "must be an address such as https://gw.open.1688.com",
	} {
		got := ""
		if err := CheckAddress(address); err != nil {
			got = err.Error()
		}
		_, err := NewIssuer(IssuerOptions{BaseURL: address, HTTP: &http.Client{}})
		if got != want || (err == nil) != (want == "") {
			t.Errorf("%q: %q and %v, want %q", address, got, err, want)
		}
	}
}
