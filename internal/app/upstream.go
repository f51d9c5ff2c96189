package app

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// place is the upstream's address and the accounts that call it.
type place struct {
	// url is a base for aop and the full address for top.
	url string
	// accounts has at least one.
	accounts []config.PoolAccount
}

// openUpstream finds the upstream: 1688, or without an App Key a sandbox in this process, which is reached over HTTP
// like the real one.
func (a *App) openUpstream(ctx context.Context) error {
	s := a.settings
	if s.Live() {
		a.place = place{url: liveURL(s.Upstream), accounts: a.options.Settings.Pool}
		return nil
	}
	// Credentials are random at each start, so they cannot be confused with real ones or used from elsewhere.
	token := secret.Text(rand.Text())
	sandbox, err := NewSandbox(ctx, SandboxOptions{
		Goods: a.options.Goods,
		Addr:  "127.0.0.1:0", AppKey: "sandbox", Tokens: []secret.Text{token},
		QPS: s.Sandbox.QPS, Latency: s.Sandbox.Latency, Drift: s.Sandbox.Drift, CatalogueDir: s.Sandbox.Catalog, Log: a.log,
	})
	if err != nil {
		return err
	}
	// It serves at once, until everything that uses it has ended.
	ended := make(chan error, 1)
	go func() { ended <- sandbox.Serve() }()
	a.onClose(func(context.Context) error { return errors.Join(sandbox.Close(), <-ended) })
	perAPI, err := s.Quota.APILimits()
	if err != nil {
		return err
	}
	a.place = place{url: sandbox.URL(), accounts: []config.PoolAccount{{
		AppKey: "sandbox", AppSecret: sandbox.AppSecret(), AccessToken: token, TokenMode: config.TokenStatic,
		QPS: s.Quota.QPS, Daily: s.Quota.Daily, PerAPI: perAPI,
	}}}
	if s.Upstream.Dialect == "top" {
		a.place.url += "/router/rest"
	}
	return nil
}

func liveURL(u config.Upstream) string {
	switch {
	case u.URL != "":
		return u.URL
	case u.Dialect == "top":
		return top.DefaultURL
	default:
		return aop.DefaultBaseURL
	}
}

// newDialect is the dialect for the address. A sandbox sends phrases that 1688 is not known to send.
func newDialect(s *config.Settings, address string, limits upstream.Limits, sandboxed bool) (*upstream.Dialect, error) {
	u, p := s.Upstream, s.Products
	codes, err := u.ReadCodes()
	if err != nil {
		return nil, err
	}
	if u.Dialect == "top" {
		return top.New(top.Config{
			URL:        address,
			SignMethod: top.SignMethod(u.SignMethod),
			Limits:     limits,
			Methods: top.Methods{
				KeywordSearch: u.TOPKeywordMethod, ImageSearch: u.TOPImageMethod,
				GetProduct: p.TOPDetailMethod, ListSellerProducts: p.TOPSellerMethod,
			},
			ProductIDParam: p.TOPDetailIDParam,
			SellerIDParam:  p.TOPSellerIDParam,
			KeywordForm:    top.KeywordForm(u.TOPKeywordForm),
			BanCeiling:     codes.BanMax,
			SuccessCodes:   codes.Success,
			Faults:         codes.Faults,
			Scopes:         codes.Scopes,
			Phrases:        phrasesOf(codes, func(p config.Phrase) top.Phrase { return top.Phrase(p) }),
		}), nil
	}
	c := aop.Config{
		BaseURL: address, Limits: limits, SkipKeywordTranslation: u.AOPSkipTranslate, SuccessCodes: codes.Success, Faults: codes.Faults, Scopes: codes.Scopes,
		Phrases: phrasesOf(codes, func(p config.Phrase) aop.Phrase { return aop.Phrase(p) }),
	}
	for _, api := range []struct {
		id string
		to *aop.Method
	}{
		{u.AOPKeywordAPI, &c.Methods.KeywordSearch},
		{u.AOPUploadAPI, &c.Methods.UploadImage},
		{u.AOPImageAPI, &c.Methods.ImageSearch},
		{p.AOPDetailAPI, &c.Methods.GetProduct},
		{p.AOPSellerAPI, &c.Methods.ListSellerProducts},
		{p.AOPFacetsAPI, &c.Methods.ListSearchFacets},
		{p.AOPTopKeywordsAPI, &c.Methods.ListTopKeywords},
		{p.AOPRelatedAPI, &c.Methods.ListRelatedProducts},
		{p.AOPCategoriesAPI, &c.Methods.FindCategories},
		{p.AOPCategoryAPI, &c.Methods.GetCategory},
		{p.AOPFreightAPI, &c.Methods.EstimateFreight},
		{p.AOPPreviewAPI, &c.Methods.PreviewOrder},
		{p.AOPTopListAPI, &c.Methods.ListTopProducts},
		{p.AOPSalesTrendAPI, &c.Methods.SalesTrend},
		{p.AOPPriceTrendAPI, &c.Methods.PriceTrend},
		{p.AOPRepurchaseTrendAPI, &c.Methods.RepurchaseTrend},
	} {
		var err error
		if *api.to, err = aop.ParseMethod(api.id); err != nil {
			return nil, err
		}
	}
	if sandboxed {
		c.Faults = map[string]fault.Kind{"gw.TimestampInvalid": fault.UpstreamClockSkew}
		maps.Copy(c.Faults, codes.Faults)
	}
	return aop.New(c), nil
}

// phrasesOf are the configured phrases in a dialect's form.
func phrasesOf[P any](c config.Codes, form func(config.Phrase) P) []P {
	var all []P
	for _, p := range c.Phrases {
		all = append(all, form(p))
	}
	return all
}

// newSender is the HTTP client of upstream calls. It keeps connections and follows no redirect, because a signature is
// valid for one address. It uses a proxy of the environment only if the settings say so.
func (a *App) newSender() (*http.Client, error) {
	proxy, err := proxyOf(a.settings.Upstream.Proxy)
	if err != nil {
		return nil, err
	}
	if !a.settings.Live() {
		proxy = nil
	}
	transport := &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: upstream.CheckProxyAnswer,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    5 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		// A connection over which nothing comes any more, as after a router has forgotten it, must not serve further calls.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 2 * time.Second, PingTimeout: 2 * time.Second},
	}
	a.onClose(func(context.Context) error {
		transport.CloseIdleConnections()
		return nil
	})
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

func proxyOf(setting string) (func(*http.Request) (*url.URL, error), error) {
	switch setting {
	case "none":
		return nil, nil
	case "env":
		return http.ProxyFromEnvironment, nil
	}
	address, err := url.Parse(setting)
	if err != nil {
		return nil, errors.New("the upstream proxy is not an address") // The cause would quote its password.
	}
	return http.ProxyURL(address), nil
}
