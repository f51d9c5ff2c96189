package cli

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
)

// pasteBytesMax bounds a pasted line.
const pasteBytesMax = 16 << 10

// authLogin guides a user through the authorize page.
type authLogin struct {
	account
	Paste   bool          `name:"paste" help:"Read from standard input the address that the browser ends at, or the code in it, instead of listening for it."`
	Timeout time.Duration `name:"timeout" default:"5m" help:"Timeout for the user."`
}

// Run shows the link, receives the code, and stores its tokens.
func (c *authLogin) Run(s *session) error {
	a, err := c.open(s)
	if err != nil {
		return err
	}
	defer a.Close()
	ctx, cancel := context.WithTimeout(s.ctx, c.Timeout)
	defer cancel()
	code, redirect, err := c.obtain(ctx, s, a)
	if errors.Is(err, context.DeadlineExceeded) {
		return trouble("nobody returned from 1688 within %s: run `%s` again", c.Timeout, a.login())
	}
	if err != nil {
		return err
	}
	stored, err := a.Store.Update(ctx, func(ctx context.Context) (oauth.Token, error) {
		return a.Issuer.Exchange(ctx, code, redirect)
	})
	if err != nil {
		return s.asStatus(err)
	}
	if trouble := a.Store.Trouble(); trouble != "" {
		s.note("warning: the tokens are stored in %s, but could not be written to Redis (%s); the service with this data directory will do so when it can",
			a.Store.Path(), plain(trouble))
	}
	// The mode is shown as it will be from now on.
	a.mode = a.settings.TokenModeOf(a.Account, true)
	if a.mode != config.TokenOAuth {
		s.note("warning: token mode is %s: servers will not use the tokens stored now", a.mode)
		a.mode = config.TokenOAuth
	}
	return a.state(stored).write(s, "table")
}

// obtain returns the code that the user's browser brings, and its redirect address.
func (c *authLogin) obtain(ctx context.Context, s *session, a *authorization) (secret.Text, string, error) {
	state, address := rand.Text(), a.settings.Tokens.RedirectURL
	if c.Paste {
		return c.pasted(ctx, s, a, state)
	}
	redirect, err := oauth.Listen(ctx, address, state)
	if errors.Is(err, oauth.ErrNotLoopback) {
		s.note("%s is not http on this machine, so you have to paste the address that the browser arrives at", address)
		return c.pasted(ctx, s, a, state)
	}
	if err != nil {
		return "", "", trouble("%w (or run it with --paste)", err)
	}
	if err := s.showLink(a, redirect.Address(), state); err != nil {
		return "", "", errors.Join(err, redirect.Close())
	}
	code, err := redirect.Wait(ctx)
	return code, redirect.Address(), errors.Join(err, redirect.Close())
}

func (s *session) showLink(a *authorization, redirect, state string) error {
	link, err := oauth.AuthorizeLink(a.settings.Tokens.AuthorizeURL, a.Account.AppKey, redirect, state)
	if err != nil {
		return err
	}
	return s.printEnd("Open this link in a browser, log in to 1688 and agree:\n\n  %s\n\n", link)
}

// pasted reads the code from standard input.
func (c *authLogin) pasted(ctx context.Context, s *session, a *authorization, state string) (secret.Text, string, error) {
	address := a.settings.Tokens.RedirectURL
	if err := s.showLink(a, address, state); err != nil {
		return "", "", err
	}
	s.print("Then paste the address that the browser ends at, or the code in it:\n")
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	// A read from a terminal cannot be interrupted; it ends with the process.
	go func() {
		text, err := bufio.NewReader(io.LimitReader(s.Stdin, pasteBytesMax)).ReadString('\n')
		if errors.Is(err, io.EOF) && text != "" {
			err = nil
		}
		read <- line{text, err}
	}()
	select {
	case got := <-read:
		if got.err != nil {
			return "", "", trouble("nothing was pasted: %w", got.err)
		}
		code, err := oauth.ReadPaste(got.text, state)
		return code, address, err
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
}
