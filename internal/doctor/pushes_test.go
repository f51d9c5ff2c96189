package doctor_test

import (
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/doctor"
)

// pushPatients take pushes. What is known of them costs no call. One push that is right outweighs any number of wrong ones.
func pushPatients() []patient {
	arrived := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	denied := fault.New(fault.UpstreamPermissionDenied, "no").WithSubject("cn.alibaba.open:push.query.messageList-1").WithMeta(fault.MetaUpstreamCode, "gw.APIACLDecline")
	var all []patient
	for _, c := range []struct {
		name  string
		state doctor.PushState
		want  []string
	}{
		{"no push yet", doctor.PushState{}, []string{"PUSHES WARNING PUSHES_AWAITED /push"}},
		{"pushes of another app", doctor.PushState{Refused: true}, []string{"PUSHES WARNING PUSHES_REFUSED /push"}},
		{"pushes that arrive", doctor.PushState{Refused: true, Last: arrived}, []string{"PUSHES OK PUSHES_ARRIVE"}},
		{"pushes that are not caught up", doctor.PushState{Last: arrived, NotCaughtUp: map[string]error{"second": denied}}, []string{
			"PUSHES OK PUSHES_ARRIVE", "PUSHES WARNING PUSHES_NOT_CAUGHT_UP cn.alibaba.open:push.query.messageList-1 UPSTREAM_PERMISSION_DENIED gw.APIACLDecline",
		}},
	} {
		c.state.Path = "/push"
		p := patient{
			name: c.name, calls: [2]int32{15, 4},
			sick: func(_ *testing.T, b *bed) { b.pushes = func() doctor.PushState { return c.state } },
			check: func(t *testing.T, answer *zhaohuov1.DiagnoseResponse) {
				t.Helper()
				found := answer.GetFindings()
				first := found[len(found)-len(c.want)]
				if last := first.GetLastPushTime(); (last == nil) != c.state.Last.IsZero() || last != nil && !last.AsTime().Equal(arrived) {
					t.Errorf("the last push was at %v", last)
				}
				if last := found[len(found)-1]; len(c.want) > 1 && last.GetAccount() != "second" {
					t.Errorf("%v", last)
				}
			},
		}
		p.aop, p.top = both(func(d string) []string { return append(well(d), c.want...) })
		all = append(all, p)
	}
	return all
}
