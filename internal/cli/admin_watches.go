package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

type adminWatches struct {
	Size int32 `name:"size" default:"10" help:"How many watches and webhooks each list has, at most 100."`

	adminTarget
}

// Run shows the price watches of all callers.
func (c *adminWatches) Run(s *session) error {
	if c.Size < 1 || c.Size > 100 {
		return usage("--size: %d is not from 1 to 100", c.Size)
	}
	answer, err := ask(s, c.server(), unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.GetWatchOverview), &zhaohuov1.GetWatchOverviewRequest{ListSize: c.Size})
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	}
	if err := s.printFields(28, s.overviewFields(answer)); err != nil {
		return err
	}
	for _, part := range []struct {
		title string
		section
	}{
		{"watches by caller", s.callerSection(answer)},
		{"overdue, the longest first", s.overdueSection(answer.GetOverdue())},
		{"why watches fail", reasonSection(answer.GetFailures())},
		{"failing, those observed last", s.failureSection(answer.GetFailures())},
		{"webhooks that fail, the longest first", s.webhookSection(answer.GetWebhooks().GetFailing())},
	} {
		if len(part.rows) == 0 {
			continue
		}
		fmt.Fprintf(s.Stdout, "\n%s\n", s.words.say(part.title))
		if err := writeTable(s, part.columns, part.rows); err != nil {
			return err
		}
	}
	if n := answer.GetFurtherCallers(); n > 0 {
		return s.printEnd("\nand %d more callers with fewer watches\n", n)
	}
	return nil
}

// overviewFields are the lines about all watches.
func (s *session) overviewFields(answer *zhaohuov1.GetWatchOverviewResponse) [][2]string {
	c, w := answer.GetCounts(), answer.GetWebhooks()
	fields := [][2]string{
		{"price watches", countOf(c.GetActiveWatches() + c.GetPausedWatches() + c.GetFailingWatches() + c.GetEmptyWatches())},
		{"of these", s.words.say("active %d, paused %d, failing %d, nothing found %d", c.GetActiveWatches(), c.GetPausedWatches(), c.GetFailingWatches(), c.GetEmptyWatches())},
		{"overdue", countOf(c.GetOverdueWatches())},
		{"put off to the next day", countOf(c.GetPostponedWatches())},
		{"due within an hour", s.forecastText(answer.GetNextHour())},
		{"due until the day ends", s.forecastText(answer.GetRestOfDay())},
		{"due within 24 hours", s.forecastText(answer.GetNextDay())},
	}
	fields = append(fields, s.quotaFields(answer.GetQuota())...)
	deliveries := countOf(w.GetPendingDeliveries())
	if w.GetOldestPendingTime() != nil {
		deliveries = s.words.say("%d, of them failed before %d, the oldest of %s", w.GetPendingDeliveries(), w.GetFailingDeliveries(), localTime(w.GetOldestPendingTime().AsTime()))
	}
	return append(fields,
		[2]string{"webhooks", s.words.say("%d, failing %d, disabled %d", w.GetWebhooks(), w.GetFailingWebhooks(), w.GetDisabledWebhooks())},
		[2]string{"deliveries that wait", deliveries})
}

// countOf is a count as text.
func countOf(n int64) string { return strconv.FormatInt(n, 10) }

// forecastText is what is due, and what it costs.
func (s *session) forecastText(f *zhaohuov1.WatchForecast) string {
	return s.words.say("observations %d, up to %d upstream calls", f.GetObservations(), f.GetUpstreamCalls())
}

// callerSection are the watches of each caller.
func (s *session) callerSection(answer *zhaohuov1.GetWatchOverviewResponse) section {
	part := section{columns: []column{
		{title: "CALLER"},
		{title: "ACTIVE", right: true},
		{title: "PAUSED", right: true},
		{title: "FAILING", right: true},
		{title: "NOTHING FOUND", right: true},
		{title: "OVERDUE", right: true},
		{title: "PUT OFF", right: true},
	}}
	for _, one := range answer.GetCallers() {
		c := one.GetCounts()
		row := []string{s.callerText(one.GetCaller())}
		for _, n := range []int64{c.GetActiveWatches(), c.GetPausedWatches(), c.GetFailingWatches(), c.GetEmptyWatches(), c.GetOverdueWatches(), c.GetPostponedWatches()} {
			row = append(row, countOf(n))
		}
		part.rows = append(part.rows, row)
	}
	return part
}

// callerText is a caller's name.
func (s *session) callerText(name string) string {
	if name == "" {
		return s.words.say("(without a name)")
	}
	return name
}

// overdueSection are watches that are due.
func (s *session) overdueSection(watches []*zhaohuov1.WatchSummary) section {
	part := section{columns: []column{
		{title: "ID"}, {title: "CALLER"}, {title: "NAME", widest: 30}, {title: "DUE"}, {title: "LATE BY", right: true}, {title: "WAITS FOR"}, {title: "OBSERVED"},
	}}
	for _, w := range watches {
		due := w.GetDueTime().AsTime()
		part.rows = append(part.rows, []string{
			w.GetId(), s.callerText(w.GetCaller()), w.GetDisplayName(), localTime(due), spoken(max(time.Since(due), 0), s.words), s.waitText(w.GetWaitingFor()),
			timeText(w.GetLastObservationTime()),
		})
	}
	return part
}

// waitText is what an observation waits for.
func (s *session) waitText(wait zhaohuov1.PriceWatchWait) string {
	switch wait {
	case zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA:
		return s.words.say("the quota")
	case zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY:
		return s.words.say("calls: those of today are used up")
	}
	return s.words.say("a worker")
}

// reasonSection are the reasons for which watches fail.
func reasonSection(failures []*zhaohuov1.WatchFailure) section {
	part := section{columns: []column{{title: "WHY"}, {title: "WATCHES", right: true}, {title: "NOTE", grows: true}}}
	for _, f := range failures {
		part.rows = append(part.rows, []string{reasonName(f.GetReason()), countOf(f.GetWatchCount()), f.GetMessage()})
	}
	return part
}

// reasonName is a reason's name without its prefix.
func reasonName(r zhaohuov1.ErrorReason) string {
	return strings.TrimPrefix(r.String(), "ERROR_REASON_")
}

// failureSection are watches that fail.
func (s *session) failureSection(failures []*zhaohuov1.WatchFailure) section {
	part := section{columns: []column{
		{title: "ID"}, {title: "CALLER"}, {title: "NAME", widest: 30}, {title: "WHY"}, {title: "OBSERVED"}, {title: "SUCCEEDED"}, {title: "NEXT"},
	}}
	for _, f := range failures {
		for _, w := range f.GetWatches() {
			part.rows = append(part.rows, []string{
				w.GetId(), s.callerText(w.GetCaller()), w.GetDisplayName(), reasonName(f.GetReason()), timeText(w.GetLastObservationTime()), timeText(w.GetLastSuccessTime()),
				timeText(w.GetNextDueTime()),
			})
		}
	}
	return part
}

// webhookSection are webhooks that fail.
func (s *session) webhookSection(webhooks []*zhaohuov1.FailingWebhook) section {
	part := section{columns: []column{
		{title: "WATCH"},
		{title: "CALLER"},
		{title: "HOST"},
		{title: "SINCE"},
		{title: "ATTEMPTS", right: true},
		{title: "PENDING", right: true},
		{title: "NEXT"},
		{title: "WHY NOT", grows: true},
	}}
	for _, w := range webhooks {
		part.rows = append(part.rows, []string{
			w.GetWatchId(), s.callerText(w.GetCaller()), w.GetHost(), timeText(w.GetFailingSinceTime()), countOf(w.GetFailedAttempts()),
			countOf(w.GetPendingDeliveries()), timeText(w.GetNextAttemptTime()), w.GetLastFailure(),
		})
	}
	return part
}
