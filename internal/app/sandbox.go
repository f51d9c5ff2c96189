package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/pusher"
)

// SandboxOptions configure a Sandbox.
type SandboxOptions struct {
	// Addr is the listening address, HOST:PORT.
	Addr   string
	AppKey string
	// AppSecret is random if empty.
	AppSecret secret.Text
	// Tokens are the valid access tokens. Without any, calls carry no token.
	Tokens []secret.Text
	// More are apps beside AppKey.
	More []SandboxApp
	// QPS and Daily bound calls a second and a day; 0 is no limit.
	QPS, Daily int
	Latency    time.Duration
	// Drift is how long a step of the goods' drift lasts; 0 has prices stand still.
	Drift time.Duration
	// PushTo is where changes of PushProducts are pushed at each step of the drift; empty for nowhere.
	PushTo       string
	PushProducts []int64
	// Shape is the form of TOP answers; empty for real TOP's.
	Shape string
	// AnyZone accepts TOP timestamps of any time zone.
	AnyZone bool
	// Tutorial serves the tutorial's own client: see sandbox.Config.Tutorial. Shape and AnyZone are then ignored.
	Tutorial bool
	// CatalogueDir is a folder with the user's own products; empty for the built-in, made-up ones. The sandbox reads all
	// photos of such a folder in the background at start, so that the first search by photo waits less.
	CatalogueDir string
	// Goods is the built-in catalogue, shared by several sandboxes of one process and closed by the caller. It is not used if
	// CatalogueDir is given. With nil, the sandbox opens a catalogue of its own.
	Goods *Goods
	Log   *slog.Logger
}

// SandboxApp is a further app of a sandbox.
type SandboxApp struct {
	AppKey    string
	AppSecret secret.Text
	// Tokens are as in [SandboxOptions].
	Tokens []secret.Text
	// QPS and Daily are as in [SandboxOptions]; 0 takes the limit from there.
	QPS, Daily int
}

// Sandbox is a sandbox on a port of its own.
type Sandbox struct {
	secret   secret.Text
	goods    *Goods
	borrowed bool
	handler  *sandbox.Sandbox
	port     net.Listener
	server   *http.Server
	pusher   *pusher.Pusher // nil where nothing is pushed
}

// NewSandbox builds the sandbox and opens its port; Serve serves on it.
func NewSandbox(ctx context.Context, o SandboxOptions) (*Sandbox, error) {
	log := cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	s := &Sandbox{secret: cmp.Or(o.AppSecret, secret.Text(rand.Text()))}
	if o.CatalogueDir == "" && o.Goods != nil {
		s.goods, s.borrowed = o.Goods, true
	}
	var err error
	if s.goods == nil {
		if s.goods, err = OpenGoods(o.CatalogueDir, log); err != nil {
			return nil, err
		}
	}
	config := sandbox.Config{
		Apps:       appsOf(o, s.secret),
		Limits:     sandbox.Limits{PerSecond: o.QPS, PerDay: o.Daily},
		Latency:    o.Latency,
		Drift:      o.Drift,
		Catalogue:  s.goods.catalogue,
		Pictures:   s.goods.pictures,
		TOPShape:   sandbox.Shape(o.Shape),
		TOPAnyZone: o.AnyZone,
	}
	if o.Tutorial {
		config = config.Tutorial()
	}
	s.handler, err = sandbox.New(config)
	if err != nil {
		return nil, errors.Join(err, s.closeGoods())
	}
	if s.port, err = listen(ctx, "the sandbox", o.Addr); err != nil {
		return nil, errors.Join(err, s.closeGoods())
	}
	if o.PushTo != "" {
		s.pusher, err = pusher.New(pusher.Options{
			URL: o.PushTo, AppKey: o.AppKey, AppSecret: s.secret.Reveal(), Products: o.PushProducts, Drift: o.Drift, Log: log,
			Undelivered: func(text string) { s.handler.StoreUndelivered(o.AppKey, text) },
		})
		if err != nil {
			return nil, errors.Join(err, s.port.Close(), s.closeGoods())
		}
	}
	if o.CatalogueDir != "" {
		s.goods.pictures.Warm()
	}
	s.server = &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

func appsOf(o SandboxOptions, first secret.Text) []sandbox.App {
	var all []sandbox.App
	for _, one := range append([]SandboxApp{{AppKey: o.AppKey, AppSecret: first, Tokens: o.Tokens}}, o.More...) {
		app := sandbox.App{Key: one.AppKey, Secret: one.AppSecret.Reveal(), SingleUser: len(one.Tokens) == 0, PerSecond: one.QPS, PerDay: one.Daily}
		for _, token := range one.Tokens {
			app.Tokens = append(app.Tokens, sandbox.Token{Value: token.Reveal()})
		}
		all = append(all, app)
	}
	return all
}

// URL is the origin of both dialects.
func (s *Sandbox) URL() string { return "http://" + s.port.Addr().String() }

// AppSecret is the App Secret in use, given or random.
func (s *Sandbox) AppSecret() secret.Text { return s.secret }

// Revoke ends an access token of an app.
func (s *Sandbox) Revoke(appKey string, token secret.Text) {
	s.handler.RevokeToken(appKey, token.Reveal())
}

// Serve serves until Close.
func (s *Sandbox) Serve() error {
	if s.pusher != nil {
		ctx, cancel := context.WithCancel(context.Background())
		var pushing sync.WaitGroup
		pushing.Go(func() { s.pusher.Run(ctx) })
		defer pushing.Wait()
		defer cancel()
	}
	if err := s.server.Serve(s.port); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Run serves until ctx ends, and closes.
func (s *Sandbox) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- s.Serve() }()
	select {
	case err := <-ended:
		return errors.Join(err, s.Close())
	case <-ctx.Done():
		return errors.Join(s.Close(), <-ended)
	}
}

// Close cancels running calls.
func (s *Sandbox) Close() error {
	return errors.Join(s.handler.Close(), s.server.Close(), ignoreClosed(s.port.Close()), s.closeGoods())
}

func (s *Sandbox) closeGoods() error {
	if s.borrowed {
		return nil
	}
	return s.goods.Close()
}
