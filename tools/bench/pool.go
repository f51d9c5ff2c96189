package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

const (
	// poolSandboxRole runs a sandbox with two apps, and with the calls a second of each. SIGHUP revokes the token of the second.
	poolSandboxRole = "--as-pool-sandbox"
	// poolFirst and poolSecond are the calls a second of the two accounts.
	poolFirst, poolSecond = 5, 10
	poolToken             = "bench-token"
	poolUsedMin           = 0.95
)

// poolKeys are the App Keys of the accounts, by their names.
func poolKeys() map[string]string {
	return map[string]string{"first": benchKey, "second": benchKey + "-2"}
}

func runPoolSandbox() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	tokens := []secret.Text{poolToken}
	keys := poolKeys()
	platform, err := app.NewSandbox(ctx, app.SandboxOptions{
		Addr: "127.0.0.1:0", AppKey: keys["first"], AppSecret: benchSecret, Tokens: tokens, QPS: poolFirst,
		More: []app.SandboxApp{{AppKey: keys["second"], AppSecret: benchSecret, Tokens: tokens, QPS: poolSecond}},
	})
	if err != nil {
		return err
	}
	revoke := make(chan os.Signal, 1)
	signal.Notify(revoke, syscall.SIGHUP)
	go func() {
		for range revoke {
			platform.Revoke(keys["second"], poolToken)
		}
	}()
	fmt.Println(platform.URL())
	return platform.Run(ctx)
}

// poolSettings are those of a service with both accounts.
func poolSettings() (map[string]string, error) {
	dir := scratch()
	for name, text := range map[string]string{"secret": benchSecret, "token": poolToken} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	list := ""
	for name, perSecond := range map[string]int{"first": poolFirst, "second": poolSecond} {
		list += fmt.Sprintf("- {name: %s, app_key: %s, app_secret_file: %s/secret, access_token_file: %s/token, upstream_qps: %d}\n",
			name, poolKeys()[name], dir, dir, perSecond)
	}
	return map[string]string{
		"ZHAOHUO_APP_KEY": "", "ZHAOHUO_APP_SECRET": "", "ZHAOHUO_ACCOUNTS": list, "ZHAOHUO_DEFAULT_TIMEOUT": "2m", "ZHAOHUO_DATA_DIR": scratch(),
	}, nil
}

// pool asks 100 different keywords at once of a service with two App Keys of 5 and 10 calls a second; then 100 more, and half
// way the second App Key's token is revoked.
func pool(ctx context.Context, r *report) error {
	for _, revoked := range []bool{false, true} {
		if err := poolRun(ctx, r, revoked); err != nil {
			return err
		}
	}
	return nil
}

func poolRun(ctx context.Context, r *report, revoked bool) error {
	sandbox, err := startChild(ctx, nil, poolSandboxRole)
	if err != nil {
		return err
	}
	defer sandbox.stop()
	settings, err := poolSettings()
	if err != nil {
		return err
	}
	service, err := startChild(ctx, against(sandbox.said, settings), serviceRole)
	if err != nil {
		return err
	}
	defer service.stop()
	half := func() {}
	if revoked {
		half = func() { _ = sandbox.cmd.Process.Signal(syscall.SIGHUP) }
	}
	answered, err := askOnce(ctx, []string{service.said}, half)
	if err != nil {
		return err
	}
	came, err := (&platform{url: sandbox.said}).arrived(ctx)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%d keywords at once, App Keys of %d and %d calls/s", questions, poolFirst, poolSecond)
	if revoked {
		r.promise(what+", one revoked half way: lost", answered == questions, "0", "%d", questions-answered)
		r.figure("  calls beside those answered: met the revoked token", "%d", came.Arrivals-int64(answered))
		return nil
	}
	r.promise(what+": lost", answered == questions, "0", "%d", questions-answered)
	r.promise("  throttled by the upstream", came.Throttled == 0, "0", "%d", came.Throttled)
	// The first call of each account does not wait.
	used := float64(came.Arrivals-2) / came.LastArrival.Sub(came.FirstArrival).Seconds() / (poolFirst + poolSecond)
	r.promise("  share of the sum of the rates used", used >= poolUsedMin, "95 %", "%.1f %%", 100*used)
	return nil
}
