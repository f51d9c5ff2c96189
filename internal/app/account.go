package app

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// account identifies the upstream account: one App Key, or a pool of App Keys with interchangeable answers.
func (a *App) account() string {
	if pool := a.settings.Cache.Account; pool != "" {
		return pool
	}
	return "app key " + a.place.appKey
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
