package app

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
)

// startSandbox runs a sandbox whose only token outside of OAuth is "fixed"; without one, calls need no token.
func startSandbox(t *testing.T, tokens ...secret.Text) *Sandbox {
	t.Helper()
	p, err := NewSandbox(t.Context(), SandboxOptions{Addr: "127.0.0.1:0", AppKey: "k", AppSecret: "s", Tokens: tokens, Goods: sharedGoods(t)})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Serve() }()
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return p
}

// at is the environment of a live service that uses the sandbox.
func at(p *Sandbox, dialect, dataDir string) config.Environ {
	env := config.Environ{
		"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_DIALECT": dialect,
		"ZHAOHUO_UPSTREAM_URL": p.URL(), "ZHAOHUO_DATA_DIR": dataDir,
	}
	if dialect == "top" {
		env["ZHAOHUO_UPSTREAM_URL"], env["ZHAOHUO_OAUTH_URL"] = p.URL()+"/router/rest", p.URL()
	}
	return env
}

// authorize logs in at the sandbox, as `zhaohuo auth login` does.
func authorize(t *testing.T, p *Sandbox, env config.Environ) {
	t.Helper()
	authorizeAccount(t, p, settings(t, env), "")
}

// authorizeAccount logs in for one account.
func authorizeAccount(t *testing.T, p *Sandbox, loaded *config.Loaded, name string) {
	t.Helper()
	account, err := loaded.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	const back = "http://127.0.0.1:7777/"
	link, err := oauth.AuthorizeLink(p.URL()+"/oauth/authorize", account.AppKey, back, "x")
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := browser.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	code, err := oauth.ReadPaste(response.Header.Get("Location"), "x")
	if err != nil {
		t.Fatal(err)
	}
	a, err := NewAuthorization(loaded, account)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := a.Store.Update(t.Context(), func(ctx context.Context) (oauth.Token, error) { return a.Issuer.Exchange(ctx, code, back) }); err != nil {
		t.Fatal(err)
	}
}

func TestTokenModes(t *testing.T) {
	for _, dialect := range []string{"aop", "top"} {
		for name, test := range map[string]struct {
			tokens []secret.Text
			env    config.Environ
			login  bool
			mode   string
		}{
			"none":             {mode: "none"},
			"none, by name":    {env: config.Environ{"ZHAOHUO_TOKEN_MODE": "none"}, mode: "none"},
			"static":           {tokens: []secret.Text{"fixed"}, env: config.Environ{"ZHAOHUO_ACCESS_TOKEN": "fixed"}, mode: "static"},
			"static, one of 2": {tokens: []secret.Text{"user-1", "user-2"}, env: config.Environ{"ZHAOHUO_ACCESS_TOKEN": "user-2"}, mode: "static"},
			"stored":           {tokens: []secret.Text{"fixed"}, login: true, mode: "oauth"},
		} {
			t.Run(dialect+" "+name, func(t *testing.T) {
				p := startSandbox(t, test.tokens...)
				env := at(p, dialect, filepath.Join(t.TempDir(), "data"))
				for key, value := range test.env {
					env[key] = value
				}
				if test.login {
					authorize(t, p, env)
				}
				r := start(t, settings(t, env), true)
				answer, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), headphones())
				if err != nil || answer.GetMeta().GetUpstreamCalls() != 1 {
					t.Errorf("%d calls, %v", answer.GetMeta().GetUpstreamCalls(), err)
				}
				if err := r.end(t); err != nil {
					t.Error(err)
				}
				if !strings.Contains(r.log.String(), "mode="+test.mode) {
					t.Errorf("the log does not name mode %s:\n%s", test.mode, r.log)
				}
			})
		}
	}
}

// A service without tokens says so, and a login repairs it without a restart.
func TestALoginWhileTheServiceRuns(t *testing.T) {
	p := startSandbox(t, "fixed")
	env := at(p, "aop", filepath.Join(t.TempDir(), "data"))
	env["ZHAOHUO_TOKEN_MODE"] = "oauth"
	r := start(t, settings(t, env), true)
	client := zhaohuov1.NewSearchServiceClient(r.Conn())
	_, err := client.KeywordSearch(t.Context(), headphones())
	st := status.Convert(err)
	if rpcerr.Reason(st) != "UPSTREAM_TOKEN_INVALID" || st.Message() != "nobody has authorized this server yet: run `zhaohuo auth login`" {
		t.Errorf("before: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(env["ZHAOHUO_DATA_DIR"], "token*")); err != nil || len(left) != 0 {
		t.Errorf("%v permits are left unused (%v)", left, err)
	}
	authorize(t, p, env)
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if _, err = client.KeywordSearch(ctx, headphones()); err == nil || ctx.Err() != nil {
			break
		}
		<-ticker.C
	}
	if err != nil {
		t.Errorf("after: %v", err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

func TestTokensThatCannotBeUsedStopTheStart(t *testing.T) {
	p := startSandbox(t, "fixed")
	loose := at(p, "aop", filepath.Join(t.TempDir(), "data"))
	authorize(t, p, loose)
	file := filepath.Join(loose["ZHAOHUO_DATA_DIR"], "token.json")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	inClear := at(p, "aop", t.TempDir())
	inClear["ZHAOHUO_TOKEN_MODE"], inClear["ZHAOHUO_UPSTREAM_URL"] = "oauth", "http://gw.example"
	nowhere := at(p, "aop", "")
	nowhere["ZHAOHUO_TOKEN_MODE"] = "oauth"
	for name, test := range map[string]struct {
		env  config.Environ
		want string
	}{
		"others may read them": {loose, file + " may be read by others (mode 0644): run `chmod 600` on it, and assume that its tokens were read"},
		"secrets in clear":     {inClear, "ZHAOHUO_UPSTREAM_URL: the address that tokens come from must be https: secrets go there"},
		"nowhere to keep them": {nowhere, "there is no directory to keep tokens in: set ZHAOHUO_DATA_DIR"},
	} {
		_, err := New(t.Context(), Options{Settings: settings(t, test.env), Version: "test", LogTo: &syncBuffer{}, Goods: sharedGoods(t), NoPorts: true})
		if err == nil || err.Error() != test.want {
			t.Errorf("%s:\ngot:  %v\nwant: %s", name, err, test.want)
		}
	}
}

// Two replicas with separate data directories share the tokens that one of them got, and the doctor reports that Redis
// may drop them.
func TestReplicasShareTokensThroughRedis(t *testing.T) {
	server := redistest.Start(t)
	p := startSandbox(t, "fixed")
	env := at(p, "aop", filepath.Join(t.TempDir(), "first"))
	env["ZHAOHUO_REDIS_URL"] = "redis://" + server.Addr + "/0"
	authorize(t, p, env)
	env["ZHAOHUO_DATA_DIR"] = filepath.Join(t.TempDir(), "second")
	if err := server.Do(t, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru"); err != nil {
		t.Fatal(err)
	}
	r := start(t, settings(t, env), true)
	if _, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), headphones()); err != nil {
		t.Errorf("with the tokens of another replica: %v", err)
	}
	if !strings.Contains(r.log.String(), "mode=oauth") {
		t.Errorf("the log does not name mode oauth:\n%s", r.log)
	}
	for policy, want := range map[string]bool{"allkeys-lru": true, "noeviction": false} {
		if err := server.Do(t, "CONFIG", "SET", "maxmemory-policy", policy); err != nil {
			t.Fatal(err)
		}
		answer, err := zhaohuov1.NewInfoServiceClient(r.Conn()).Diagnose(t.Context(), &zhaohuov1.DiagnoseRequest{})
		if err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(answer.GetFindings(), func(f *zhaohuov1.DiagnosisFinding) bool {
			return f.GetDiagnosis() == zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKENS_EVICTABLE && f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_WARNING &&
				f.GetSubject() == "maxmemory-policy "+policy
		})
		if warned != want {
			t.Errorf("%s: warned %v\n%v", policy, warned, answer.GetFindings())
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(env["ZHAOHUO_DATA_DIR"], "token.json")); err != nil {
		t.Errorf("the second replica has no copy of its own: %v", err)
	}
}

// TestEachAccountRenewsItsOwnToken: 1688 withdraws the access token of one account; that account gets a new one and goes on, and the other
// account keeps its own.
func TestEachAccountRenewsItsOwnToken(t *testing.T) {
	p, env := twoAccounts(t)
	dir := filepath.Dir(strings.Fields(strings.SplitAfter(env["ZHAOHUO_ACCOUNTS"], "app_secret_file: ")[1])[0])
	env["ZHAOHUO_ACCOUNTS"] = ""
	for _, name := range []string{"a", "b"} {
		env["ZHAOHUO_ACCOUNTS"] += "- {name: " + name + ", app_key: key-" + name + ", app_secret_file: " + dir + "/secret-" + name + ", token_mode: oauth, upstream_qps: 20}\n"
	}
	loaded := settings(t, env)
	kept := func(name string) oauth.Token {
		t.Helper()
		account, err := loaded.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		a, err := NewAuthorization(loaded, account)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		token, err := a.Store.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for _, name := range []string{"a", "b"} {
		authorizeAccount(t, p, loaded, name)
	}
	first, second := kept("a"), kept("b")
	r := start(t, settings(t, env), true)
	p.Revoke("key-a", first.AccessToken)
	r.searchAll(t, "雨伞", 10)
	if now := kept("a"); now.AccessToken == first.AccessToken || now.RefreshToken.Empty() {
		t.Error("the withdrawn token was not renewed")
	}
	if kept("b").AccessToken != second.AccessToken {
		t.Error("the other account's token was renewed too")
	}
	for _, account := range r.info(t).GetAccounts() {
		if account.GetQuota().GetCallsUsed() == 0 || len(account.GetPassedOver()) > 0 {
			t.Errorf("%v is not used", account)
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
