package app

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// account identifies the upstream account: one App Key, or a pool of App Keys with interchangeable answers. A pool without a
// name of its own is its App Keys: another one has other answers.
func (a *App) account() string {
	if pool := a.settings.Cache.Account; pool != "" {
		return pool
	}
	return "app key " + a.place.appKeys()
}

// appKeys are the App Keys, in an order that does not depend on that of the settings.
func (p place) appKeys() string {
	var all []string
	for _, a := range p.accounts {
		all = append(all, a.AppKey)
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

// qps is the most upstream calls a second of all accounts; 0 for no limit.
func (p place) qps() float64 {
	sum := 0.0
	for _, a := range p.accounts {
		if a.QPS <= 0 {
			return 0
		}
		sum += a.QPS
	}
	return sum
}

// accountFingerprint identifies the account that answers come from. For the built-in sandbox it uses the catalogue and not
// the address, whose port changes at each start.
func (a *App) accountFingerprint(dialect zhaohuov1.UpstreamDialect) string {
	account, origin := a.account(), a.place.url
	if !a.settings.Live() {
		origin = a.settings.Sandbox.Catalog
		if absolute, err := filepath.Abs(origin); err == nil && origin != "" {
			origin = absolute
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "zhaohuo account 1\n%t %d %q %q", a.settings.Live(), dialect, account, origin))
	return hex.EncodeToString(sum[:16])
}
