package publicnet

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// addressMax is the longest accepted address, in bytes.
const addressMax = 2048

// Parse reads the URL of an http or https resource as net/http will, and refuses what two readers could read differently. The host has
// one form. With local it may be a name that only the local network knows. The error's text says what is wrong with "it", the URL,
// and quotes nothing of it.
func Parse(text string, local bool) (*url.URL, error) {
	if len(text) > addressMax {
		return nil, refuse("it is longer than 2048 bytes")
	}
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, odd) {
		return nil, refuse("it holds a space, a control character, a backslash or what is not UTF-8")
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, refusal{"it cannot be read", err}
	}
	return u, normalise(u, local)
}

// normalise checks an address and writes its host in the form that is compared and dialled.
func normalise(u *url.URL, local bool) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("its scheme is not http or https")
	case u.User != nil:
		return refuse("it holds a user name or a password")
	case u.Opaque != "" || u.Hostname() == "":
		return refuse("it names no host")
	}
	host, err := hostOf(u.Hostname(), local)
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
	if port != "" && port != DefaultPort(u.Scheme) {
		u.Host += ":" + port
	}
	return nil
}

// DefaultPort is the port of a scheme, http or https.
func DefaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// hostOf is a host in one form: an IP address in canonical form, or a name in lower case and ASCII.
func hostOf(host string, local bool) (string, error) {
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
		return "", refusal{"its host is not a name", err}
	}
	labels := strings.Split(name, ".")
	// Some resolvers accept 2130706433, 0x7f.1 or 0177.0.0.1 for 127.0.0.1. No public name ends in a number.
	if last := labels[len(labels)-1]; numeric(last) {
		if addr, err := netip.ParseAddr(name); err == nil {
			return addr.String(), nil
		}
		return "", refuse("its host is an address in an unusual form")
	}
	if len(labels) < 2 && !local || slices.Contains(labels, "") {
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

// refusal says why an address is refused. Its cause may quote the address, so it is not in the text.
type refusal struct {
	why   string
	cause error
}

func refuse(why string) error { return refusal{why, nil} }

// Error says what is wrong with the address.
func (r refusal) Error() string { return r.why }

// Unwrap gives the cause, for logs.
func (r refusal) Unwrap() error { return r.cause }
