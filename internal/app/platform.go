package app

import (
	"context"
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// apisFileBytesMax bounds the file of the setting call-apis-file.
const apisFileBytesMax = 1 << 20

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
func (a *App) openAPIs() (callers.APIs, error) {
	s := a.settings
	if s.Callers.APIs == "" {
		if s.Live() {
			return nil, nil
		}
		return sandboxAPIs(s.Upstream.Dialect), nil
	}
	text, err := boundedio.ReadFile(s.Callers.APIs, apisFileBytesMax)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.options.Settings.Named("call-apis-file"), err)
	}
	apis, err := callers.ReadAPIs(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", a.options.Settings.Named("call-apis-file"), s.Callers.APIs, err)
	}
	return apis, nil
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
