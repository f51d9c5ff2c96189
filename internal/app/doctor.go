package app

import (
	"github.com/zhaohuo-dev/zhaohuo/internal/doctor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// newDoctor makes the doctor. Its calls use the same quota, tokens and connections as all questions.
func (a *App) newDoctor(dialect *upstream.Dialect, way doctor.Prober, accounts []upstream.Account, pushes pushDoor) *doctor.Doctor {
	o := doctor.Options{Prober: way, Examination: dialect.Examination, Sandbox: !a.settings.Live(), Pushes: pushes.state(accounts)}
	var all []doctor.Account
	for i, one := range a.place.accounts {
		account := doctor.Account{Name: one.Name, Tokens: accounts[i].Tokens, QPS: one.QPS, Daily: one.Daily, Serves: one.Serves}
		if store := a.sharedTokens[one.Name]; store != nil {
			account.TokenStore = store
		}
		all = append(all, account)
	}
	o.Accounts = all
	return doctor.New(o)
}
