package upstream

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// ConnectionFault returns the fault for a failed connection that another attempt cannot fix: the upstream's address or
// certificate, or the authorities that this machine trusts, must be corrected first. It returns nil for any other failure.
// err stays the cause only: its text may hold what callers must not see.
func ConnectionFault(err error) *fault.Fault {
	var (
		verification *tls.CertificateVerificationError
		invalid      x509.CertificateInvalidError
		other        x509.HostnameError
		unknown      x509.UnknownAuthorityError
		name         *net.DNSError
		plain        tls.RecordHeaderError
	)
	certificate := func(what string) *fault.Fault {
		return fault.New(fault.UpstreamCertificateInvalid, "the upstream's certificate %s", what).WithCause(err)
	}
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return certificate("has expired, or is not valid yet by this machine's clock")
	case errors.As(err, &other):
		return certificate("is for another host name than the configured one")
	case errors.As(err, &unknown):
		return certificate("is signed by an authority that this machine does not trust, or by itself")
	case errors.As(err, &invalid), errors.As(err, &verification):
		return certificate("is not valid")
	case errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		return fault.New(fault.UpstreamAPIUnknown, "the upstream's address is https, but the server there does not use TLS").WithCause(err)
	case errors.As(err, &name) && name.IsNotFound && !name.IsTemporary:
		return fault.New(fault.UpstreamHostUnknown, "the upstream's host name, or that of the proxy to it, does not exist").WithCause(err)
	}
	return nil
}
