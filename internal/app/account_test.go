package app

import (
	"regexp"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// TestAccountFingerprint: the same account at the same upstream has one fingerprint in every process. Everything else
// that an answer depends on changes it.
func TestAccountFingerprint(t *testing.T) {
	fingerprint := func(dialect zhaohuov1.UpstreamDialect, at place, change func(*config.Settings)) string {
		settings := &config.Settings{}
		settings.Account.AppKey = at.appKeys()
		if change != nil {
			change(settings)
		}
		return (&App{settings: settings, place: at}).accountFingerprint(dialect)
	}
	const aop, top = zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP, zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_TOP
	by := func(url string, keys ...string) place {
		at := place{url: url}
		for _, key := range keys {
			at.accounts = append(at.accounts, config.PoolAccount{AppKey: key})
		}
		return at
	}
	const gateway = "https://gw.open.1688.com"
	here := by(gateway, "1234567")
	first := fingerprint(aop, here, nil)
	if !regexp.MustCompile("^[0-9a-f]{32}$").MatchString(first) || first != fingerprint(aop, here, nil) {
		t.Errorf("%s", first)
	}
	pool := func(s *config.Settings) { s.Cache.Account = "pool" }
	sandbox := func(s *config.Settings) { s.Account.AppKey = "" }
	all := map[string]string{
		"first":             first,
		"another App Key":   fingerprint(aop, by(gateway, "1234568"), nil),
		"another upstream":  fingerprint(aop, by("https://reseller.example", "1234567"), nil),
		"another dialect":   fingerprint(top, here, nil),
		"pool":              fingerprint(aop, here, pool),
		"two App Keys":      fingerprint(aop, by(gateway, "1234567", "1234568"), nil),
		"sandbox":           fingerprint(aop, by("http://127.0.0.1:40001", "sandbox"), sandbox),
		"another catalogue": fingerprint(aop, by("", "sandbox"), func(s *config.Settings) { sandbox(s); s.Sandbox.Catalog = "goods" }),
	}
	seen := map[string]string{}
	for name, text := range all {
		if other, twice := seen[text]; twice {
			t.Errorf("%s and %s have one fingerprint", name, other)
		}
		seen[text] = name
	}
	if all["pool"] != fingerprint(aop, by(gateway, "9"), pool) {
		t.Error("the App Keys of one pool have different fingerprints")
	}
	if all["two App Keys"] != fingerprint(aop, by(gateway, "1234568", "1234567"), nil) {
		t.Error("the order of the App Keys changes the fingerprint")
	}
	if all["sandbox"] != fingerprint(aop, by("http://127.0.0.1:40002", "sandbox"), sandbox) {
		t.Error("a sandbox that is started again has another fingerprint")
	}
}
