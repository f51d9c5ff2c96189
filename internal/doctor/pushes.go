package doctor

import (
	"maps"
	"slices"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// PushState is what is known of the upstream's pushes. It costs no call to know it.
type PushState struct {
	// Path is where they are taken.
	Path string
	// Last is when the last one arrived that was signed; zero for none.
	Last time.Time
	// Refused reports whether one arrived whose signature or App Key was wrong.
	Refused bool
	// NotCaughtUp are the errors of the accounts that could not be asked for pushes that were not delivered, by the name of the account.
	NotCaughtUp map[string]error
}

// findings are one about what arrives, and one for each account that could not be asked. Anybody can send a push with a wrong signature,
// so one that is right settles it.
func (s PushState) findings() []*zhaohuov1.DiagnosisFinding {
	what := zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_AWAITED
	switch {
	case !s.Last.IsZero():
		what = zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_ARRIVE
	case s.Refused:
		what = zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_REFUSED
	}
	first := finding(what, s.Path, 0, nil)
	first.LastPushTime = fields.Time(s.Last)
	all := []*zhaohuov1.DiagnosisFinding{first}
	for _, account := range slices.Sorted(maps.Keys(s.NotCaughtUp)) {
		err := s.NotCaughtUp[account]
		f := finding(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PUSHES_NOT_CAUGHT_UP, "", fault.KindOf(err), err)
		if reported, ok := fault.As(err); ok {
			f.Subject = reported.Subject
		}
		f.Account = account
		all = append(all, f)
	}
	return all
}
