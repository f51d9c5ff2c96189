package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// written returns the path of a file with the text.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAccounts: an account that leaves something out has it from the settings of all; secrets come from their files.
func TestAccounts(t *testing.T) {
	hush, token := written(t, "secret", "CANARY-1\n"), written(t, "token", "CANARY-2\n")
	path := written(t, "settings.yaml", `
upstream_qps: 7
upstream_daily: 900
accounts:
  # The first one has everything of its own.
  - name: main
    app_key: 0123456
    app_secret_file: `+hush+`
    access_token_file: `+token+`
    token_mode: static
    upstream_qps: 10
    upstream_daily: 0
    upstream_api_limits: a:image-1=2/50
    apis: ["a:search-1", "a:image-1"]
  - {name: second, app_key: "2", app_secret_file: '`+hush+`', apis: all}
`)
	l := load(t, []string{"--config", path}, nil)
	want := []PoolAccount{
		{
			Name: "main", AppKey: "0123456", AppSecret: "CANARY-1", AccessToken: "CANARY-2", TokenMode: TokenStatic, QPS: 10,
			PerAPI: map[string]APILimit{"a:image-1": {PerSecond: 2, PerDay: 50}}, APIs: []string{"a:search-1", "a:image-1"},
		},
		{Name: "second", AppKey: "2", AppSecret: "CANARY-1", TokenMode: "auto", QPS: 7, Daily: 900, PerAPI: map[string]APILimit{}},
	}
	if diff := cmp.Diff(want, l.Pool, cmpopts.IgnoreUnexported(PoolAccount{})); diff != "" || !l.Live() {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if l.Pool[0].Serves("a:other-1") || !l.Pool[0].Serves("a:image-1") || !l.Pool[1].Serves("a:other-1") {
		t.Error("permissions are not as written")
	}
	if a, err := l.Find("second"); err != nil || a.AppKey != "2" {
		t.Errorf("%v, %v", a.AppKey, err)
	}
	if _, err := l.Find("third"); err == nil {
		t.Error("an account that is not there was found")
	}
	var shown strings.Builder
	if err := l.Print(&shown); err != nil || strings.Contains(shown.String(), "CANARY") || !strings.Contains(shown.String(), "0123456") {
		t.Errorf("%v, %s", err, shown.String())
	}
}

// TestOneAccountIsAPool: the account of app-key has the limits of all.
func TestOneAccountIsAPool(t *testing.T) {
	l := load(t, []string{"--upstream-api-limits=a:b-1=2"}, Environ{"ZHAOHUO_APP_KEY": "1", "ZHAOHUO_APP_SECRET": "s"})
	want := []PoolAccount{{AppKey: "1", AppSecret: "s", TokenMode: "auto", QPS: 4, PerAPI: map[string]APILimit{"a:b-1": {PerSecond: 2}}}}
	if diff := cmp.Diff(want, l.Pool, cmpopts.IgnoreUnexported(PoolAccount{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if l := load(t, nil, nil); len(l.Pool) != 0 {
		t.Errorf("the sandbox has accounts: %v", l.Pool)
	}
}

// TestAccountRefusals: a mistake names the account and its key, and never a secret.
func TestAccountRefusals(t *testing.T) {
	hush := written(t, "secret", "CANARY")
	good := "name: a, app_key: '1', app_secret_file: '" + hush + "'"
	for text, want := range map[string]string{
		"[]":                        "a list of 1 to 32 accounts",
		"CANARY":                    "a list of 1 to 32 accounts",
		"[{app_key: '1'}]":          "account 1: name is missing",
		"[{name: a}]":               "a: app_key is missing",
		"[{name: 'a,b'}]":           "name must be a letter",
		"[{name: a, app_key: '1'}]": "a: app_secret_file is missing",
		"[{name: a, app_key: '1', app_secret: CANARY}]":                 "app_secret must not be here",
		"[{name: a, app_key: '1', access_token: CANARY}]":               "access_token must not be here",
		"[{name: a, app_key: '1', CANARY: x}]":                          "has what is none of access_token, access_token_file, apis",
		"[{name: a, app_key: '1 CANARY'}]":                              "app_key is not an App Key",
		"[{name: a, app_key: '1', app_secret_file: /none}]":             "a: app_secret_file: open /none",
		"[{" + good + ", token_mode: static}]":                          "token_mode is static but there is no access_token_file",
		"[{" + good + ", token_mode: CANARY}]":                          "token_mode must be auto, none, static or oauth",
		"[{" + good + ", upstream_qps: -1}]":                            "upstream_qps must be 0",
		"[{" + good + ", upstream_daily: x}]":                           "upstream_daily must be 0",
		"[{" + good + ", upstream_api_limits: x}]":                      "upstream_api_limits:",
		"[{" + good + ", apis: some}]":                                  "apis must be all, or a list",
		"[{" + good + ", apis: []}]":                                    "apis must be all, or a list",
		"[{" + good + "}, {" + good + "}]":                              "two accounts have the name a",
		"[{" + good + "}, {name: b, app_key: '1', app_secret_file: x}]": "a and b have the same app_key",
	} {
		_, err := Load(nil, Environ{"ZHAOHUO_ACCOUNTS": text})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY") || !strings.Contains(err.Error(), "ZHAOHUO_ACCOUNTS") {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
	}
	_, err := Load([]string{"--app-key=1"}, Environ{"ZHAOHUO_ACCOUNTS": "[{" + good + "}]", "ZHAOHUO_APP_SECRET": "CANARY"})
	if err == nil || !strings.Contains(err.Error(), "--app-key are both set") || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("%v", err)
	}
}
