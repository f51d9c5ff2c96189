package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
)

// TestAuthOfSeveralAccounts: each account has a login, a state and a refresh of its own, and none is taken for another one.
func TestAuthOfSeveralAccounts(t *testing.T) {
	o := newOfficeOf(t, time.Hour, []sandbox.App{{Key: "2000000", Secret: "CANARY-SECOND", RedirectHosts: []string{"127.0.0.1"}}})
	o.env = slices.DeleteFunc(o.env, func(set string) bool { return strings.HasPrefix(set, "ZHAOHUO_APP_") })
	dir, accounts := t.TempDir(), ""
	for name, pair := range map[string][2]string{"main": {"1000000", "CANARY-SECRET"}, "second": {"2000000", "CANARY-SECOND"}} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(pair[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		accounts += fmt.Sprintf("- {name: %s, app_key: %q, app_secret_file: %s/%s, token_mode: oauth}\n", name, pair[0], dir, name)
	}
	o.env = append(o.env, "ZHAOHUO_ACCOUNTS="+accounts)
	for _, command := range []string{"login", "refresh"} {
		if got := run(t, o.env, "auth", command); got.code != 2 || !strings.Contains(got.stderr, "there are several accounts: name one of them with --account: ") {
			t.Errorf("%s without an account: %+v", command, got)
		}
	}
	if got := run(t, o.env, "auth", "login", "--account", "third"); got.code != 2 || !strings.Contains(got.stderr, `there is no account "third"`) {
		t.Errorf("an unknown account: %+v", got)
	}
	token := func(name, key, appSecret string) oauth.Token {
		t.Helper()
		store, err := oauth.OpenStore(oauth.StoreOptions{Dir: filepath.Join(o.dir, "accounts", name), AppKey: key, AppSecret: secret.Text(appSecret)})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		kept, err := store.Load(t.Context())
		if err != nil && !errors.Is(err, oauth.ErrNoToken) {
			t.Fatal(err)
		}
		return kept
	}
	second := func() oauth.Token { return token("second", "2000000", "CANARY-SECOND") }
	first := func() oauth.Token { return token("main", "1000000", "CANARY-SECRET") }
	got := o.login(t, func(link string) string { return follow(t, link) }, "--account", "second")
	if got.code != 0 || !strings.Contains(got.stdout, "client_id=2000000") || !strings.Contains(got.stdout, "account        second\nApp Key        2000000\n") {
		t.Fatalf("login: %+v", got)
	}
	if !first().AccessToken.Empty() || second().AccessToken.Empty() {
		t.Fatal("the tokens are those of another account")
	}
	status := run(t, o.env, "auth", "status")
	if status.code != 3 || !strings.Contains(status.stdout, "account        second\n") ||
		!strings.HasSuffix(status.stderr, "App Key 1000000 is not authorized: run `zhaohuo auth login --account main`\n") {
		t.Errorf("status, one is not authorized: %+v", status)
	}
	if got := o.login(t, func(link string) string { return follow(t, link) }, "--account", "main"); got.code != 0 {
		t.Fatalf("login: %+v", got)
	}
	main, before := first(), second()
	if got := run(t, o.env, "auth", "refresh", "--account", "main"); got.code != 0 || !strings.Contains(got.stdout, "App Key        1000000\n") {
		t.Errorf("refresh: %+v", got)
	}
	if first().AccessToken == main.AccessToken || second().AccessToken != before.AccessToken {
		t.Error("a refresh of one account is not its own")
	}
	status = run(t, o.env, "auth", "status", "-o", "json")
	var states [2]authState
	decoder := json.NewDecoder(strings.NewReader(status.stdout))
	for i := range states {
		if err := decoder.Decode(&states[i]); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{states[0].Account + " " + states[0].AppKey, states[1].Account + " " + states[1].AppKey}
	slices.Sort(names)
	if status.code != 0 || !slices.Equal(names, []string{"main 1000000", "second 2000000"}) || strings.Contains(status.stdout+status.stderr, "CANARY") {
		t.Errorf("status: %+v", status)
	}
}

// Once 1688 has refused to renew the tokens, the status says so, although the access token has not expired.
func TestAuthStatusOfARevokedAuthorization(t *testing.T) {
	o := newOffice(t, 0)
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	const withdrawn = `{"app_key":"1000000","access_token":"a","expires_at":"2099-01-01T00:00:00Z","refresh_token":"r","refresh_expires_at":"2099-01-01T00:00:00Z"}`
	if err := os.WriteFile(filepath.Join(o.dir, "token.json"), []byte(withdrawn), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(t, o.env, "auth", "refresh"); got.code != 3 {
		t.Fatalf("refresh: %+v", got)
	}
	got := run(t, o.env, "auth", "status")
	if got.code != 3 || !strings.Contains(got.stdout, "refresh token  revoked: 1688 refused it at ") ||
		!strings.HasSuffix(got.stderr, "the authorization of App Key 1000000 is revoked: 1688 refuses to renew its tokens; run `zhaohuo auth login`\n") {
		t.Errorf("status: exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	var state struct {
		RevokedAt   time.Time `json:"revoked_at"`
		Refreshable bool      `json:"refreshable"`
	}
	got = run(t, o.env, "auth", "status", "-o", "json")
	if err := json.Unmarshal([]byte(got.stdout), &state); err != nil || state.RevokedAt.IsZero() || state.Refreshable {
		t.Errorf("as JSON: %v\n%s", err, got.stdout)
	}
	if got := o.login(t, func(link string) string { return follow(t, link) }); got.code != 0 {
		t.Fatal(got)
	}
	if got := run(t, o.env, "auth", "status"); got.code != 0 || strings.Contains(got.stdout, "revoked") {
		t.Errorf("after a login: exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

func TestAuthStatusOfOtherModes(t *testing.T) {
	o := newOffice(t, 0)
	for mode, test := range map[string]struct {
		env  string
		want string
	}{
		"none":   {"ZHAOHUO_TOKEN_MODE=none", "App Key        1000000\nmode           none: no access token is sent\n"},
		"static": {"ZHAOHUO_ACCESS_TOKEN=CANARY", "App Key        1000000\nmode           static: the configured access token is sent; its end is not known\n"},
	} {
		got := run(t, slices.Concat(o.env, []string{test.env}), "auth", "status")
		if got != (outcome{0, test.want, ""}) {
			t.Errorf("%s: exit %d\n%s%s", mode, got.code, got.stdout, got.stderr)
		}
		got = run(t, slices.Concat(o.env, []string{test.env}), "auth", "status", "-o", "json")
		want := "{\n  \"app_key\": \"1000000\",\n  \"mode\": \"" + mode + "\",\n  \"expired\": false,\n  \"refreshable\": false\n}\n"
		if got != (outcome{0, want, ""}) {
			t.Errorf("%s: exit %d\n%s%s", mode, got.code, got.stdout, got.stderr)
		}
	}
}

// --check finds a revocation with one request: the access token itself has not expired.
func TestAuthStatusThatAsks(t *testing.T) {
	o := newOffice(t, 10*time.Hour)
	if got := o.login(t, func(link string) string { return follow(t, link) }); got.code != 0 {
		t.Fatal(got)
	}
	before := o.kept(t).AccessToken
	if got := run(t, o.env, "auth", "status", "--check"); got.code != 0 || o.kept(t).AccessToken == before {
		t.Errorf("good tokens: exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	away := slices.Concat(o.env, []string{"ZHAOHUO_UPSTREAM_URL=http://127.0.0.1:1"})
	if got := run(t, away, "auth", "status", "--check"); got.code != 4 || !strings.Contains(got.stderr, "UPSTREAM_UNAVAILABLE") {
		t.Errorf("1688 away: exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	// The user revokes the authorization: the platform no longer knows the refresh token.
	store := o.store(t)
	withdrawn := o.kept(t)
	withdrawn.RefreshToken = "withdrawn"
	if _, err := store.Update(t.Context(), func(context.Context) (oauth.Token, error) { return withdrawn, nil }); err != nil {
		t.Fatal(err)
	}
	if got := run(t, o.env, "auth", "status"); got.code != 0 {
		t.Errorf("1688 was not asked: exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	got := run(t, o.env, "auth", "status", "--check")
	if got.code != 3 || !strings.Contains(got.stdout, "revoked: 1688 refused it at ") || !strings.Contains(got.stderr, "is revoked") {
		t.Errorf("revoked: exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}
