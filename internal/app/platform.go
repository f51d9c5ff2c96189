package app

import (
	"context"
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// platform makes the RPC that calls any API by its name.
func (a *App) platform(p parts) (*server.Platform, error) {
	apis, err := a.openAPIs()
	if err != nil {
		return nil, err
	}
	stored := p.client.Call
	if answers, ok := p.cached.(*cache.Cache); ok {
		stored = func(ctx context.Context, q *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
			return answers.Call(ctx, q, p.client.Call)
		}
	}
	return server.NewPlatform(server.PlatformParts{
		Check: func(q *zhaohuov1.CallRequest) error {
			_, err := p.dialect.CallAPI.Encode(q)
			return err
		},
		Read: p.client.Call, Stored: stored, Write: p.client.CallOnce, APIs: apis, Day: a.apiDay,
	}), nil
}

// openAPIs are the APIs that callers without an API key may call by name. In the sandbox nothing can be broken: whatever it
// serves can be tried.
func (a *App) openAPIs() (func() callers.APIs, error) {
	s := a.settings
	if s.Callers.APIs == "" {
		var served callers.APIs
		if !s.Live() {
			served = sandboxAPIs(s.Upstream.Dialect)
		}
		return func() callers.APIs { return served }, nil
	}
	file, err := callers.OpenAPIs(s.Callers.APIs, a.log, a.registry)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.options.Settings.Named("call-apis-file"), err)
	}
	a.onReload(file.Reload)
	a.onClose(func(context.Context) error {
		file.Close()
		return nil
	})
	return file.APIs, nil
}

func sandboxAPIs(dialect string) callers.APIs {
	served := sandbox.AOPAPIs()
	if dialect == "top" {
		served = sandbox.TOPAPIs()
	}
	var apis callers.APIs
	for _, api := range served {
		apis = append(apis, callers.API{Name: api.Name, Write: api.Writes})
	}
	return apis
}
