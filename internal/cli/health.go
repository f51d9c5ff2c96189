package cli

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// healthCommand is for supervisors that start a command to learn whether the server is well, such as those of containers. Exit code 1 is
// the one they all take for ill.
type healthCommand struct {
	Addr    string        `name:"addr" aliases:"ops-addr" placeholder:"HOST:PORT" help:"Address of the server's operators' port, which is asked. Unset: the ops-addr of the environment or the settings file."`
	Timeout time.Duration `name:"timeout" default:"2s" help:"How long the answer may take."`
	Config  string        `name:"config" placeholder:"FILE" help:"Settings file that names the port."`
}

// Run asks the operators' port, which needs no key.
func (c *healthCommand) Run(s *session) error {
	addr := c.Addr
	if addr == "" {
		settings, err := target{Config: c.Config}.settings(s)
		if err != nil {
			return err
		}
		addr = settings.Listen.OpsAddr
	}
	ctx, cancel := context.WithTimeout(s.ctx, c.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+local(addr)+"/readyz", http.NoBody)
	if err != nil {
		return usageError{err}
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // No proxy: the server is on this machine.
	response, err := client.Do(request)
	if err != nil {
		if _, ok := errors.AsType[*net.OpError](err); !ok && ctx.Err() == nil {
			return trouble("not ready: what answers at %s is not the operators' port of a server (9464 by default)", addr)
		}
		if under, ok := errors.AsType[*url.Error](err); ok {
			err = under.Err // Its own text repeats the address.
		}
		return trouble("not ready: nothing answers at %s, the port of operators (%w)", addr, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return trouble("not ready: %s answers %d, because the server is starting or stopping", addr, response.StatusCode)
	}
	return s.printEnd("ready\n")
}

// local is the address to dial for one that a server of this machine listens on.
func local(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return net.JoinHostPort(dialHost(host), port)
}
