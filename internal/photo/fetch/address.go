package fetch

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// addressMax is the longest accepted address, in bytes.
const addressMax = 2048

// parse reads an address as net/http will, and refuses what two readers could read differently. It has one form of the
// host.
func parse(text string) (*url.URL, error) {
	if len(text) > addressMax {
		return nil, refuse("it is longer than %d bytes", addressMax)
	}
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, odd) {
		return nil, refuse("it holds a space, a control character, a backslash or what is not UTF-8")
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, refuse("it cannot be read").WithCause(err)
	}
	return u, normalise(u)
}

// normalise checks an address and writes its host in the form that is compared and dialled.
func normalise(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("only http and https are fetched")
	case u.User != nil:
		return refuse("it holds a user name or a password")
	case u.Opaque != "" || u.Hostname() == "":
		return refuse("it names no host")
	}
	host, err := hostOf(u.Hostname())
	if err != nil {
		return err
	}
	port := u.Port()
	if port == "" && strings.HasSuffix(u.Host, ":") {
		return refuse("its port is empty")
	}
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0 || strconv.FormatUint(n, 10) != port) {
		return refuse("its port is not a number from 1 to 65535")
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	u.Host = host
	if port != "" && port != defaultPort(u.Scheme) {
		u.Host += ":" + port
	}
	return nil
}

func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// hostOf is a host in one form: an IP address in canonical form, or a name in lower case and ASCII.
func hostOf(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Is4In6() || addr.Zone() != "" {
			return "", refuse("its host is an address in an unusual form")
		}
		return addr.String(), nil
	}
	if strings.Contains(host, ":") {
		return "", refuse("its host is not an address")
	}
	name, err := idna.Lookup.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || name == "" {
		return "", refuse("its host is not a name").WithCause(err)
	}
	labels := strings.Split(name, ".")
	// Some resolvers accept 2130706433, 0x7f.1 or 0177.0.0.1 for 127.0.0.1. No public name ends in a number.
	if last := labels[len(labels)-1]; numeric(last) {
		if addr, err := netip.ParseAddr(name); err == nil {
			return addr.String(), nil
		}
		return "", refuse("its host is an address in an unusual form")
	}
	if len(labels) < 2 || slices.Contains(labels, "") {
		return "", refuse("its host is not a name of the public internet")
	}
	return name, nil
}

// numeric reports whether some reader takes a label for a number: decimal, octal or hexadecimal.
func numeric(label string) bool {
	if rest, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

func refuse(format string, args ...any) *fault.Fault {
	return fault.New(fault.ImageFetchRefused, "the address may not be fetched: "+format, args...)
}

func fail(format string, args ...any) *fault.Fault {
	return fault.New(fault.ImageFetchFailed, "the image could not be fetched: "+format, args...)
}
