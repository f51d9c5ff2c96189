package cli

import (
	"context"
	"errors"
	"io"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/server/agent"
)

// mcpCommand serves an AI agent over standard input and output.
type mcpCommand struct {
	Root         []string `name:"root" type:"existingdir" placeholder:"DIR" help:"Folder whose images the agent may search by, given by their path; may be repeated. Links never lead out of it. Unset: no files are read."`
	SessionCalls int      `name:"session-calls" default:"100" placeholder:"N" help:"Most upstream calls that the agent may spend until it ends the session. 0: only tools without cost work."`
	Class        string   `name:"class" default:"batch" enum:"batch,interactive" help:"Priority of the upstream calls: batch (people are served first) or interactive."`

	Target target `embed:"" group:"Server"`
}

// Run serves until the agent closes standard input. Standard output belongs to the protocol.
func (c *mcpCommand) Run(s *session) (err error) {
	if c.SessionCalls < 0 {
		return usage("--session-calls: %d is no number of calls", c.SessionCalls)
	}
	conn, err := c.Target.open(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.close()) }()
	door, err := agent.New(agent.Config{
		Conn: conn, Version: s.Version, Chinese: s.chinese(), SessionCalls: c.SessionCalls, Class: c.Class, Timeout: c.Target.Timeout,
		Roots: c.Root, Pictures: c.pictures(s, conn), Documents: app.AgentDocuments(),
	})
	if err != nil {
		return usageError{err}
	}
	defer func() { err = errors.Join(err, door.Close()) }()
	err = door.Serve(s.ctx, io.NopCloser(s.Stdin), keptOpen{s.Stdout})
	if errors.Is(err, context.Canceled) && s.ctx.Err() != nil { // The user ended it.
		return nil
	}
	return err
}

// pictures fetches pictures of goods for small copies of them. With a server elsewhere this process fetches them from the hosts of its own
// settings, because a server hands out their addresses only.
func (c *mcpCommand) pictures(s *session, conn *connection) agent.PictureFetcher {
	if conn.pictures != nil {
		return conn.pictures
	}
	settings, err := c.Target.settings(s)
	if err != nil || settings.Photos.NoFetch { // They are needed for nothing else here.
		return nil
	}
	return app.NewPictures(settings)
}

// keptOpen is a writer whose owner closes it.
type keptOpen struct{ io.Writer }

func (keptOpen) Close() error { return nil }
