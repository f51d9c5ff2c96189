package cli

import (
	"cmp"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

type adminAccounts struct{ adminTarget }

// Run lists the accounts, each with its APIs that have a limit of their own or get no call.
func (c *adminAccounts) Run(s *session) error {
	answer, err := ask(s, c.server(), unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.ListAccounts), &zhaohuov1.ListAccountsRequest{})
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	}
	var rows [][]string
	for _, a := range answer.GetAccounts() {
		rows = append(rows, []string{a.GetName(), s.words.say("all calls"), s.accountCondition(a), s.accountRate(a), s.callsToday(a), callsLeft(a)})
		for _, api := range a.GetApis() {
			rows = append(rows, []string{"", api.GetApi(), s.apiCondition(api), "", s.apiCallsToday(api), knownCount(api.CallsLeft)})
		}
	}
	columns := []column{
		{title: "ACCOUNT"}, {title: "API"}, {title: "STATE"}, {title: "CALLS A SECOND", right: true}, {title: "CALLS TODAY", right: true}, {title: "LEFT TODAY", right: true},
	}
	if err := writeTable(s, columns, rows); err != nil {
		return err
	}
	switch answer.GetCircuit() {
	case zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_PROBING:
		return s.printEnd("1688: one call finds out whether it answers\n")
	case zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_OPEN:
		return s.printEnd("1688: no call is sent, because it did not answer\n")
	}
	return nil
}

// accountCondition says whether calls go through an account, and if not, why.
func (s *session) accountCondition(a *zhaohuov1.AccountState) string {
	var all []string
	if a.GetPauseSinceTime() != nil {
		all = append(all, s.words.say("paused %s", s.pauseEnd(a.GetPauseUntilTime())))
	}
	for _, f := range a.GetPassedOver() {
		about := plain(f.GetApi())
		if about == "" {
			about = s.words.say("all calls")
		}
		all = append(all, s.words.say("passed over for %s (%s), examined at %s", about, reasonName(f.GetReason()), localTime(f.GetExaminationTime().AsTime())))
	}
	all = append(all, s.refusals(a.GetBannedUntilTime(), a.GetQuota().GetExhaustedUntilTime())...)
	if a.GetQuota() == nil {
		all = append(all, s.words.say("the store of limits does not answer"))
	} else if a.GetQuota().CallsLeft != nil && a.GetQuota().GetCallsLeft() == 0 && a.GetQuota().GetExhaustedUntilTime() == nil {
		all = append(all, s.words.say("used up until %s", localTime(a.GetQuota().GetResetTime().AsTime())))
	}
	return s.onUnless(all)
}

// apiCondition says the same of one API.
func (s *session) apiCondition(a *zhaohuov1.AccountApiState) string {
	all := s.refusals(a.GetBannedUntilTime(), a.GetExhaustedUntilTime())
	if len(all) == 0 && a.CallsLeft != nil && a.GetCallsLeft() == 0 {
		all = append(all, s.words.say("used up for today"))
	}
	return s.onUnless(all)
}

// refusals are those of 1688 that hold.
func (s *session) refusals(banned, exhausted *timestamppb.Timestamp) (all []string) {
	if banned != nil {
		all = append(all, s.words.say("1688 refuses calls until %s", localTime(banned.AsTime())))
	}
	if exhausted != nil {
		all = append(all, s.words.say("used up until %s", localTime(exhausted.AsTime())))
	}
	return all
}

// onUnless joins what keeps calls away.
func (s *session) onUnless(all []string) string {
	if len(all) == 0 {
		return s.words.say("calls are sent")
	}
	return strings.Join(all, "; ")
}

// accountRate is the present rate of an account, and its limit.
func (s *session) accountRate(a *zhaohuov1.AccountState) string {
	switch {
	case a.GetUpstreamQps() <= 0:
		return s.words.say("unlimited")
	case a.PresentQps == nil:
		return unknown
	}
	return s.words.say("%s of %s", perSecondText(a.GetPresentQps()), perSecondText(a.GetUpstreamQps()))
}

// callsToday are the calls of an account, and its limit.
func (s *session) callsToday(a *zhaohuov1.AccountState) string {
	if a.GetQuota() == nil {
		return unknown
	}
	return s.ofLimit(&a.GetQuota().CallsUsed, a.GetQuota().CallsPerDay)
}

func (s *session) apiCallsToday(a *zhaohuov1.AccountApiState) string {
	return s.ofLimit(a.CallsUsed, a.CallsPerDay)
}

// ofLimit is a count and its limit, as far as each is known.
func (s *session) ofLimit(used, limit *int64) string {
	if used == nil || limit == nil {
		return knownCount(used)
	}
	return s.words.say("%s of %d", knownCount(used), *limit)
}

func callsLeft(a *zhaohuov1.AccountState) string {
	if a.GetQuota() == nil {
		return unknown
	}
	return knownCount(a.GetQuota().CallsLeft)
}

// knownCount is a count, where it is known.
func knownCount(n *int64) string { return cmp.Or(number(n), unknown) }
