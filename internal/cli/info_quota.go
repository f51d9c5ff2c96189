package cli

import (
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// quotaFields are the lines about the calls of today. What the server does not know is said to be unknown.
func (s *session) quotaFields(used *zhaohuov1.QuotaUsage) [][2]string {
	if used == nil {
		return [][2]string{{"upstream calls today", s.words.say("unknown")}}
	}
	calls := strconv.FormatInt(used.GetCallsUsed(), 10)
	if used.CallsPerDay != nil {
		calls = s.words.say("%s of %d", calls, used.GetCallsPerDay())
	}
	left := s.words.say("unknown: no limit a day is set")
	if used.CallsLeft != nil {
		left = strconv.FormatInt(used.GetCallsLeft(), 10)
	}
	if used.GetExhaustedUntilTime() != nil {
		left = s.words.say("none: 1688 refuses further calls until %s", localTime(used.GetExhaustedUntilTime().AsTime()))
	}
	fields := [][2]string{{"upstream calls today", calls}, {"calls left today", left}}
	if scope := s.quotaScope(used.GetScope()); scope != "" {
		fields = append(fields, [2]string{"counted are", scope})
	}
	if used.GetResetTime() != nil {
		fields = append(fields, [2]string{"the next day begins", localTime(used.GetResetTime().AsTime())})
	}
	return fields
}

// quotaScope says whose calls are counted; empty if it is not known.
func (s *session) quotaScope(scope zhaohuov1.QuotaScope) string {
	switch scope {
	case zhaohuov1.QuotaScope_QUOTA_SCOPE_ALL_REPLICAS:
		return s.words.say("the calls of all replicas")
	case zhaohuov1.QuotaScope_QUOTA_SCOPE_DATA_DIR:
		return s.words.say("the calls of all processes with the same data-dir")
	case zhaohuov1.QuotaScope_QUOTA_SCOPE_PROCESS:
		return s.words.say("the calls of this process since it started")
	}
	return ""
}

// pushField is the line about what 1688 pushes.
func (s *session) pushField(offer *zhaohuov1.PushOffer) [2]string {
	text := s.words.say("unknown")
	switch {
	case offer.GetEnabled():
		text = s.words.say("on, at %s", plain(offer.GetPath()))
	case offer != nil:
		text = s.words.say("off")
	}
	return [2]string{"pushes of 1688", text}
}

// watchField is the line about price watches.
func (s *session) watchField(offer *zhaohuov1.PriceWatchOffer) [2]string {
	text := s.words.say("unknown")
	switch {
	case offer.GetEnabled():
		text = s.words.say("on, every %s at the shortest", spoken(offer.GetIntervalMin().AsDuration(), s.words))
	case offer != nil:
		text = s.words.say("off")
	}
	return [2]string{"price watches", text}
}

// accountText is the state of one account of several.
func (s *session) accountText(a *zhaohuov1.AccountState) string {
	rate := s.words.say("unlimited")
	if a.GetUpstreamQps() > 0 {
		rate = strconv.FormatFloat(a.GetUpstreamQps(), 'f', -1, 64)
	}
	today := s.words.say("unknown")
	if used := a.GetQuota(); used != nil {
		today = strconv.FormatInt(used.GetCallsUsed(), 10)
		if used.CallsPerDay != nil {
			today = s.words.say("%s of %d", today, used.GetCallsPerDay())
		}
	}
	text := s.words.say("%s: calls a second %s, today %s", plain(a.GetName()), rate, today)
	if a.PresentQps != nil {
		text += s.words.say("; %s a second now", perSecondText(a.GetPresentQps()))
	}
	if a.GetBannedUntilTime() != nil {
		text += s.words.say("; 1688 refuses its calls until %s", localTime(a.GetBannedUntilTime().AsTime()))
	}
	if a.GetPauseSinceTime() != nil {
		text += s.words.say("; paused %s", s.pauseEnd(a.GetPauseUntilTime()))
	}
	for _, f := range a.GetPassedOver() {
		about := plain(f.GetApi())
		if about == "" {
			about = s.words.say("all calls")
		}
		text += s.words.say("; passed over for %s (%s), examined at %s", about, reasonName(f.GetReason()), localTime(f.GetExaminationTime().AsTime()))
	}
	return text
}
