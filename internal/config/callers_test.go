package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCallersAreKnownByKeysOverTLS(t *testing.T) {
	const addr = "--grpc-addr=10.0.0.1:1"
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"keys in clear": {[]string{"--api-keys-file=f", addr}, "--grpc-addr: 10.0.0.1:1 can be reached from other machines, and callers are not authenticated over TLS: " +
			"set ZHAOHUO_TLS_CERT and ZHAOHUO_TLS_KEY, and ZHAOHUO_API_KEYS_FILE or ZHAOHUO_TLS_CLIENT_CA, or listen on 127.0.0.1, or confirm with --insecure-listen (ZHAOHUO_INSECURE_LISTEN)"},
		"keys file over TLS": {[]string{"--api-keys-file=f", "--tls-cert=c", "--tls-key=k", addr}, ""},
		"keys over TLS":      {[]string{"--api-keys=[]", "--tls-cert=c", "--tls-key=k", addr}, ""},
		"two lists":          {[]string{"--api-keys=CANARY", "--api-keys-file=f"}, "--api-keys and --api-keys-file are both set: remove one"},
		"rate below 0":       {[]string{"--caller-rate=-1"}, "--caller-rate: must be 0 (no limit) to 1000000 but is -1"},
	} {
		got := ""
		if _, err := Load(test.args, nil); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestKeysAreNotShown(t *testing.T) {
	loaded := load(t, nil, Environ{"ZHAOHUO_API_KEYS": "CANARY", "ZHAOHUO_API_KEY": "CANARY"})
	var printed bytes.Buffer
	if err := loaded.Print(&printed); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(printed.String(), "CANARY") || !strings.Contains(printed.String(), "api_keys: '[redacted]'") {
		t.Errorf("%s", &printed)
	}
	if len(loaded.Warnings) != 0 {
		t.Errorf("warnings %q", loaded.Warnings)
	}
}

func TestWarningsOfOpenPorts(t *testing.T) {
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"--insecure-listen", "--api-keys-file=f"}, []string{"--insecure-listen is on: API keys travel in clear, unless something in front of this server seals the line"}},
		{[]string{"--insecure-listen", "--api-keys-file=f", "--tls-cert=c", "--tls-key=k"}, nil},
	} {
		if diff := cmp.Diff(test.want, load(t, test.args, nil).Warnings); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
	}
}

// TestTokensNeedAnAudienceAndEntries: a token is not accepted for whatever it is for, nor from whomever it speaks of.
func TestTokensNeedAnAudienceAndEntries(t *testing.T) {
	for args, want := range map[string]string{
		"--jwt-audience=x":                                "--jwt-audience: needs --jwt-issuer (ZHAOHUO_JWT_ISSUER) too",
		"--jwt-keys-url=https://x.example/keys":           "--jwt-keys-url: needs --jwt-issuer (ZHAOHUO_JWT_ISSUER) too",
		"--jwt-issuer=https://x.example":                  "--jwt-issuer: needs --jwt-audience (ZHAOHUO_JWT_AUDIENCE) too: a token for another service must not do here",
		"--jwt-issuer=https://x.example --jwt-audience=x": "--jwt-issuer: needs --api-keys-file (ZHAOHUO_API_KEYS_FILE) too: it says who the callers are",
		"--jwt-issuer=https://x.example --jwt-audience=x --api-keys-file=k --jwt-claim=name": "",
	} {
		_, err := Load(strings.Fields(args), Environ{})
		message := ""
		if err != nil {
			message = err.Error()
		}
		if message != want {
			t.Errorf("%s: %q, want %q", args, message, want)
		}
	}
}
