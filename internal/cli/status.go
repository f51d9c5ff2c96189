package cli

import (
	"strconv"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// statusCommand shows what a server is doing at this moment.
type statusCommand struct {
	Output string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer, without the table of capabilities.
func (c *statusCommand) Run(s *session) error {
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewInfoServiceClient, zhaohuov1.InfoServiceClient.GetServerInfo), &zhaohuov1.GetServerInfoRequest{})
	if err != nil {
		return err
	}
	answer.Capabilities = nil
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	head := [][2]string{{"version", plain(answer.GetVersion())}, {"mode", s.modeText(answer.GetMode())}}
	head = append(head, s.loadFields(answer.GetLoad(), answer.GetLimits().GetUpstreamQps())...)
	head = append(head, s.quotaFields(answer.GetQuota())...)
	for _, a := range answer.GetAccounts() {
		head = append(head, [2]string{"account", s.accountText(a)})
	}
	return s.printFields(27, head)
}

// modeText says whether the goods are real.
func (s *session) modeText(mode zhaohuov1.ServerMode) string {
	text := strings.TrimPrefix(mode.String(), "SERVER_MODE_")
	if mode == zhaohuov1.ServerMode_SERVER_MODE_SANDBOX {
		text += s.words.say(": goods are made up")
	}
	return text
}

// loadFields are the lines about what runs and waits. limit is the rate that is configured; 0 for none. An older server says
// nothing of it.
func (s *session) loadFields(load *zhaohuov1.ServerLoad, limit float64) [][2]string {
	if load == nil {
		return [][2]string{{"running requests", s.words.say("unknown")}}
	}
	fields := [][2]string{
		{"running requests", strconv.FormatInt(load.GetRunningRequests(), 10)},
		{"running upstream calls", strconv.FormatInt(load.GetRunningCalls(), 10)},
	}
	for _, q := range load.GetQueues() {
		fields = append(fields, [2]string{
			s.words.say("waiting, %s", q.GetCallClass()),
			s.words.say("calls %d, of callers %d", q.GetWaitingCalls(), q.GetWaitingCallers()),
		})
	}
	rate := s.words.say("unknown")
	switch {
	case limit == 0:
		rate = s.words.say("unlimited")
	case load.PresentQps != nil:
		rate = s.words.say("%s of %s", perSecondText(load.GetPresentQps()), perSecondText(limit))
	}
	fields = append(fields, [2]string{"calls a second now", rate})
	circuit := s.words.say("unknown")
	switch load.GetCircuit() {
	case zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_CLOSED:
		circuit = s.words.say("calls are sent")
	case zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_PROBING:
		circuit = s.words.say("one call finds out whether it answers")
	case zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_OPEN:
		circuit = s.words.say("no call is sent: it did not answer")
	}
	if load.GetBannedUntilTime() != nil {
		circuit = s.words.say("1688 refuses all calls until %s", localTime(load.GetBannedUntilTime().AsTime()))
	}
	return append(fields, [2]string{"upstream", circuit})
}

// perSecondText is a rate with at most two decimals.
func perSecondText(perSecond float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(perSecond, 'f', 2, 64), "0"), ".")
}
