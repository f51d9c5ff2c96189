package fault

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

// Certificate says what is wrong with a server's certificate if an error says that it is, as the end of a sentence: "has expired, …". It is
// empty for every other error.
func Certificate(err error) string {
	var (
		verification *tls.CertificateVerificationError
		invalid      x509.CertificateInvalidError
		other        x509.HostnameError
		unknown      x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "has expired, or is not valid yet by this machine's clock"
	case errors.As(err, &other):
		return "is for another host name than the configured one"
	case errors.As(err, &unknown):
		return "is signed by an authority that this machine does not trust, or by itself"
	case errors.As(err, &invalid), errors.As(err, &verification):
		return "is not valid"
	}
	return ""
}

// OfServer is the fault that a server of ours, such as a store, cannot be used because of err, which is its cause. If the error says that the
// server's certificate is wrong, the detail says so too.
func OfServer(kind Kind, detail string, err error) *Fault {
	if wrong := Certificate(err); wrong != "" {
		detail += ": its certificate " + wrong
	}
	return New(kind, "%s", detail).WithCause(err)
}
