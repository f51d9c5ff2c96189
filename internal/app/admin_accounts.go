package app

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
)

// listAccounts are all accounts, an only one too, and whether calls are sent at all.
func (p parts) listAccounts(ctx context.Context) ([]*zhaohuov1.AccountState, zhaohuov1.UpstreamCircuit) {
	ctx, cancel := context.WithTimeout(ctx, quotaStateTimeout)
	defer cancel()
	all := accountStates(p.limiter.Snapshot(ctx))
	for _, a := range all {
		a.Name = cmp.Or(a.GetName(), quota.OnlyAccount)
	}
	return all, circuitOf(p.client.BreakerStatus().State)
}

// accountStates describes the accounts.
func accountStates(s quota.Snapshot) []*zhaohuov1.AccountState {
	var all []*zhaohuov1.AccountState
	for _, a := range s.Accounts {
		state := &zhaohuov1.AccountState{
			Name: a.Name, UpstreamQps: a.Limits.App.PerSecond, Quota: usage(a), PresentQps: presentRate(a.PerSecond, a.Limits),
			BannedUntilTime: fields.Time(a.BannedUntil), PauseSinceTime: fields.Time(a.Paused.Since), PauseUntilTime: fields.Time(a.Paused.Until),
			Apis: apiStates(a),
		}
		for _, p := range a.Passed {
			state.PassedOver = append(state.PassedOver, &zhaohuov1.AccountFault{
				Api: p.API, Reason: rpcerr.Enum(p.Kind.String()),
				SinceTime: timestamppb.New(p.Since), ExaminationTime: timestamppb.New(p.Until),
			})
		}
		all = append(all, state)
	}
	return all
}

// apiStates are the APIs of an account with a daily limit of their own, and those that get no call, by name.
func apiStates(a quota.AccountSnapshot) []*zhaohuov1.AccountApiState {
	var all []*zhaohuov1.AccountApiState
	for _, one := range a.APIs {
		left := max(one.DayLimit-one.DayUsed, 0)
		all = append(all, &zhaohuov1.AccountApiState{Api: one.API, CallsUsed: &one.DayUsed, CallsPerDay: &one.DayLimit, CallsLeft: &left})
	}
	for _, b := range a.Blocked {
		at := slices.IndexFunc(all, func(known *zhaohuov1.AccountApiState) bool { return known.GetApi() == b.API })
		if at < 0 {
			at = len(all)
			all = append(all, &zhaohuov1.AccountApiState{Api: b.API})
		}
		all[at].BannedUntilTime, all[at].ExhaustedUntilTime = fields.Time(b.BannedUntil), fields.Time(b.ExhaustedUntil)
		if !b.ExhaustedUntil.IsZero() {
			all[at].CallsLeft = new(int64)
		}
	}
	slices.SortFunc(all, func(a, b *zhaohuov1.AccountApiState) int { return strings.Compare(a.GetApi(), b.GetApi()) })
	return all
}
