package app

import (
	"context"
	"crypto/tls"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/reflection"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zhaohuo-dev/zhaohuo"
	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/logwriter"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/server/door"
	"github.com/zhaohuo-dev/zhaohuo/server/gateway"
	"github.com/zhaohuo-dev/zhaohuo/server/wire"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// New builds the service and opens its ports; Run serves on them. ctx bounds only the building.
func New(ctx context.Context, o Options) (_ *App, err error) {
	log, level := logwriter.New(o.LogTo, o.LogDelay), newLogLevel(o)
	a := &App{
		options: o, settings: &o.Settings.Settings, log: newLog(o, level, log), level: level, registry: newRegistry(o.Version),
		stopping: make(chan struct{}),
	}
	countLostLines(a.registry, log)
	a.onClose(func(ctx context.Context) error {
		level.close()
		ctx, cancel := context.WithTimeout(ctx, logTimeout)
		defer cancel()
		_ = log.Close(ctx) // A log that cannot be written is no reason to fail.
		return nil
	})
	a.cut, a.cutOff = context.WithCancel(context.Background())
	a.draining, a.drainNow = context.WithCancel(context.Background())
	a.onClose(func(context.Context) error {
		a.cutOff()
		a.drainNow()
		return nil
	})
	defer func() { // Closing has its own time limit: ctx may have ended.
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	// The most likely errors come first: certificates and ports.
	sealed, err := a.openCertificates()
	if err != nil {
		return nil, err
	}
	if err := a.openDoors(); err != nil {
		return nil, err
	}
	if err := a.openPorts(ctx); err != nil {
		return nil, err
	}
	if err := a.openOps(ctx); err != nil {
		return nil, err
	}
	if err := a.openTraces(ctx); err != nil {
		return nil, err
	}
	if err := a.openUpstream(ctx); err != nil {
		return nil, err
	}
	if err := a.build(ctx, sealed); err != nil {
		return nil, err
	}
	return a, nil
}

// build makes dialect, quota, upstream and cache; serve makes server and gateway.
func (a *App) build(ctx context.Context, sealed *tls.Config) error {
	s, watchStore := a.settings, a.watchStoreOpening(ctx)
	limits := upstream.Limits{PageSizeMax: s.Upstream.PageSizeMax, Window: s.Upstream.ResultWindow}
	dialect, err := newDialect(s, a.place.url, limits, !s.Live())
	if err != nil {
		return err
	}
	limiter, err := a.openQuota(ctx, dialect.APIs())
	if err != nil {
		return err
	}
	if err := a.openCounts(); err != nil {
		return err
	}
	sender, err := a.newSender()
	if err != nil {
		return err
	}
	if err := a.watchSender(sender); err != nil {
		return err
	}
	accounts, err := a.openAccounts(ctx, sender)
	if err != nil {
		return err
	}
	attempts, err := newAttemptMetrics(a.registry, dialect.APIs())
	if err != nil {
		return err
	}
	photos, err := a.openPhotos(dialect)
	if err != nil {
		return err
	}
	reserveHeap()
	a.trimMemory(func() int64 {
		return a.bodies.Used() + photos.Store.Budget().Used() + int64(a.doors.Open())*connectionBytes
	})
	kept, err := a.openKept(ctx, dialect)
	if err != nil {
		return err
	}
	client := upstream.New(upstream.Options{
		Dialect:        dialect,
		Accounts:       accounts,
		Quota:          limiter,
		HTTP:           sender,
		AttemptTimeout: s.Upstream.Timeout,
		AnswerBytesMax: s.Upstream.AnswerBytesMax,
		Backoff:        upstream.Backoff{Attempts: s.Upstream.Attempts, First: s.Upstream.Backoff, Max: s.Upstream.BackoffMax},
		Breaker:        s.Upstream.Breaker,
		PhotoIDs:       kept.ids(),
		Sandbox:        !s.Live(),
		Log:            a.log,
		Observe:        attempts.observe,
	})
	a.onClose(func(context.Context) error {
		client.Close()
		return nil
	})
	if err := registerBreaker(a.registry, client.BreakerStatus); err != nil {
		return err
	}
	cached, err := a.openCache(client, kept)
	if err != nil {
		return err
	}
	if err := a.serve(parts{dialect, limits, limiter, accounts, client, cached, photos, watchStore}, sealed); err != nil {
		return err
	}
	if kept.warmed != nil {
		<-kept.warmed
	}
	return nil
}

// parts are what the RPCs are served from.
type parts struct {
	dialect *upstream.Dialect
	limits  upstream.Limits
	limiter *quota.Dispatcher
	// accounts has at least one.
	accounts []upstream.Account
	client   *upstream.Client
	cached   answers
	photos   server.Photos
	// watchStore waits for the store of price watches.
	watchStore func() (*store.Store, error)
}

// serve makes the server and the gateway, which use the parts.
func (a *App) serve(p parts, sealed *tls.Config) error {
	s, buffers := a.settings, wire.NewBuffers()
	chain, err := a.newChain(buffers)
	if err != nil {
		return err
	}
	a.grpc, a.inner = a.newGRPC(chain, sealed, buffers), a.newGRPC(chain, sealed, buffers)
	a.onClose(a.stopUnserved)
	services, offered := chain.Registrar(onBoth{a.grpc, a.inner}), capability.NewTable(p.dialect.Capabilities)
	zhaohuov1.RegisterSearchServiceServer(services, server.NewSearch(p.cached, offered, p.limits, p.photos))
	products := server.NewProduct(p.cached, offered, p.limits, a.source())
	zhaohuov1.RegisterProductServiceServer(services, products)
	zhaohuov1.RegisterCategoryServiceServer(services, server.NewCategory(p.cached, offered))
	combos, err := a.newCombo(p.dialect, offered, p.cached, p.limits, p.photos)
	if err != nil {
		return err
	}
	zhaohuov1.RegisterComboServiceServer(services, combos)
	watches, err := a.openWatches(p, combos)
	if err != nil {
		return err
	}
	zhaohuov1.RegisterPriceWatchServiceServer(services, server.NewPriceWatch(server.PriceWatchParts{
		Service: watches, Offered: offered, Photos: p.photos, Trends: products, Source: a.source(),
		IntervalMin: s.Watches.IntervalMin, IntervalMax: config.IntervalMax,
	}))
	platform, err := a.platform(p)
	if err != nil {
		return err
	}
	zhaohuov1.RegisterPlatformServiceServer(services, platform)
	pushes, err := a.openPushes(p)
	if err != nil {
		return err
	}
	about := a.about(p.dialect.ID, offered)
	about.PriceWatches, about.Pushes = a.watchOffer(watches != nil), a.pushOffer()
	zhaohuov1.RegisterInfoServiceServer(services, server.NewInfo(server.InfoParts{
		About: about, Doctor: a.newDoctor(p.dialect, p.client, p.accounts, pushes), Margin: p.limiter.Margin, Usage: usageOf(p.limiter),
		Load: func(load *zhaohuov1.ServerLoad) {
			load.RunningRequests, load.RunningCalls = chain.Running(), a.openCalls.Load()
			load.Circuit = circuitOf(p.client.BreakerStatus().State)
		},
	}))
	reflection.Register(struct {
		grpc.ServiceRegistrar
		reflection.ServiceInfoProvider
	}{services, a.grpc})
	a.health = newChecks(a.grpc, services)
	a.openAdmin(chain, p, watches)

	if err := a.openMemory(buffers); err != nil {
		return err
	}
	pages, err := a.page()
	if err != nil {
		return err
	}
	agents, err := a.agents(a.inside(chain), p.photos.Hosts)
	if err != nil {
		return err
	}
	a.routes, err = gateway.New(gateway.Config{
		Page: pages, Agents: agents, Pushes: pushes.door, Origins: s.Listen.OriginList(), Pictures: p.photos.Hosts,
		Conn: a.inside(chain), RequestBytesMax: int64(s.Listen.RequestBytesMax), Ready: a.ready.Load,
		CallerOf: chain.CallerOf, Received: door.Begin, Bodies: a.bodies, Cut: a.cut, BodyTimeout: s.Doors.BodyTimeout, BodyRateMin: s.Doors.BodyRateMin,
		PhotoBytesMax: s.Photos.BytesMax, UploadIdle: s.Photos.IdleTimeout,
		Traces: a.traces, Log: a.log, OpenAPI: zhaohuo.OpenAPI, Version: a.options.Version,
	})
	if err != nil {
		return err
	}
	a.rest = a.newREST(a.routes, sealed)
	return nil
}

// source is the source of answers without a cache.
func (a *App) source() zhaohuov1.AnswerSource {
	if a.settings.Live() {
		return zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE
	}
	return zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
}

// about is the answer of GetServerInfo.
func (a *App) about(dialect zhaohuov1.UpstreamDialect, offered *capability.Table) *zhaohuov1.GetServerInfoResponse {
	s := a.settings
	mode := zhaohuov1.ServerMode_SERVER_MODE_SANDBOX
	if s.Live() {
		mode = zhaohuov1.ServerMode_SERVER_MODE_LIVE
	}
	return &zhaohuov1.GetServerInfoResponse{
		Version: a.options.Version,
		Mode:    mode,
		Dialect: dialect,
		Limits: &zhaohuov1.ServerLimits{
			UpstreamQps:      a.place.qps(),
			PageSizeMax:      s.Upstream.PageSizeMax,
			ResultWindow:     s.Upstream.ResultWindow,
			RequestBytesMax:  int64(s.Listen.RequestBytesMax),
			DefaultTimeout:   durationpb.New(s.Listen.DefaultTimeout),
			TimeoutMax:       durationpb.New(s.Listen.TimeoutMax),
			StreamTimeoutMax: durationpb.New(s.Listen.StreamTimeoutMax),
		},
		Capabilities: offered.Fields(),
		Account:      a.accountFingerprint(dialect),
	}
}
