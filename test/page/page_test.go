// Package page_test looks at the page for people with a real browser, Debian's Chromium. `tools/require.sh test` installs it, and
// what drives it.
package page_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// TestPage runs each file of tests against a service on the sandbox.
func TestPage(t *testing.T) {
	s := service.Start(t, service.Options{})
	scripts, err := filepath.Glob("testdata/browser/*.test.mjs")
	if err != nil || len(scripts) == 0 {
		t.Fatal("there are no tests", err)
	}
	photo, err := filepath.Abs("../scenario/photos/earphones.jpg")
	if err != nil {
		t.Fatal(err)
	}
	pictures := pictureOrigin(t, s.REST)
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".test.mjs"), func(t *testing.T) {
			command := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec", filepath.Base(script))
			command.Dir = filepath.Dir(script)
			command.Env = append(os.Environ(), "SERVICE="+s.REST, "PICTURES="+pictures, "PHOTO="+photo)
			output, err := command.CombinedOutput()
			if t.Log(string(output)); err != nil {
				t.Error(err)
			}
		})
	}
}

// pictureOrigin is from where the page may load pictures, by its own policy.
func pictureOrigin(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	found := regexp.MustCompile(`img-src 'self' blob: (\S+);`).FindStringSubmatch(answer.Header.Get("Content-Security-Policy"))
	if found == nil {
		t.Fatalf("the page's policy is %q: it must name the sandbox's address, and no other, for pictures", answer.Header.Get("Content-Security-Policy"))
	}
	return found[1]
}
