package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// authorizer is a sandbox that authorizes an App Key, with a data directory and an environment for it.
type authorizer struct {
	*sandbox.Sandbox
	url, dir string
	env      []string
}

func newOffice(t *testing.T, tokenLife time.Duration, more ...string) *authorizer {
	t.Helper()
	return newOfficeOf(t, tokenLife, nil, more...)
}

// newOfficeOf is newOffice with further apps.
func newOfficeOf(t *testing.T, tokenLife time.Duration, apps []sandbox.App, more ...string) *authorizer {
	t.Helper()
	o := &authorizer{dir: filepath.Join(t.TempDir(), "data")}
	var err error
	o.Sandbox, err = sandbox.New(sandbox.Config{
		Apps:      append(apps, sandbox.App{Key: "1000000", Secret: "CANARY-SECRET", RedirectHosts: []string{"127.0.0.1", "shop.example"}}),
		Catalogue: struct{ market.Catalogue }{}, TokenLife: tokenLife,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(o)
	o.url = server.URL
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	o.env = append([]string{
		"ZHAOHUO_APP_KEY=1000000", "ZHAOHUO_APP_SECRET=CANARY-SECRET", "ZHAOHUO_DATA_DIR=" + o.dir,
		"ZHAOHUO_UPSTREAM_URL=" + o.url, "ZHAOHUO_OAUTH_AUTHORIZE_URL=" + o.url + "/oauth/authorize",
		"ZHAOHUO_OAUTH_REDIRECT_URL=http://127.0.0.1:0/callback",
	}, more...)
	return o
}

// login runs `auth login` while a user opens the shown link; the user returns the text to type in.
func (o *authorizer) login(t *testing.T, open func(link string) string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	shown, stdout := io.Pipe()
	stdin, typed := io.Pipe()
	var all, stderr bytes.Buffer
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		defer func() { _, _ = io.Copy(io.Discard, shown) }()
		lines := bufio.NewScanner(io.TeeReader(shown, &all))
		for lines.Scan() {
			if link := strings.TrimSpace(lines.Text()); strings.HasPrefix(link, "http") {
				text := open(link)
				go func() {
					_, _ = io.WriteString(typed, text)
					_ = typed.Close()
				}()
			}
		}
	}()
	code := Run(ctx, Process{
		goods: service.Goods(t), Args: append([]string{"zhaohuo", "auth", "login"}, args...), Environ: o.env, Stdin: stdin, Stdout: stdout, Stderr: &stderr,
	})
	_ = stdin.Close()
	_ = stdout.Close()
	<-opened
	return outcome{code, all.String(), stderr.String()}
}

// follow opens a link and follows its redirect.
func follow(t *testing.T, link string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(link)
	if err != nil {
		t.Error(err)
		return ""
	}
	response.Body.Close()
	return ""
}

// look opens a link and returns the address of its redirect.
func look(t *testing.T, link string) string {
	t.Helper()
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Get(link)
	if err != nil {
		t.Error(err)
		return ""
	}
	response.Body.Close()
	return response.Header.Get("Location")
}

// kept is what is stored.
func (o *authorizer) kept(t *testing.T) oauth.Token {
	t.Helper()
	kept, err := o.store(t).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func (o *authorizer) store(t *testing.T) *oauth.Store {
	t.Helper()
	store, err := oauth.OpenStore(oauth.StoreOptions{Dir: o.dir, AppKey: "1000000", AppSecret: "CANARY-SECRET"})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func (o *authorizer) hides(t *testing.T, shown outcome) {
	t.Helper()
	for _, hidden := range []string{"CANARY", o.kept(t).AccessToken.Reveal(), o.kept(t).RefreshToken.Reveal()} {
		if strings.Contains(shown.stdout+shown.stderr, hidden) {
			t.Errorf("%s is shown:\n%s%s", hidden, shown.stdout, shown.stderr)
		}
	}
}

func TestAuth(t *testing.T) {
	o := newOffice(t, 10*time.Hour)
	before := time.Now()
	got := o.login(t, func(link string) string { return follow(t, link) })
	if got.code != 0 || got.stderr != "" {
		t.Fatalf("exit %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	for _, line := range []string{
		"Open this link in a browser, log in to 1688 and agree:\n\n  " + o.url + "/oauth/authorize?client_id=1000000&redirect_uri=http%3A%2F%2F127.0.0.1%3A",
		"\nmode           oauth: the stored access token is sent, and refreshed\nuser           沙箱买家 (b2b-8888888888)\naccess token   valid until ",
		"\nrefresh token  valid until ", " days\nfile           " + filepath.Join(o.dir, "token.json") + "\n",
	} {
		if !strings.Contains(got.stdout, line) {
			t.Errorf("no %q in\n%s", line, got.stdout)
		}
	}
	o.hides(t, got)
	if info, err := os.Stat(filepath.Join(o.dir, "token.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("stored with %v (%v)", info.Mode(), err)
	}

	status := run(t, o.env, "auth", "status", "-o", "json")
	var state authState
	if err := json.Unmarshal([]byte(status.stdout), &state); err != nil || status.code != 0 || status.stderr != "" {
		t.Fatalf("exit %d, %v:\n%s%s", status.code, err, status.stdout, status.stderr)
	}
	o.hides(t, status)
	if life := state.ExpiresAt.Sub(before); life < 10*time.Hour || life > 10*time.Hour+testTimeout {
		t.Errorf("ends after %s", life)
	}
	if life := state.RefreshExpiresAt.Sub(before); life < 182*24*time.Hour || life > 184*24*time.Hour {
		t.Errorf("refresh token ends after %s", life)
	}
	state.ObtainedAt, state.ExpiresAt, state.RefreshExpiresAt = nil, nil, nil
	want := authState{
		AppKey: "1000000", Mode: "oauth", Owner: "沙箱买家", MemberID: "b2b-8888888888", Refreshable: true, File: filepath.Join(o.dir, "token.json"),
	}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}

	first := o.kept(t)
	refreshed := run(t, o.env, "auth", "refresh")
	second := o.kept(t)
	if refreshed.code != 0 || second.AccessToken == first.AccessToken || second.RefreshToken != first.RefreshToken {
		t.Errorf("exit %d:\n%s%s", refreshed.code, refreshed.stdout, refreshed.stderr)
	}
	o.hides(t, refreshed)
}

func TestAuthLoginByPaste(t *testing.T) {
	for name, test := range map[string]struct {
		env  []string
		args []string
		open func(t *testing.T, link string) string
		want outcome
	}{
		"the address": {
			args: []string{"--paste"}, open: func(t *testing.T, link string) string { return look(t, link) + "\n" },
		},
		"the code": {
			args: []string{"--paste"}, open: func(t *testing.T, link string) string {
				_, code, _ := strings.Cut(look(t, link), "code=")
				code, _, _ = strings.Cut(code, "&")
				return code // A pipe may end without a newline.
			},
		},
		"a page elsewhere": {
			env: []string{"ZHAOHUO_OAUTH_REDIRECT_URL=https://shop.example/cb"}, open: func(t *testing.T, link string) string { return look(t, link) + "\n" },
			want: outcome{stderr: "zhaohuo: https://shop.example/cb is not http on this machine, so you have to paste the address that the browser arrives at\n"},
		},
		"another login's": {
			args: []string{"--paste"}, open: func(*testing.T, string) string { return "https://shop.example/cb?code=CANARY&state=other\n" },
			want: outcome{code: 1, stderr: "error: the address belongs to another login: its state is not this one's\n"},
		},
		"a false code": {
			args: []string{"--paste"}, open: func(*testing.T, string) string { return "CANARY\n" },
			want: outcome{code: 3, stderr: "error: FAILED_PRECONDITION UPSTREAM_TOKEN_INVALID: 1688 refuses this server's access token. The operator has to authorise the application again.\n" +
				"  the upstream refused the authorization: it is false, spent or has ended; run `zhaohuo auth login`\n"},
		},
		"nothing": {
			args: []string{"--paste"}, open: func(*testing.T, string) string { return "" },
			want: outcome{code: 1, stderr: "error: nothing was pasted: EOF\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, 0, test.env...)
			got := o.login(t, func(link string) string { return test.open(t, link) }, test.args...)
			if got.code != test.want.code || got.stderr != test.want.stderr || strings.Contains(got.stdout, "CANARY") {
				t.Errorf("exit %d, stderr:\n%swant exit %d, stderr:\n%s", got.code, got.stderr, test.want.code, test.want.stderr)
			}
			if _, err := os.Stat(filepath.Join(o.dir, "token.json")); (err == nil) != (test.want.code == 0) {
				t.Errorf("stored: %v", err)
			}
		})
	}
}

func TestAuthRefusals(t *testing.T) {
	o := newOffice(t, time.Second)
	if got := o.login(t, func(link string) string { return follow(t, link) }); got.code != 0 {
		t.Fatal(got)
	}
	empty := newOffice(t, 0)
	ended := newOffice(t, 0)
	if err := os.MkdirAll(ended.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	const old = `{"app_key":"1000000","access_token":"a","expires_at":"2020-01-01T00:00:00Z"}`
	if err := os.WriteFile(filepath.Join(ended.dir, "token.json"), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	loose := newOffice(t, 0)
	if err := os.MkdirAll(loose.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(loose.dir, "token.json"), []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	const refused = "error: FAILED_PRECONDITION UPSTREAM_TOKEN_INVALID: 1688 refuses this server's access token. The operator has to authorise the application again.\n  "
	for name, test := range map[string]struct {
		env    []string
		args   []string
		code   int
		stderr string
	}{
		"no App Key":         {nil, []string{"status"}, 2, "error: there is no App Key to authorize: set ZHAOHUO_APP_KEY and ZHAOHUO_APP_SECRET\n"},
		"settings":           {[]string{"ZHAOHUO_APP_KEY=k"}, []string{"login"}, 2, "error: ZHAOHUO_APP_KEY is set but no App Secret: set ZHAOHUO_APP_SECRET or ZHAOHUO_APP_SECRET_FILE\n"},
		"nobody came":        {empty.env, []string{"login", "--timeout=1ms"}, 1, "error: nobody returned from 1688 within 1ms: run `zhaohuo auth login` again\n"},
		"nothing stored":     {empty.env, []string{"status"}, 3, refused + "App Key 1000000 is not authorized: run `zhaohuo auth login`\n"},
		"nothing to refresh": {empty.env, []string{"refresh"}, 3, refused + "nobody has authorized this server yet: run `zhaohuo auth login`\n"},
		"ended for good":     {ended.env, []string{"status"}, 3, refused + "the authorization of App Key 1000000 has ended: run `zhaohuo auth login`\n"},
		"no refresh token":   {ended.env, []string{"refresh"}, 3, refused + "the access token has ended and came without a refresh token: run `zhaohuo auth login`\n"},
		"others may read": {
			loose.env,
			[]string{"refresh"},
			1,
			"error: " + filepath.Join(loose.dir, "token.json") + " may be read by others (mode 0644): run `chmod 600` on it, and assume that its tokens were read\n",
		},
		"static": {slices.Concat(o.env, []string{"ZHAOHUO_ACCESS_TOKEN=CANARY"}), []string{"refresh"}, 2, "error: token mode is static: only tokens by OAuth can be refreshed\n"},
		"redirect that is taken": {
			slices.Concat(empty.env, []string{"ZHAOHUO_OAUTH_REDIRECT_URL=" + empty.url}),
			[]string{"login"},
			1,
			"error: the redirect address cannot be listened at: listen tcp " + strings.TrimPrefix(empty.url, "http://") + ": bind: address already in use (or run it with --paste)\n",
		},
		"server away": {
			slices.Concat(o.env, []string{"ZHAOHUO_UPSTREAM_URL=http://127.0.0.1:1"}),
			[]string{"refresh"},
			4,
			"error: UNAVAILABLE UPSTREAM_UNAVAILABLE: 1688 cannot be reached or failed. Wait, then try again.\n  the upstream could not be asked for a token\n  try again in 2 seconds\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, test.env, append([]string{"auth"}, test.args...)...)
			if got.code != test.code || got.stderr != test.stderr || strings.Contains(got.stdout, "CANARY") {
				t.Errorf("exit %d, stderr:\n%swant exit %d, stderr:\n%s", got.code, got.stderr, test.code, test.stderr)
			}
		})
	}
}
