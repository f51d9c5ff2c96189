package callers

import (
	"context"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// subjects are tokens and whom they speak of.
type subjects map[secret.Text]string

func (s subjects) Subject(_ context.Context, token secret.Text) (string, error) {
	if subject, ok := s[token]; ok {
		return subject, nil
	}
	return "", fault.New(fault.CallerUnauthenticated, "no such token")
}

// TestIdentify: keys, tokens and certificates are one table, and whoever is not in it is refused, however good its token or
// certificate is.
func TestIdentify(t *testing.T) {
	dotted := secret.Text("a.key.of_old")
	text := Entry{Name: "shop", Hash: HashOf("zhk_A")}.YAML() + Entry{Name: "old", Hash: HashOf(dotted)}.YAML() +
		Entry{Name: "shop", Subject: "shop@corp"}.YAML() + Entry{Name: "cron", Subject: "cron@corp", Expires: time.Now().Add(-time.Hour)}.YAML() +
		Entry{Name: "shop", Certificate: "spiffe://corp/shop"}.YAML() + Entry{Name: "mail", Certificate: "CN=Mail"}.YAML() +
		Entry{Name: "late", Certificate: "late.corp", Expires: time.Now().Add(-time.Hour)}.YAML() + Entry{Name: "late", Certificate: "next.late.corp"}.YAML()
	k := open(t, Options{Text: text, Certificates: true, Tokens: subjects{"t.o.shop": "shop@corp", "t.o.cron": "cron@corp", "t.o.guest": "guest@corp", "t.o.key": "spiffe://corp/shop"}})
	for name, test := range map[string]struct {
		credentials Credentials
		want        string
	}{
		"key":                            {Credentials{Key: "zhk_A"}, "shop"},
		"key with dots":                  {Credentials{Key: dotted}, "old"},
		"token":                          {Credentials{Key: "t.o.shop"}, "shop"},
		"certificate":                    {Credentials{Certificate: []string{"x", "spiffe://corp/shop"}}, "shop"},
		"common name":                    {Credentials{Certificate: []string{"CN=Mail"}}, "mail"},
		"one of two entries has ended":   {Credentials{Certificate: []string{"late.corp", "next.late.corp"}}, "late"},
		"a key beside a certificate":     {Credentials{Key: "zhk_A", Certificate: []string{"CN=Mail"}}, "shop"},
		"nothing":                        {Credentials{}, ""},
		"wrong key beside a certificate": {Credentials{Key: "zhk_B", Certificate: []string{"CN=Mail"}}, ""},
		"unknown token":                  {Credentials{Key: "t.o.other"}, ""},
		"token of a guest":               {Credentials{Key: "t.o.guest"}, ""},
		"token of an ended entry":        {Credentials{Key: "t.o.cron"}, ""},
		"subject as a key":               {Credentials{Key: "shop@corp"}, ""},
		"subject like a certificate":     {Credentials{Key: "t.o.key"}, ""},
		"certificate like a subject":     {Credentials{Certificate: []string{"shop@corp"}}, ""},
		"certificate of a guest":         {Credentials{Certificate: []string{"guest"}}, ""},
		"certificate of two":             {Credentials{Certificate: []string{"spiffe://corp/shop", "CN=Mail"}}, ""},
		"certificate without names":      {Credentials{Certificate: []string{""}}, ""},
		"an ended certificate":           {Credentials{Certificate: []string{"late.corp"}}, ""},
	} {
		got, err := k.Identify(t.Context(), test.credentials)
		if got.Name != test.want || (err == nil) != (test.want != "") || err != nil && fault.KindOf(err) != fault.CallerUnauthenticated {
			t.Errorf("%s: %q, %v", name, got.Name, err)
		}
	}
	for entry, want := range map[string]string{
		Entry{Name: "shop", Subject: "x"}.YAML():     "shop is known by the subject of a token, which needs the setting jwt-issuer",
		Entry{Name: "shop", Certificate: "x"}.YAML(): "shop is known by its certificate, which needs the setting tls-client-ca",
	} {
		if _, err := Open(Options{Text: entry}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
