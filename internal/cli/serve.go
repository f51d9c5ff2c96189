package cli

import (
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// serveCommand serves gRPC and REST.
type serveCommand struct {
	config.Settings `embed:""`

	PrintConfig bool `name:"print-config" help:"Show the settings in force, where each came from, secrets hidden; and end."`
}

// Run serves until the session ends.
func (c *serveCommand) Run(s *session) error {
	settings, err := s.loader.Finish(s.parsed)
	if err != nil {
		return usageError{err}
	}
	for _, warning := range settings.Warnings {
		s.note("warning: %s", s.words.read(warning))
	}
	if c.PrintConfig {
		return settings.Print(s.Stdout)
	}
	// A hang-up signal reloads keys and certificates; it does not end the process.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	server, err := app.New(s.ctx, app.Options{Settings: settings, Version: s.Version, LogTo: s.Stderr, LogDelay: app.LogDelay, Goods: s.goods})
	if err != nil {
		return err
	}
	s.banner(settings, server)
	ended := make(chan struct{})
	var reloading sync.WaitGroup
	reloading.Go(func() {
		for {
			select {
			case <-hangups:
				server.Reload()
			case <-ended:
				return
			}
		}
	})
	defer reloading.Wait()
	defer close(ended)
	return server.Run(s.ctx)
}

// banner says what is running, and how to try it.
func (s *session) banner(settings *config.Loaded, server *app.App) {
	s.print("zhaohuo %s\n", s.Version)
	if settings.Live() {
		if settings.Account.Accounts == "" {
			s.print("  mode     LIVE: App Key %s\n", settings.Account.AppKey)
		} else {
			s.print("  mode     LIVE: accounts %s\n", settings.PoolNames())
		}
	} else {
		goods := s.words.say("all goods are made up")
		if settings.Sandbox.Catalog != "" {
			goods = s.words.say("the goods are from %s", settings.Sandbox.Catalog)
		}
		s.print("  mode     SANDBOX: %s (set ZHAOHUO_APP_KEY and ZHAOHUO_APP_SECRET to go live)\n", goods)
	}
	s.print("  dialect  %s, at %s\n", settings.Upstream.Dialect, server.UpstreamURL())
	grpcAddr, restAddr := server.GRPCAddr(), server.HTTPAddr()
	s.print("  gRPC     %s\n", grpcAddr)
	scheme := "http"
	if settings.Listen.TLSCert != "" {
		scheme = "https"
	}
	if restAddr != nil {
		s.print("  REST     %s://%s\n", scheme, restAddr)
		s.print("  page     %s://%s/\n", scheme, reachable(restAddr))
	}
	if at := server.OpsAddr(); at != nil {
		s.print("  metrics  http://%s/metrics\n", at)
	}
	if scheme == "https" {
		return // An example would need certificates that only their owner has.
	}
	s.print("\nTo try it, paste into a second terminal:\n")
	key := ""
	if settings.Callers.Known() {
		s.print("  export %s=…  # a key of yours\n", config.ClientKeyEnv)
		key = ` -H "x-api-key: $` + config.ClientKeyEnv + `"`
	}
	s.print("  %s -plaintext%s -d '{\"keyword\":\"蓝牙耳机\",\"pageSize\":3}' %s zhaohuo.v1.SearchService/KeywordSearch\n",
		s.beside("grpcurl"), key, reachable(grpcAddr))
	if restAddr != nil {
		s.print("  curl -sG%s http://%s/v1/products:keywordSearch --data-urlencode keyword=蓝牙耳机 -d pageSize=3\n", key, reachable(restAddr))
	}
	s.print("  %s search 蓝牙耳机 --max-price 100 --sort price --addr %s\n\n", s.Args[0], reachable(grpcAddr))
}

// beside is the program next to this one if it exists, else its plain name.
func (s *session) beside(program string) string {
	dir, _ := filepath.Split(s.Args[0])
	if _, err := os.Stat(dir + program); dir != "" && err == nil {
		return dir + program
	}
	return program
}

// reachable is an address to dial for one that is listened on.
func reachable(addr net.Addr) string { return local(addr.String()) }
