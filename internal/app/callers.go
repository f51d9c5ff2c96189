package app

import (
	"context"
	"fmt"
	"net"
	"strings"

	"google.golang.org/grpc/mem"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/server/audit"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/server/callers/bearer"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// newChain makes the interceptors of every RPC.
func (a *App) newChain(buffers mem.BufferPool) (*interceptor.Chain, error) {
	s := a.settings
	c := interceptor.Config{
		Log: a.log, Metrics: a.registry, Traces: a.traces, Buffers: buffers,
		Cut: a.cut, DefaultTimeout: s.Listen.DefaultTimeout, StreamTimeout: s.Listen.StreamTimeout,
		TimeoutMax: s.Listen.TimeoutMax, StreamTimeoutMax: s.Listen.StreamTimeoutMax,
		RequestBytesMax: s.Listen.RequestBytesMax, BodyTimeout: s.Doors.BodyTimeout,
	}
	if a.opsPort != nil {
		host, _, err := net.SplitHostPort(a.opsPort.Addr().String())
		c.AdminOpen = err == nil && publicnet.Loopback(host)
	}
	if a.options.WithoutRPCMetrics {
		c.Metrics = nil
	}
	var err error
	if c.Audit, err = a.openAudit(); err != nil {
		return nil, err
	}
	if c.Shed, err = a.shedLoad(); err != nil {
		return nil, err
	}
	// Without ports the process itself is the only caller, and the keys are its own.
	if !a.options.NoPorts {
		c.CallerRate = s.Callers.Rate
		keys, err := a.openKeys()
		if err != nil {
			return nil, err
		}
		if keys != nil {
			c.Keys, c.DayOf = keys, a.dayOf
		}
	}
	return interceptor.New(c)
}

// openAudit opens the file of who asked what; nil without one.
func (a *App) openAudit() (func(audit.Entry), error) {
	s := a.settings.Watching
	if s.AuditFile == "" || a.options.NoPorts { // A command's own questions are nobody else's.
		return nil, nil
	}
	log, err := audit.Open(audit.Options{Path: s.AuditFile, Megabytes: s.AuditSize, Files: s.AuditFiles, Log: a.log, Metrics: a.registry})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.options.Settings.Named("audit-file"), err)
	}
	a.onClose(log.Close)
	return log.Add, nil
}

// openKeys reads the API keys; nil if none are set.
func (a *App) openKeys() (*callers.Keyring, error) {
	s := a.settings.Callers
	if !s.Known() {
		return nil, nil
	}
	o := callers.Options{
		Path: s.KeysFile, Text: string(s.Keys), Account: a.knownAccount(), Certificates: a.settings.Listen.TLSClientCA != "",
		Log: a.log, Metrics: a.registry,
	}
	tokens, err := a.openBearer()
	if err != nil {
		return nil, err
	}
	if tokens != nil {
		o.Tokens = tokens
	}
	keys, err := callers.Open(o)
	if err != nil {
		setting := "api-keys"
		if s.KeysFile != "" {
			setting = "api-keys-file"
		}
		return nil, fmt.Errorf("%s: %w", a.options.Settings.Named(setting), err)
	}
	a.keys = keys
	if s.KeysFile != "" {
		a.onReload(keys.Reload)
	}
	a.onClose(func(context.Context) error {
		keys.Close()
		return nil
	})
	return keys, nil
}

// openBearer checks callers' tokens; nil if none are accepted.
func (a *App) openBearer() (*bearer.Verifier, error) {
	s := a.settings.Callers
	if s.JWTIssuer == "" {
		return nil, nil
	}
	for setting, address := range map[string]string{"jwt-issuer": s.JWTIssuer, "jwt-keys-url": s.JWTKeysURL} {
		if err := bearer.CheckURL(address); err != nil && address != "" {
			return nil, fmt.Errorf("%s: %w", a.options.Settings.Named(setting), err)
		}
	}
	tokens, err := bearer.New(bearer.Config{
		Issuer: s.JWTIssuer, Audience: s.JWTAudience, Algorithms: strings.FieldsFunc(s.JWTAlgorithms, func(r rune) bool { return r == ',' || r == ' ' }),
		Claim: s.JWTClaim, KeysURL: s.JWTKeysURL, Log: a.log,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.options.Settings.Named("jwt-algorithms"), err)
	}
	a.onClose(func(context.Context) error {
		tokens.Close()
		return nil
	})
	return tokens, nil
}

// knownAccount reports whether the setting accounts has a name; nil without that setting: then pins mean nothing, and a keys
// file can be tried in the sandbox.
func (a *App) knownAccount() func(string) bool {
	if a.settings.Account.Accounts == "" {
		return nil
	}
	return func(name string) bool {
		_, err := a.options.Settings.Find(name)
		return err == nil
	}
}
