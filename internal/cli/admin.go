package cli

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// adminCommand is what operators do with a running server, on its operators' port.
type adminCommand struct {
	Callers  adminCallers  `cmd:"" help:"List the callers that have an entry, with their use and pauses."`
	Accounts adminAccounts `cmd:"" help:"List the accounts at 1688: whether calls go through them, and if not, why; and the calls left today."`

	Pauses adminPauses `cmd:"" help:"List what is paused."`
	Pause  adminPause  `cmd:"" help:"Pause a caller, an account or a class of upstream calls, until it is resumed or for a time."`
	Resume adminResume `cmd:"" help:"End a pause."`

	Cache adminCache `cmd:"" help:"Say what the cache of answers holds, and what questions were answered by."`
	Purge adminPurge `cmd:"" help:"Stop using stored answers: all, those that show products, or those to searches for words."`

	Watches adminWatches `cmd:"" help:"Show the price watches of all callers: counts, what is overdue or fails and why, what is due and what it costs."`

	LogLevel adminLogLevel `cmd:"" help:"Set what the server logs, until it is set anew or for a time."`
	Drain    adminDrain    `cmd:"" help:"Have the server stop as after a SIGTERM: requests under way are finished."`
}

// adminTarget is the operators' port of a server.
type adminTarget struct {
	OpsAddr string        `name:"ops-addr" aliases:"addr" placeholder:"HOST:PORT" help:"Operators' port of the server. Unset: the ops-addr of the environment or the settings file; 127.0.0.1:9464 by default."`
	Timeout time.Duration `name:"timeout" default:"30s" help:"Timeout of the request."`
	Config  string        `name:"config" placeholder:"FILE" help:"Settings file that names the port."`
	Output  string        `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer."`
}

// server is the port as the target of a request.
func (t adminTarget) server() target {
	return target{Addr: t.OpsAddr, Timeout: t.Timeout, Config: t.Config, ops: true}
}

// change asks a server for a change. Whoever makes one should see which server made it: addr is its address.
func change[Q, A any](s *session, t adminTarget, method func(context.Context, grpc.ClientConnInterface, Q, ...grpc.CallOption) (A, error), q Q) (answer A, addr string, err error) {
	conn, err := t.server().open(s)
	if err != nil {
		return answer, "", err
	}
	addr = conn.at.addr
	answer, err = askOver(s, conn, t.Timeout, method, q)
	return answer, addr, err
}

// changed says what a server at addr has changed.
func (s *session) changed(addr, format string, args ...any) error {
	if err := s.printEnd("%s: ", addr); err != nil {
		return err
	}
	return s.printEnd(format, args...)
}

// pausable names what is paused.
type pausable struct {
	Caller  string `name:"caller" placeholder:"NAME" help:"The caller of this name."`
	Account string `name:"account" placeholder:"NAME" help:"The account of this name, which zhaohuo admin accounts lists."`
	Class   string `name:"class" placeholder:"CLASS" help:"All upstream calls of a class: interactive or batch."`
}

func (p pausable) target() (*zhaohuov1.PauseTarget, error) {
	if _, ok := fields.Only(p.Caller != "", p.Account != "", p.Class != ""); !ok {
		return nil, usage("give one of --caller, --account and --class, and a name with it")
	}
	return &zhaohuov1.PauseTarget{Caller: p.Caller, Account: p.Account, CallClass: p.Class}, nil
}

type adminCallers struct{ adminTarget }

// Run lists the callers.
func (c *adminCallers) Run(s *session) error {
	answer, err := ask(s, c.server(), unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.ListCallers), &zhaohuov1.ListCallersRequest{})
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	case len(answer.GetCallers()) == 0:
		return s.printEnd("no caller has an entry: the server has no API keys\n")
	}
	var rows [][]string
	for _, one := range answer.GetCallers() {
		calls, paused := unknown, ""
		if one.CallsPerDay != nil {
			calls = s.words.say("%s of %d", strconv.FormatInt(one.GetCallsToday(), 10), one.GetCallsPerDay())
		}
		switch {
		case one.GetPausedByEntry():
			paused = s.words.say("by its entry")
		case one.GetPauseSinceTime() != nil:
			paused = s.pauseEnd(one.GetPauseUntilTime())
		}
		rows = append(rows, []string{
			one.GetName(), strconv.FormatInt(one.GetRequests(), 10), strconv.Itoa(int(one.GetRunningRequests())), calls, paused,
		})
	}
	return writeTable(s, []column{{title: "CALLER"}, {title: "REQUESTS", right: true}, {title: "RUNNING", right: true}, {title: "CALLS TODAY", right: true}, {title: "PAUSED"}}, rows)
}

// pauseEnd says how long a pause lasts.
func (s *session) pauseEnd(until *timestamppb.Timestamp) string {
	if until == nil {
		return s.words.say("until it is resumed")
	}
	return s.words.say("until %s", localTime(until.AsTime()))
}

type adminPauses struct{ adminTarget }

// Run lists the pauses.
func (c *adminPauses) Run(s *session) error {
	answer, err := ask(s, c.server(), unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.ListPauses), &zhaohuov1.ListPausesRequest{})
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	case len(answer.GetPauses()) == 0:
		return s.printEnd("nothing is paused\n")
	}
	var rows [][]string
	for _, p := range answer.GetPauses() {
		kind := "class"
		switch t := p.GetTarget(); {
		case t.GetCaller() != "":
			kind = "caller"
		case t.GetAccount() != "":
			kind = "account"
		}
		name := cmp.Or(p.GetTarget().GetCaller(), p.GetTarget().GetAccount(), p.GetTarget().GetCallClass())
		rows = append(rows, []string{s.words.say(kind), name, localTime(p.GetSinceTime().AsTime()), s.pauseEnd(p.GetUntilTime())})
	}
	return writeTable(s, []column{{title: "KIND"}, {title: "NAME"}, {title: "SINCE"}, {title: "PAUSED"}}, rows)
}

type adminPause struct {
	pausable
	adminTarget

	For *time.Duration `name:"for" placeholder:"TIME" help:"For how long, from 1s to 744h, such as 10m. Unset: until it is resumed."`
}

// Run pauses.
func (c *adminPause) Run(s *session) error {
	target, err := c.target()
	if err != nil {
		return err
	}
	q := &zhaohuov1.PauseCallsRequest{Target: target}
	if c.For != nil {
		q.PauseTime = durationpb.New(*c.For)
	}
	answer, addr, err := change(s, c.adminTarget, unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.PauseCalls), q)
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	}
	return s.changed(addr, "paused %s, only in the server that answered; a restart of it ends the pause\n", s.pauseEnd(answer.GetPause().GetUntilTime()))
}

type adminResume struct {
	pausable
	adminTarget
}

// Run ends a pause.
func (c *adminResume) Run(s *session) error {
	target, err := c.target()
	if err != nil {
		return err
	}
	answer, addr, err := change(s, c.adminTarget, unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.ResumeCalls), &zhaohuov1.ResumeCallsRequest{Target: target})
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	case !answer.GetWasPaused():
		return s.changed(addr, "it was not paused\n")
	}
	return s.changed(addr, "resumed\n")
}
