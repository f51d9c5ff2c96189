package app

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
)

// TestAccountStates: of each API with a limit of its own or a refusal there is one line, by name; and what is not known is absent.
func TestAccountStates(t *testing.T) {
	since, until := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC), time.Date(2026, 11, 28, 16, 0, 0, 0, time.UTC)
	count := func(n int64) *int64 { return &n }
	for name, c := range map[string]struct {
		account quota.AccountSnapshot
		want    *zhaohuov1.AccountState
	}{
		"nothing is known": {quota.AccountSnapshot{Name: "main"}, &zhaohuov1.AccountState{Name: "main"}},
		"a pause without an end": {
			quota.AccountSnapshot{Paused: paused.Span{Since: since}}, &zhaohuov1.AccountState{PauseSinceTime: timestamppb.New(since)},
		},
		"a pause with an end": {
			quota.AccountSnapshot{Paused: paused.Span{Since: since, Until: until}},
			&zhaohuov1.AccountState{PauseSinceTime: timestamppb.New(since), PauseUntilTime: timestamppb.New(until)},
		},
		"APIs": {
			quota.AccountSnapshot{
				APIs: []quota.APISnapshot{{API: "c", DayUsed: 1, DayLimit: 5}, {API: "d", DayUsed: 7, DayLimit: 5}, {API: "e", DayUsed: 2, DayLimit: 9}},
				Blocked: []quota.Blocked{
					{API: "a", BannedUntil: until}, {API: "b", ExhaustedUntil: until}, {API: "e", BannedUntil: since, ExhaustedUntil: until},
				},
			},
			&zhaohuov1.AccountState{Apis: []*zhaohuov1.AccountApiState{
				{Api: "a", BannedUntilTime: timestamppb.New(until)},
				{Api: "b", ExhaustedUntilTime: timestamppb.New(until), CallsLeft: count(0)},
				{Api: "c", CallsUsed: count(1), CallsPerDay: count(5), CallsLeft: count(4)},
				{Api: "d", CallsUsed: count(7), CallsPerDay: count(5), CallsLeft: count(0)},
				{
					Api: "e", CallsUsed: count(2), CallsPerDay: count(9), CallsLeft: count(0),
					BannedUntilTime: timestamppb.New(since), ExhaustedUntilTime: timestamppb.New(until),
				},
			}},
		},
	} {
		got := accountStates(quota.Snapshot{Accounts: []quota.AccountSnapshot{c.account}})
		if diff := cmp.Diff([]*zhaohuov1.AccountState{c.want}, got, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
