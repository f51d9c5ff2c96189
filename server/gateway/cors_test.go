package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
)

// cross sends a request as a browser does for a page of an origin.
func (r *rig) cross(t *testing.T, method, path, origin string, header ...string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := r.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

const allowOrigin = "Access-Control-Allow-Origin"

// TestCrossOrigin allows the pages of the named origins alone, answers and errors alike.
func TestCrossOrigin(t *testing.T) {
	const shop, other, path = "https://shop.example", "https://evil.example", "/v1/products:keywordSearch?keyword=x"
	r := start(t, &searcher{}, func(c *gateway.Config) { c.Origins = []string{shop} })
	for _, test := range []struct {
		name, path, origin, want string
		status                   int
	}{
		{"an answer", path, shop, shop, http.StatusOK},
		{"an error", path + "&nonsense=1", shop, shop, http.StatusBadRequest},
		{"no such path", "/v1/nothing", shop, shop, http.StatusNotFound},
		{"another origin", path, other, "", http.StatusOK},
		{"a longer name", path, shop + ".evil.example", "", http.StatusOK},
		{"another scheme", path, "http://shop.example", "", http.StatusOK},
		{"no origin", path, "null", "", http.StatusOK},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := r.cross(t, http.MethodGet, test.path, test.origin)
			if answer.StatusCode != test.status || answer.Header.Get(allowOrigin) != test.want {
				t.Errorf("status %d, allowed %q; want %d, %q", answer.StatusCode, answer.Header.Get(allowOrigin), test.status, test.want)
			}
			if !strings.Contains(strings.Join(answer.Header.Values("Vary"), ","), "Origin") {
				t.Errorf("Vary is %q: a cache would give one origin's answer to another", answer.Header.Values("Vary"))
			}
			if answer.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Error("credentials are allowed")
			}
		})
	}
}

// TestPreflight answers what a browser asks before it sends a key or JSON.
func TestPreflight(t *testing.T) {
	const shop, path = "https://shop.example", "/v1/products:keywordSearch"
	r := start(t, &searcher{}, func(c *gateway.Config) { c.Origins = []string{shop} })
	ask := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type"}
	good := r.cross(t, http.MethodOptions, path, shop, ask...)
	if good.StatusCode != http.StatusNoContent || good.Header.Get(allowOrigin) != shop ||
		!strings.Contains(good.Header.Get("Access-Control-Allow-Methods"), "POST") ||
		!strings.Contains(good.Header.Get("Access-Control-Allow-Headers"), "authorization") {
		t.Errorf("status %d, header %v", good.StatusCode, good.Header)
	}
	if bad := r.cross(t, http.MethodOptions, path, "https://evil.example", ask...); bad.Header.Get(allowOrigin) != "" {
		t.Errorf("another origin is allowed: %v", bad.Header)
	}
	// Without a preflight, OPTIONS lists the methods.
	if plain := r.cross(t, http.MethodOptions, path, shop); plain.Header.Get("Allow") == "" {
		t.Errorf("OPTIONS has status %d, header %v", plain.StatusCode, plain.Header)
	}
}

// TestNoOriginsByDefault lets no page of elsewhere read an answer unless the operator names its origin.
func TestNoOriginsByDefault(t *testing.T) {
	r := start(t, &searcher{}, nil)
	answer := r.cross(t, http.MethodGet, "/v1/products:keywordSearch?keyword=x", "https://shop.example")
	if got := answer.Header.Get(allowOrigin); got != "" {
		t.Errorf("allowed: %q", got)
	}
}
