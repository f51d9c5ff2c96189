package webhook

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
)

// targets says which addresses may be sent to.
type targets struct {
	// hosts are those that the operator allows, as HOST or HOST:PORT. They may be anywhere, and plain http.
	hosts []string
}

// listed reports whether the operator allows a host and port. A host without a port is for the ports of http and https.
func (t targets) listed(host, port string) bool {
	return slices.Contains(t.hosts, net.JoinHostPort(host, port)) ||
		(port == "80" || port == "443") && (slices.Contains(t.hosts, host) || slices.Contains(t.hosts, "["+host+"]"))
}

// trusted is listed for an address that is dialled.
func (t targets) trusted(hostPort string) bool {
	host, port, err := net.SplitHostPort(hostPort)
	return err == nil && t.listed(strings.ToLower(host), port)
}

// parse reads an address that may be sent to. The error says what is wrong with "it".
func (t targets) parse(address string) (*url.URL, error) {
	u, err := publicnet.Parse(address, true)
	if err != nil {
		return nil, err
	}
	port := u.Port()
	if port == "" {
		port = publicnet.DefaultPort(u.Scheme)
	}
	if t.listed(u.Hostname(), port) {
		return u, nil
	}
	if u, err = publicnet.Parse(address, false); err != nil {
		return nil, err
	}
	to, err := netip.ParseAddr(u.Hostname())
	switch {
	case err == nil && !publicnet.Public(to):
		return nil, errors.New("its host is not on the public internet")
	case u.Scheme != "https":
		return nil, errors.New("it must begin with https://, unless the operator allows its host (webhook-hosts)")
	case port != "443":
		return nil, errors.New("its port must be 443, unless the operator allows its host (webhook-hosts)")
	default:
		return u, nil
	}
}
