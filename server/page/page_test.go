package page_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zhaohuo-dev/zhaohuo/server/page"
	"github.com/zhaohuo-dev/zhaohuo/web"
)

func handlers(t *testing.T) map[string]http.Handler {
	t.Helper()
	all, err := page.Handlers(page.Config{Files: web.Files(), PictureOrigins: []string{"https://img.example"}, Version: "1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func ask(t *testing.T, h http.Handler, method string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/", http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestFrontByAccept has browsers get the page and programs a listing whose paths exist.
func TestFrontByAccept(t *testing.T) {
	all := handlers(t)
	browser := ask(t, all["/"], http.MethodGet, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	if got := browser.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
		t.Errorf("a browser gets %q", got)
	}
	for _, accept := range []string{"", "*/*", "application/json"} {
		program := ask(t, all["/"], http.MethodGet, "Accept", accept)
		var listing map[string]string
		if err := json.Unmarshal(program.Body.Bytes(), &listing); err != nil {
			t.Fatalf("Accept %q: %v in %s", accept, err, program.Body)
		}
		if listing["version"] != "1.2.3" || all[listing["docs"]] == nil {
			t.Errorf("Accept %q: the listing is %v", accept, listing)
		}
		if got := program.Header().Values("Vary"); len(got) != 1 || got[0] != "Accept" {
			t.Errorf("Vary is %q", got)
		}
	}
	if w := ask(t, all["/"], http.MethodHead); w.Body.Len() != 0 || w.Code != http.StatusOK {
		t.Errorf("HEAD has status %d and %d bytes", w.Code, w.Body.Len())
	}
}

// TestPolicy has the page load nothing but its own files and the pictures of goods.
func TestPolicy(t *testing.T) {
	for path, h := range handlers(t) {
		w := ask(t, h, http.MethodGet, "Accept", "text/html")
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		if w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: the referrer policy is %q", path, w.Header().Get("Referrer-Policy"))
		}
		if strings.Contains(policy, "script-src 'self' 'unsafe") || path != "/docs" && strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		if strings.Contains(policy, "img.example") != (path == "/") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
	}
}

// TestVideoOrigins: the policy allows videos from their own hosts only, and the page knows these hosts.
func TestVideoOrigins(t *testing.T) {
	all, err := page.Handlers(page.Config{
		Files: web.Files(), PictureOrigins: []string{"https://img.example"}, VideoOrigins: []string{"https://a.example", "https://b.example:8443"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := ask(t, all["/"], http.MethodGet, "Accept", "text/html")
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "media-src 'self' https://a.example https://b.example:8443;") || !strings.Contains(policy, "img-src 'self' blob: https://img.example;") {
		t.Errorf("the policy is %q", policy)
	}
	if !strings.Contains(w.Body.String(), `<meta name="video-origins" content="https://a.example https://b.example:8443">`) {
		t.Errorf("the page does not know from where it may load videos: %s", w.Body)
	}
}

// TestUnchanged answers 304 to who has the file.
func TestUnchanged(t *testing.T) {
	h := handlers(t)["/assets/page.js"]
	first := ask(t, h, http.MethodGet)
	if got := first.Header().Get("Content-Type"); got != "text/javascript; charset=utf-8" {
		t.Errorf("the script is %q", got)
	}
	second := ask(t, h, http.MethodGet, "If-None-Match", first.Header().Get("ETag"))
	if second.Code != http.StatusNotModified || second.Body.Len() != 0 {
		t.Errorf("status %d, %d bytes", second.Code, second.Body.Len())
	}
}

// TestFilesAreComplete finds each file that a document names.
func TestFilesAreComplete(t *testing.T) {
	all := handlers(t)
	for _, path := range []string{"/", "/docs"} {
		body := ask(t, all[path], http.MethodGet, "Accept", "text/html").Body.String()
		named := 0
		for _, quoted := range strings.Split(body, `"`) {
			if strings.HasPrefix(quoted, "/assets/") {
				named++
				if all[quoted] == nil {
					t.Errorf("%s names %s, which is not served", path, quoted)
				}
			}
		}
		if named == 0 {
			t.Errorf("%s names no file", path)
		}
	}
}

// TestWithoutFiles has no page where none was built in.
func TestWithoutFiles(t *testing.T) {
	all, err := page.Handlers(page.Config{Files: fstest.MapFS{}})
	if err != nil || len(all) != 0 {
		t.Errorf("%d handlers, %v", len(all), err)
	}
}
