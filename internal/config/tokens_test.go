package config

import "testing"

func TestTokenMode(t *testing.T) {
	for name, test := range map[string]struct {
		args   []string
		env    Environ
		stored bool
		want   string
	}{
		"nothing given":         {want: TokenNone},
		"an access token":       {env: Environ{"ZHAOHUO_ACCESS_TOKEN": "t"}, want: TokenStatic},
		"tokens are stored":     {stored: true, want: TokenOAuth},
		"a redirect address":    {args: []string{"--oauth-redirect-url=https://shop.example/cb"}, want: TokenOAuth},
		"a token beats a store": {env: Environ{"ZHAOHUO_ACCESS_TOKEN": "t"}, stored: true, want: TokenStatic},
		"none beats a store":    {args: []string{"--token-mode=none"}, stored: true, want: TokenNone},
		"oauth, nothing stored": {args: []string{"--token-mode=oauth"}, want: TokenOAuth},
		"static":                {args: []string{"--token-mode=static"}, env: Environ{"ZHAOHUO_ACCESS_TOKEN": "t"}, want: TokenStatic},
	} {
		t.Run(name, func(t *testing.T) {
			env := Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s"}
			for name, value := range test.env {
				env[name] = value
			}
			if got := func() string { l := load(t, test.args, env); return l.TokenModeOf(l.Pool[0], test.stored) }(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestTokenRefusals(t *testing.T) {
	live := Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "CANARY"}
	token := Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "CANARY", "ZHAOHUO_ACCESS_TOKEN": "CANARY"}
	for name, test := range map[string]struct {
		args []string
		env  Environ
		want string
	}{
		"no such mode":       {[]string{"--token-mode=magic"}, live, `--token-mode must be one of "auto","none","static","oauth" but got "magic"`},
		"static of nothing":  {[]string{"--token-mode=static"}, live, "--token-mode: is static but there is no access token: set ZHAOHUO_ACCESS_TOKEN or ZHAOHUO_ACCESS_TOKEN_FILE"},
		"none with a token":  {[]string{"--token-mode=none"}, token, "--token-mode: is none but ZHAOHUO_ACCESS_TOKEN is set: remove one"},
		"oauth with a token": {[]string{"--token-mode=oauth"}, token, "--token-mode: is oauth but ZHAOHUO_ACCESS_TOKEN is set: remove one"},
		"no App Key":         {[]string{"--token-mode=oauth"}, nil, "--token-mode is set but no App Key: set ZHAOHUO_APP_KEY to go live, or remove it to use the sandbox"},
		"redirect, no key":   {[]string{"--oauth-redirect-url=http://localhost"}, nil, "--oauth-redirect-url is set but no App Key: set ZHAOHUO_APP_KEY to go live, or remove it to use the sandbox"},
		"secrets in clear":   {[]string{"--oauth-url=http://x.cn"}, live, "--oauth-url: must be https: secrets go there"},
		"page in clear":      {[]string{"--oauth-authorize-url=http://x.cn/oauth"}, live, "--oauth-authorize-url: must be https: secrets go there"},
		"a path":             {[]string{"--oauth-url=https://x.cn/openapi"}, live, "--oauth-url: must be scheme and host only, without a path"},
		"a password":         {[]string{"--oauth-url=https://u:CANARY@x.cn"}, live, "--oauth-url: must not hold a user or a fragment"},
		"no address":         {[]string{"--oauth-url=gw"}, live, "--oauth-url: must be an address such as https://gw.open.1688.com"},
		"no redirect":        {[]string{"--oauth-redirect-url=localhost:1"}, live, "--oauth-redirect-url: must be an address such as http://127.0.0.1:16880/callback"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(test.args, test.env)
			if err == nil || err.Error() != test.want {
				t.Errorf("got:  %v\nwant: %s", err, test.want)
			}
		})
	}
	if got := load(t, []string{"--token-mode=auto"}, nil); got.Live() {
		t.Error("auto goes live")
	}
}
