package app

import (
	"github.com/zhaohuo-dev/zhaohuo/internal/doctor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// newDoctor makes the doctor. Its calls use the same quota, tokens and connections as all questions.
func (a *App) newDoctor(dialect *upstream.Dialect, way doctor.Prober, accounts []upstream.Account) *doctor.Doctor {
	o := doctor.Options{
		Prober:      way,
		Examination: dialect.Examination,
		Tokens:      accounts[0].Tokens,
		QPS:         a.settings.Quota.QPS,
		Daily:       a.settings.Quota.Daily,
		Sandbox:     !a.settings.Live(),
	}
	if a.sharedTokens != nil {
		o.TokenStore = a.sharedTokens
	}
	return doctor.New(o)
}
