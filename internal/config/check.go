package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
)

// check refuses settings that contradict themselves or each other. Every message names the setting as its user wrote it.
func (l *Loaded) check() error {
	return errors.Join(
		l.checkAccount(),
		l.checkTokens(),
		l.checkUpstreamURL(),
		l.checkProxy(),
		l.checkNames(),
		l.checkProducts(),
		l.checkCodes(),
		l.checkNumbers(),
		l.checkCache(),
		l.checkPhotos(),
		l.checkWatches(),
		l.checkAgents(),
		l.checkPushes(),
		l.checkDoors(),
		l.checkCallers(),
		l.checkListen(),
		l.checkTraces(),
		within(l, "audit-size", l.Watching.AuditSize, 1, 100_000),
		within(l, "audit-files", l.Watching.AuditFiles, 1, 10_000),
	)
}

// Named is how the user knows the setting: where they set it, or all its names.
func (l *Loaded) Named(name string) string {
	for _, row := range Table() {
		if row.Name == name && !row.Secret {
			return cmp.Or(l.Origins[name], row.Flag()+" ("+row.Env()+")")
		}
	}
	return cmp.Or(l.Origins[name], envName(name))
}

func (l *Loaded) refuse(name, format string, args ...any) error {
	return fmt.Errorf("%s: %s", l.Named(name), fmt.Sprintf(format, args...))
}

var appKeyForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// checkAccount refuses a half-configured account, which would otherwise run the sandbox.
func (l *Loaded) checkAccount() error {
	if !l.Live() {
		for _, name := range append([]string{"app-secret", "access-token", "upstream-url"}, l.tokenOrigins()...) {
			if l.Origins[name] != "" {
				return l.withoutKey(name)
			}
		}
		return nil
	}
	if l.Account.Accounts != "" {
		return nil
	}
	if !appKeyForm.MatchString(l.Account.AppKey) {
		return l.refuse("app-key", "is not an App Key: letters, digits and _.- only")
	}
	if l.Account.AppSecret.Empty() {
		return fmt.Errorf("%s is set but no App Secret: set %s or %s",
			l.Named("app-key"), envName("app-secret"), envName("app-secret"+fileSuffix))
	}
	return nil
}

func (l *Loaded) checkUpstreamURL() error {
	if l.Upstream.URL == "" {
		return nil
	}
	u, err := url.Parse(l.Upstream.URL)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return l.refuse("upstream-url", "must be an address such as https://gw.open.1688.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return l.refuse("upstream-url", "must not hold a user, a query or a fragment")
	case l.Upstream.Dialect == "aop" && strings.Trim(u.Path, "/") != "":
		return l.refuse("upstream-url", "for dialect aop must be scheme and host only, without a path")
	case l.Upstream.Dialect == "top" && strings.Trim(u.Path, "/") == "":
		return l.refuse("upstream-url", "for dialect top must be the whole address, such as https://api.1688.com/router/rest")
	}
	return nil
}

func (l *Loaded) checkProxy() error {
	switch l.Upstream.Proxy {
	case "none", "env":
		return nil
	}
	// A proxy's address may hold a password, so it is never quoted.
	u, err := url.Parse(l.Upstream.Proxy)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) {
		return l.refuse("upstream-proxy", "must be none, env, or an http, https or socks5 address")
	}
	return nil
}

var (
	aopAPIForm    = regexp.MustCompile(`^[A-Za-z0-9_.]+:[A-Za-z0-9_.]+-[0-9]+$`)
	topMethodForm = regexp.MustCompile(`^[A-Za-z0-9_.]+$`)
)

func (l *Loaded) checkNames() error {
	var all []error
	u := l.Upstream
	for _, api := range []struct{ name, value string }{
		{"aop-keyword-api", u.AOPKeywordAPI}, {"aop-upload-api", u.AOPUploadAPI}, {"aop-image-api", u.AOPImageAPI},
	} {
		if !aopAPIForm.MatchString(api.value) {
			all = append(all, l.refuse(api.name, "must be namespace:name-version but is %q", api.value))
		}
	}
	for _, method := range []struct{ name, value string }{
		{"top-keyword-method", u.TOPKeywordMethod}, {"top-image-method", u.TOPImageMethod},
	} {
		if !topMethodForm.MatchString(method.value) {
			all = append(all, l.refuse(method.name, "must be a method name but is %q", method.value))
		}
	}
	return errors.Join(all...)
}

func (l *Loaded) checkNumbers() error {
	u, s, q := l.Upstream, l.Listen, l.Quota
	var all []error
	if math.IsNaN(q.QPS) || q.QPS < 0 || q.QPS > 1e6 {
		all = append(all, l.refuse("upstream-qps", "must be 0 (no limit) to 1000000 but is %v", q.QPS))
	}
	if math.IsNaN(q.Margin) || q.Margin < 0 || q.Margin > 0.45 {
		all = append(all, l.refuse("quota-margin", "must be 0 to 0.45 but is %v", q.Margin))
	}
	if _, err := q.APILimits(); err != nil {
		all = append(all, l.refuse("upstream-api-limits", "%v", err))
	}
	for _, n := range []struct {
		name           string
		value, low, up int64
	}{
		{"upstream-attempts", int64(u.Attempts), 1, 10},
		{"upstream-breaker", int64(u.Breaker), 0, 1000},
		{"cache-memory", l.Cache.MemoryBytes, 1 << 20, 1 << 40},
		{"cache-disk", l.Cache.DiskBytes, 1 << 20, 1 << 50},
		{"upstream-daily", q.Daily, 0, math.MaxInt64},
		{"quota-replicas", int64(q.Replicas), 1, 10_000},
		{"queue-max", int64(q.QueueMax), 1, 1 << 20},
		{"answer-bytes-max", u.AnswerBytesMax, 1 << 10, 1 << 30},
		{"request-bytes-max", int64(s.RequestBytesMax), 1 << 10, 1 << 28},
		{"page-size-max", int64(u.PageSizeMax), 1, 50},
		{"result-window", int64(u.ResultWindow), 1, 1_000_000},
		{"sandbox-qps", int64(l.Sandbox.QPS), 0, 1_000_000},
	} {
		if n.value < n.low || n.value > n.up {
			all = append(all, l.refuse(n.name, "must be %d to %d but is %d", n.low, n.up, n.value))
		}
	}
	for _, d := range []struct {
		name           string
		value, low, up time.Duration
	}{
		{"upstream-timeout", u.Timeout, time.Millisecond, 10 * time.Minute},
		{"upstream-backoff", u.Backoff, 0, time.Minute},
		{"upstream-backoff-max", u.BackoffMax, u.Backoff, 10 * time.Minute},
		{"default-timeout", s.DefaultTimeout, time.Millisecond, time.Hour},
		{"timeout-max", s.TimeoutMax, s.DefaultTimeout, 24 * time.Hour},
		{"stream-timeout", s.StreamTimeout, 0, 7 * 24 * time.Hour},
		{"lame-duck", s.LameDuck, 0, 10 * time.Minute},
		{"drain-timeout", s.DrainTimeout, 0, time.Hour},
		{"sandbox-latency", l.Sandbox.Latency, 0, time.Minute},
		{"sandbox-drift", l.Sandbox.Drift, 0, 24 * time.Hour},
	} {
		if d.value < d.low || d.value > d.up {
			all = append(all, l.refuse(d.name, "must be %v to %v but is %v", d.low, d.up, d.value))
		}
	}
	return errors.Join(all...)
}

func (l *Loaded) checkListen() error {
	s := l.Listen
	if most := s.StreamTimeoutMax; most < 0 || most > 0 && most < s.StreamTimeout {
		return l.refuse("stream-timeout-max", "must be 0 (no limit) or at least %v (stream-timeout) but is %v", s.StreamTimeout, most)
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return fmt.Errorf("%s and %s belong together: only one is set", l.Named("tls-cert"), l.Named("tls-key"))
	}
	if s.TLSClientCA != "" && s.TLSCert == "" {
		return l.refuse("tls-client-ca", "needs %s too", l.Named("tls-cert"))
	}
	if err := errors.Join(l.checkForm("ops-addr", s.OpsAddr), l.checkOrigins()); err != nil {
		return err
	}
	names := map[string]string{"grpc-addr": s.GRPCAddr}
	if !s.NoHTTP {
		names["http-addr"] = s.HTTPAddr
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if err := l.checkAddr(name, names[name]); err != nil {
			return err
		}
	}
	if _, port, _ := net.SplitHostPort(s.GRPCAddr); !s.NoHTTP && s.GRPCAddr == s.HTTPAddr && port != "0" {
		return fmt.Errorf("%s and %s are the same address: gRPC and REST need one each", l.Named("grpc-addr"), l.Named("http-addr"))
	}
	return nil
}

// checkOrigins refuses what no browser sends as an origin, because it would allow nobody without a word.
func (l *Loaded) checkOrigins() error {
	for _, origin := range l.Listen.OriginList() {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.ToLower(origin) != u.Scheme+"://"+u.Host {
			return l.refuse("cors-origins", "%q is not an origin: write scheme, host and, where it is not the scheme's own, port, such as https://shop.example", origin)
		}
	}
	return nil
}

// checkAddr refuses an address that other machines reach, unless API keys and TLS are both set or the operator allowed it
// explicitly. Both are required: with TLS alone anybody can spend the quota, and a key sent unencrypted can be stolen.
func (l *Loaded) checkAddr(name, addr string) error {
	if err := l.checkForm(name, addr); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(addr)
	known := l.Listen.TLSClientCA != "" || (l.Listen.TLSCert != "" && l.Callers.Known())
	if publicnet.Loopback(host) || l.Listen.InsecureListen || known {
		return nil
	}
	return l.refuse(name, "%s can be reached from other machines, and callers are not authenticated over TLS: set %s and %s, and %s or %s, "+
		"or listen on 127.0.0.1, or confirm with --insecure-listen (%s)",
		addr, envName("tls-cert"), envName("tls-key"), envName("api-keys-file"), envName("tls-client-ca"), envName("insecure-listen"))
}

// checkForm refuses an invalid listening address.
func (l *Loaded) checkForm(name, addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return l.refuse(name, "must be HOST:PORT but is %q", addr)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return l.refuse(name, "port must be 0 to 65535 but is %q", port)
	}
	return nil
}

func (l *Loaded) checkTraces() error {
	if share := l.Watching.TraceShare; !(share >= 0 && share <= 1) { // NaN is neither.
		return l.refuse("trace-share", "must be 0 to 1 but is %v", share)
	}
	if l.Watching.OTLPEndpoint == "" {
		return nil
	}
	u, err := url.Parse(l.Watching.OTLPEndpoint)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return l.refuse("otlp-endpoint", "must be an address such as http://localhost:4317")
	}
	return nil
}

// doubts are warnings of settings that work but are probably mistakes.
func (l *Loaded) doubts() []string {
	var all []string
	if u, err := url.Parse(l.Upstream.URL); err == nil && u.Scheme == "http" && !publicnet.Loopback(u.Hostname()) {
		all = append(all, l.Named("upstream-url")+" is http: the access token travels in clear")
	}
	if host, _, err := net.SplitHostPort(l.Listen.OpsAddr); err == nil && !publicnet.Loopback(host) {
		all = append(all, l.Named("ops-addr")+" can be reached from other machines: whoever reaches it reads metrics and profiles without a key")
	}
	switch {
	case !l.Listen.InsecureListen:
	case !l.Callers.Known():
		all = append(all, l.Named("insecure-listen")+" is on: whoever reaches the ports spends the quota")
	case l.Listen.TLSCert == "":
		all = append(all, l.Named("insecure-listen")+" is on: API keys travel in clear, unless something in front of this server seals the line")
	}
	return all
}

// unknownVariables finds ZHAOHUO_ variables that are not settings. They are no error, since Kubernetes sets such variables
// for a service named zhaohuo; those are skipped.
func unknownVariables(env Environ) []string {
	known := map[string]bool{}
	for _, name := range clientVariables() {
		known[name] = true
	}
	for _, row := range Table() {
		known[row.Env()] = true
		if row.Secret {
			known[envName(row.Name+fileSuffix)] = true
		}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if strings.HasPrefix(name, envPrefix) && !known[name] &&
			!strings.HasPrefix(name, envPrefix+"PORT") && !strings.HasPrefix(name, envPrefix+"SERVICE_") {
			all = append(all, name+" is set but is no setting")
		}
	}
	return all
}

// defaultDataDir follows the XDG base directory rules; a machine without a home directory has none.
func defaultDataDir(env Environ) string {
	if dir := env["XDG_DATA_HOME"]; filepath.IsAbs(dir) {
		return filepath.Join(dir, "zhaohuo")
	}
	if home := env["HOME"]; home != "" {
		return filepath.Join(home, ".local", "share", "zhaohuo")
	}
	return ""
}
