package cli

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

type adminLogLevel struct {
	Level string `arg:"" enum:"debug,info,warn,error" help:"Lowest level that is logged: debug, info, warn or error."`

	adminTarget

	For *time.Duration `name:"for" placeholder:"TIME" help:"For how long, from 1s to 744h, such as 10m; then the level of the setting is back. Unset: until it is set anew."`
}

// Run sets the level.
func (c *adminLogLevel) Run(s *session) error {
	q := &zhaohuov1.SetLogLevelRequest{LogLevel: c.Level}
	if c.For != nil {
		q.LevelTime = durationpb.New(*c.For)
	}
	answer, addr, err := change(s, c.adminTarget, unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.SetLogLevel), q)
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	case answer.GetUntilTime() != nil:
		return s.changed(addr, "logged from %s, until %s; before from %s\n", c.Level, localTime(answer.GetUntilTime().AsTime()), plain(answer.GetPreviousLevel()))
	}
	return s.changed(addr, "logged from %s; before from %s\n", c.Level, plain(answer.GetPreviousLevel()))
}

type adminDrain struct{ adminTarget }

// Run has the server stop.
func (c *adminDrain) Run(s *session) error {
	answer, addr, err := change(s, c.adminTarget, unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.DrainServer), &zhaohuov1.DrainServerRequest{})
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	}
	return s.changed(addr, "stopping: it serves for %s more, then finishes what is under way within %s\n",
		spoken(answer.GetLameDuck().AsDuration(), s.words), spoken(answer.GetDrainTimeout().AsDuration(), s.words))
}
