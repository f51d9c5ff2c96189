package cli

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
)

// authCommand manages the authorization of the App Key by a user. It works on this machine's data directory, not on a
// server.
type authCommand struct {
	Login   authLogin   `cmd:"" help:"Have a user authorize the App Key, and store the tokens."`
	Status  authStatus  `cmd:"" help:"Show who authorized the App Key, and until when."`
	Refresh authRefresh `cmd:"" help:"Get a new access token now."`
}

// account selects the authorization.
type account struct {
	Config  string `name:"config" placeholder:"FILE" help:"Settings file: App Key, App Secret, data directory and addresses."`
	Account string `name:"account" placeholder:"NAME" help:"Account of the setting accounts. With several accounts login and refresh need it, and status shows all without it."`
}

// authorization is what the commands work with.
type authorization struct {
	*app.Authorization
	settings *config.Loaded
	mode     string
}

// load reads the settings of a live service.
func (a account) load(s *session) (*config.Loaded, error) {
	var flags []string
	if a.Config != "" {
		flags = []string{"--config", a.Config}
	}
	settings, err := config.Load(flags, s.env)
	if err != nil {
		return nil, usageError{err}
	}
	if !settings.Live() {
		return nil, usage("there is no App Key to authorize: set ZHAOHUO_APP_KEY and ZHAOHUO_APP_SECRET")
	}
	return settings, nil
}

// open opens the named account, or the only one. Tokens of one account under the name of another would be refused.
func (a account) open(s *session) (*authorization, error) {
	settings, err := a.load(s)
	if err != nil {
		return nil, err
	}
	if a.Account == "" && len(settings.Pool) > 1 {
		return nil, usage("there are several accounts: name one of them with --account: %s", settings.PoolNames())
	}
	chosen, err := settings.Find(a.Account)
	if err != nil {
		return nil, usageError{err}
	}
	return openAuthorization(s, settings, chosen)
}

func openAuthorization(s *session, settings *config.Loaded, chosen config.PoolAccount) (*authorization, error) {
	opened, err := app.NewAuthorization(settings, chosen)
	if err != nil {
		return nil, usageError{err}
	}
	return &authorization{opened, settings, opened.Mode(s.ctx)}, nil
}

// login is the command that authorizes the account.
func (a *authorization) login() string { return app.LoginCommand(a.Account) }

// asStatus turns a fault into the status a caller of the service gets, which has an exit code and a localized message.
// Other errors concern local files and are returned unchanged.
func (s *session) asStatus(err error) error {
	if _, ok := fault.As(err); !ok {
		return err
	}
	return callError{error: rpcerr.Status(err, s.acceptLanguage()).Err()}
}

// authStatus shows what is stored.
type authStatus struct {
	account
	Check  bool   `name:"check" help:"Ask 1688 for a new access token first, to check that the authorization is not revoked."`
	Output string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`
}

// Run reads the store. It asks 1688 only with --check.
func (c *authStatus) Run(s *session) error {
	settings, err := c.load(s)
	if err != nil {
		return err
	}
	if c.Account == "" && len(settings.Pool) > 1 {
		return c.all(s, settings)
	}
	chosen, err := settings.Find(c.Account)
	if err != nil {
		return usageError{err}
	}
	return c.one(s, settings, chosen)
}

// all shows one account after the other, and what is wrong with each. The exit code is that of the last one that is not well.
func (c *authStatus) all(s *session, settings *config.Loaded) error {
	var last error
	for i, chosen := range settings.Pool {
		if i > 0 && c.Output == "table" {
			s.print("\n")
		}
		if err := c.one(s, settings, chosen); err != nil {
			if last != nil {
				printFailure(s.Stderr, last, s.words)
			}
			last = err
		}
	}
	return last
}

func (c *authStatus) one(s *session, settings *config.Loaded, chosen config.PoolAccount) error {
	a, err := openAuthorization(s, settings, chosen)
	if err != nil {
		return err
	}
	defer a.Close()
	if a.mode != config.TokenOAuth {
		return a.state(oauth.Token{}).write(s, c.Output)
	}
	kept, err := a.Store.Load(s.ctx)
	if errors.Is(err, oauth.ErrNoToken) {
		return s.asStatus(fault.New(fault.UpstreamTokenInvalid, "App Key %s is not authorized: run `%s`", a.Account.AppKey, a.login()))
	}
	if err != nil {
		return err
	}
	if c.Check {
		if kept, err = a.check(s, kept); err != nil {
			return err
		}
	}
	state := a.state(kept)
	if err := state.write(s, c.Output); err != nil {
		return err
	}
	switch {
	case state.RevokedAt != nil:
		return s.asStatus(fault.New(fault.UpstreamTokenInvalid,
			"the authorization of App Key %s is revoked: 1688 refuses to renew its tokens; run `%s`", kept.AppKey, a.login()))
	case !state.Expired || state.Refreshable:
		return nil
	}
	return s.asStatus(fault.New(fault.UpstreamTokenInvalid, "the authorization of App Key %s has ended: run `%s`", kept.AppKey, a.login()))
}

// check renews the tokens, and returns what is stored then: renewed tokens, or those that 1688 refused as revoked. It
// fails if 1688 could not be asked.
func (a *authorization) check(s *session, kept oauth.Token) (oauth.Token, error) {
	source := oauth.NewSource(oauth.Options{Issuer: a.Issuer, Store: a.Store})
	defer source.Close()
	fresh, refusal := source.Refresh(s.ctx)
	if refusal == nil {
		return fresh, nil
	}
	stored, err := a.Store.Load(s.ctx)
	switch {
	case err != nil:
		return oauth.Token{}, err
	case !stored.RevokedAt.IsZero() || kept.RefreshToken.Empty():
		return stored, nil // The state says so.
	default:
		return oauth.Token{}, s.asStatus(refusal)
	}
}

// authState is what can be shown of tokens without revealing them. Unknown expiry times are absent.
type authState struct {
	Account          string     `json:"account,omitempty"`
	AppKey           string     `json:"app_key"`
	Mode             string     `json:"mode"`
	Owner            string     `json:"owner,omitempty"`
	MemberID         string     `json:"member_id,omitempty"`
	ObtainedAt       *time.Time `json:"obtained_at,omitempty"`
	ExpiresAt        *time.Time `json:"expires_at,omitempty"`
	Expired          bool       `json:"expired"`
	Refreshable      bool       `json:"refreshable"`
	RefreshExpiresAt *time.Time `json:"refresh_expires_at,omitempty"`
	RevokedAt        *time.Time `json:"revoked_at,omitempty"`
	File             string     `json:"file,omitempty"`
}

func (a *authorization) state(t oauth.Token) authState {
	state := authState{Account: a.Account.Name, AppKey: a.Account.AppKey, Mode: a.mode}
	if a.mode != config.TokenOAuth {
		return state
	}
	now := time.Now()
	state.Owner, state.MemberID, state.File = t.Owner, t.MemberID, a.Store.Path()
	state.ObtainedAt, state.ExpiresAt, state.RefreshExpiresAt = known(t.ObtainedAt), known(t.ExpiresAt), known(t.RefreshExpiresAt)
	state.Expired = t.Expired(now)
	state.RevokedAt = known(t.RevokedAt)
	state.Refreshable = t.RevokedAt.IsZero() && !t.RefreshToken.Empty() && (t.RefreshExpiresAt.IsZero() || now.Before(t.RefreshExpiresAt))
	return state
}

func known(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return new(at.UTC())
}

// write shows the state as a table or as JSON.
func (state authState) write(s *session, form string) error {
	if form == "json" {
		encoder := json.NewEncoder(s.Stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(state)
	}
	lines := [][2]string{{"App Key", state.AppKey}}
	if state.Account != "" {
		lines = slices.Insert(lines, 0, [2]string{"account", state.Account})
	}
	switch state.Mode {
	case config.TokenNone:
		lines = append(lines, [2]string{"mode", s.words.say("none: no access token is sent")})
	case config.TokenStatic:
		lines = append(lines, [2]string{"mode", s.words.say("static: the configured access token is sent; its end is not known")})
	default:
		user := state.Owner
		if state.MemberID != "" {
			user += " (" + state.MemberID + ")"
		}
		refresh := s.words.say("none")
		if state.RevokedAt != nil {
			refresh = s.words.say("revoked: 1688 refused it at %s", state.RevokedAt.Local().Format("2006-01-02 15:04:05 -0700"))
		} else if state.Refreshable || state.RefreshExpiresAt != nil {
			refresh = s.until(state.RefreshExpiresAt)
		}
		lines = append(lines, [2]string{"mode", s.words.say("oauth: the stored access token is sent, and refreshed")}, [2]string{"user", plain(user)},
			[2]string{"access token", s.until(state.ExpiresAt)}, [2]string{"refresh token", refresh}, [2]string{"file", state.File})
	}
	return s.printFields(14, lines)
}

// until says when something ends, and in how long.
func (s *session) until(end *time.Time) string {
	if end == nil {
		return s.words.say("valid; its end is not known")
	}
	at, left := end.Local().Format("2006-01-02 15:04:05 -0700"), time.Until(*end)
	if left <= 0 {
		return s.words.say("ended at %s", at)
	}
	if left > 48*time.Hour {
		return s.words.say("valid until %s, %d days", at, int(left.Hours()/24))
	}
	return s.words.say("valid until %s, %s", at, left.Round(time.Second))
}

// authRefresh gets a new access token.
type authRefresh struct {
	account
	Output string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`
}

// Run refreshes once, like a server, and shows the result.
func (c *authRefresh) Run(s *session) error {
	a, err := c.open(s)
	if err != nil {
		return err
	}
	defer a.Close()
	if a.mode != config.TokenOAuth {
		return usage("token mode is %s: only tokens by OAuth can be refreshed", a.mode)
	}
	source := oauth.NewSource(oauth.Options{Issuer: a.Issuer, Store: a.Store})
	defer source.Close()
	if _, err := a.Store.Load(s.ctx); err != nil && !errors.Is(err, oauth.ErrNoToken) {
		return err // The error names the file; a fault does not.
	}
	fresh, err := source.Refresh(s.ctx)
	if err != nil {
		return s.asStatus(err)
	}
	return a.state(fresh).write(s, c.Output)
}
