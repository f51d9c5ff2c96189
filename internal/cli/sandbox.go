package cli

import (
	"log/slog"
	"net"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// sandboxCommand serves the sandbox alone. Its secrets are flags because they protect nothing.
type sandboxCommand struct {
	Addr      string        `name:"addr" default:"127.0.0.1:1688" placeholder:"HOST:PORT" help:"Where both dialects are served."`
	AppKey    string        `name:"app-key" default:"1000000" placeholder:"KEY" help:"App Key that is known."`
	AppSecret secret.Text   `name:"app-secret" placeholder:"SECRET" help:"Its App Secret. Unset: one is made up and shown."`
	Token     []secret.Text `name:"access-token" placeholder:"TOKEN" help:"Access token that is good. Unset: calls need none."`
	QPS       int           `name:"qps" default:"10" placeholder:"N" help:"Calls a second before it answers that they come too fast; 0 is no limit."`
	Daily     int           `name:"daily" default:"0" placeholder:"N" help:"Calls a day before the allowance is used up; 0 is no limit."`
	Latency   time.Duration `name:"latency" default:"0s" help:"How long it thinks before each answer."`
	Drift     time.Duration `name:"drift" default:"0s" help:"How long each step of its moving prices lasts: at every second step an offer costs something else, and some offers go away for a while. 0 has prices stand still."`
	PushTo    string        `name:"push-to" placeholder:"URL" help:"Address that changes of --push-products are pushed to, as 1688 pushes them: signed, some of them twice and out of order. It needs --drift."`
	Products  []int64       `name:"push-products" placeholder:"ID" help:"Goods whose changes are pushed, as of goods that an account follows."`
	Shape     string        `name:"shape" default:"wrapped" enum:"wrapped,bare,search-response,products" help:"Where a top answer keeps its list: wrapped (as real TOP does), or bare, search-response or products, which the tutorial's client reads."`
	AnyZone   bool          `name:"any-zone" help:"Take top timestamps of any time zone, as the tutorial's client sends its machine's."`
	Tutorial  bool          `name:"tutorial" help:"Serve the tutorial's own client unchanged: --any-zone, --shape bare, prices and sold counts as plain numbers in every row, HMAC-SHA1 labelled md5, and images at addresses anywhere, each of which stands for some goods."`
	Catalog   string        `name:"catalog" placeholder:"DIR" help:"Folder with goods of your own: offers.jsonl or offers.csv, and photos. Unset: made-up goods."`
	Insecure  bool          `name:"insecure-listen" help:"Allow an address off loopback."`
}

// Run serves until the session ends.
func (c *sandboxCommand) Run(s *session) error {
	host, _, err := net.SplitHostPort(c.Addr)
	switch {
	case err != nil:
		return usage("--addr: must be HOST:PORT but is %q", c.Addr)
	case !publicnet.Loopback(host) && !c.Insecure:
		return usage("--addr: other machines can reach %s: listen on 127.0.0.1, or confirm with --insecure-listen", c.Addr)
	}
	if c.Drift < 0 {
		return usage("--drift: must not be negative but is %s", c.Drift)
	}
	if c.PushTo != "" && (c.Drift == 0 || len(c.Products) == 0) {
		return usage("--push-to: needs --drift and --push-products")
	}
	sandbox, err := app.NewSandbox(s.ctx, app.SandboxOptions{
		Addr: c.Addr, AppKey: c.AppKey, AppSecret: c.AppSecret, Tokens: c.Token, QPS: c.QPS, Daily: c.Daily,
		Latency: c.Latency, Drift: c.Drift, PushTo: c.PushTo, PushProducts: c.Products, Shape: c.Shape, AnyZone: c.AnyZone, Tutorial: c.Tutorial, CatalogueDir: c.Catalog, Goods: s.goods,
		Log: slog.New(slog.NewTextHandler(s.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	goods := s.words.say("all goods are made up")
	if c.Catalog != "" {
		goods = s.words.say("nothing here is from 1688; the goods are from %s", c.Catalog)
	}
	s.print("zhaohuo %s SANDBOX: %s\n", s.Version, goods)
	s.print("  aop         %s\n  top         %s/router/rest\n", sandbox.URL(), sandbox.URL())
	s.print("  App Key     %s\n", c.AppKey)
	if c.AppSecret.Empty() {
		s.print("  App Secret  %s\n", sandbox.AppSecret().Reveal())
	}
	return sandbox.Run(s.ctx)
}
