package gateway

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

// pathAgents is where AI agents ask: the Model Context Protocol. It is no RPC: its tools call RPCs.
const pathAgents = "/mcp"

// agents serves the agents' protocol: a page that may not ask and a caller without a key are refused, and the body is bounded,
// before the protocol sees the request.
func (g *gateway) agents(w http.ResponseWriter, r *http.Request) {
	if err := guardOrigin(r, g.Origins); err != nil {
		g.fail(w, r, err)
		return
	}
	if r.Method != http.MethodPost {
		g.refuseMethod(w, r, http.MethodPost)
		return
	}
	caller, err := g.CallerOf(r)
	if err != nil {
		g.fail(w, r, err)
		return
	}
	r = r.WithContext(share.WithCaller(r.Context(), caller))
	body := g.bounded(w, r)
	defer release(body)
	message, err := io.ReadAll(body)
	if err != nil {
		g.fail(w, r, readFault(err))
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(message))
	w.Header().Set("Cache-Control", "no-store")
	g.Agents.ServeHTTP(w, r)
}

// guardOrigin refuses requests of web pages that may not ask. origins are those that the operator allows.
//
// A page of another site may have a browser send requests, and by answers of its own name server it may even pass for the site
// of this server (DNS rebinding). So Origin, which browsers send, must be allowed by name, or be this server's own address
// without a name of DNS; and a request to a loopback address must name a loopback host, or one that is allowed.
func guardOrigin(r *http.Request, origins []string) error {
	if origin := r.Header.Get("Origin"); origin != "" && !originAllowed(origin, r.Host, origins) {
		return fault.New(fault.CallerNotAllowed, "web pages of the origin %.200q may not ask here: the operator can allow them by the setting cors-origins", origin)
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil || !loopbackHost(local.String()) || loopbackHost(r.Host) {
		return nil
	}
	if slices.ContainsFunc(origins, func(o string) bool { return hostOfOrigin(o) == strings.ToLower(r.Host) }) {
		return nil
	}
	return fault.New(fault.CallerNotAllowed, "this server is asked on a loopback address, but by the name %.200q: use 127.0.0.1 or localhost, or have the operator allow the name by the setting cors-origins", r.Host)
}

func originAllowed(origin, host string, origins []string) bool {
	if slices.ContainsFunc(origins, func(o string) bool { return strings.EqualFold(o, origin) }) {
		return true
	}
	name := hostOfOrigin(origin)
	return name != "" && name == strings.ToLower(host) && literalHost(host)
}

// hostOfOrigin is the host and port of an origin; empty for what is none.
func hostOfOrigin(origin string) string {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return strings.ToLower(u.Host)
}

// bareHost is a host without its port.
func bareHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(host, "[]")
}

// literalHost reports whether a host is an address or localhost: no name server decides where it leads.
func literalHost(host string) bool {
	name := bareHost(host)
	return net.ParseIP(name) != nil || strings.EqualFold(name, "localhost")
}

func loopbackHost(host string) bool {
	return literalHost(host) && publicnet.Loopback(strings.ToLower(bareHost(host)))
}
