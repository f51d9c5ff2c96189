package agent

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// quotaLeft is the answer of quota_left.
type quotaLeft struct {
	about

	// SessionLeft is what the session may still spend.
	SessionLeft int `json:"session_left"`
	// SessionRenews is when a new budget begins.
	SessionRenews string `json:"session_renews,omitempty"`
	UsedToday     *int64 `json:"used_today,omitempty"`
	PerDay        *int64 `json:"calls_per_day,omitempty"`
	LeftToday     *int64 `json:"left_today,omitempty"`
	DayEnds       string `json:"next_day_begins,omitempty"`
	Exhausted     string `json:"refused_until,omitempty"`
	// PerSecond is how many calls a second the server makes at most; absent for no limit.
	PerSecond float64 `json:"calls_per_second,omitempty"`
	Mode      string  `json:"mode"`
	Dialect   string  `json:"dialect"`
}

type nothing struct{}

func (s *Server) addQuota() error {
	return add(s, tool{
		name: "quota_left", title: "Upstream calls that are left",
		description: "Says how many upstream calls this session and the server's day have left. Costs no upstream call.",
	}, func(ctx context.Context, c *call, _ nothing) (*answer, error) {
		info, err := c.info.GetServerInfo(ctx, &zhaohuov1.GetServerInfoRequest{})
		if err != nil {
			return nil, err
		}
		c.sandbox = info.GetMode() == zhaohuov1.ServerMode_SERVER_MODE_SANDBOX
		q := &quotaLeft{
			PerSecond: info.GetLimits().GetUpstreamQps(), Mode: short(info.GetMode().String(), "SERVER_MODE_"),
			Dialect: short(info.GetDialect().String(), "UPSTREAM_DIALECT_"),
		}
		if c.budget != nil {
			q.SessionLeft = c.budget.give(0)
		}
		text := []string{c.say(sessionLeft, q.SessionLeft)}
		if !c.renews.IsZero() {
			q.SessionRenews = c.renews.UTC().Format(timeForm)
			text = append(text, c.say(sessionRenews, q.SessionRenews))
		}
		used := info.GetQuota()
		if used == nil {
			return &answer{lines: append(text, c.say(dayUnknown)), structure: q}, nil
		}
		calls := used.GetCallsUsed()
		q.UsedToday, q.PerDay, q.LeftToday = &calls, used.CallsPerDay, used.CallsLeft
		text = append(text, c.say(dayUsed, calls))
		if q.LeftToday != nil {
			text = append(text, c.say(dayLeft, *q.LeftToday))
		}
		if used.GetResetTime() != nil {
			q.DayEnds = used.GetResetTime().AsTime().Format(timeForm)
		}
		if used.GetExhaustedUntilTime() != nil {
			q.Exhausted = used.GetExhaustedUntilTime().AsTime().Format(timeForm)
			text = append(text, c.say(dayRefused, q.Exhausted))
		}
		return &answer{lines: text, structure: q}, nil
	})
}
