package app

import (
	"context"
	"fmt"

	"google.golang.org/grpc/mem"

	"github.com/zhaohuo-dev/zhaohuo/server/callers"
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
	if a.options.WithoutRPCMetrics {
		c.Metrics = nil
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

// openKeys reads the API keys; nil if none are set.
func (a *App) openKeys() (*callers.Keyring, error) {
	s := a.settings.Callers
	if !s.Known() {
		return nil, nil
	}
	keys, err := callers.Open(callers.Options{Path: s.KeysFile, Text: string(s.Keys), Account: a.knownAccount(), Log: a.log, Metrics: a.registry})
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
