package upstream

import (
	"crypto/tls"
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
		name  *net.DNSError
		plain tls.RecordHeaderError
	)
	wrong := fault.Certificate(err)
	switch {
	case wrong != "":
		return fault.New(fault.UpstreamCertificateInvalid, "the upstream's certificate %s", wrong).WithCause(err)
	case errors.As(err, &plain), errors.Is(err, http.ErrSchemeMismatch):
		return fault.New(fault.UpstreamAPIUnknown, "the upstream's address is https, but the server there does not use TLS").WithCause(err)
	case errors.As(err, &name) && name.IsNotFound && !name.IsTemporary:
		return fault.New(fault.UpstreamHostUnknown, "the upstream's host name, or that of the proxy to it, does not exist").WithCause(err)
	}
	return nil
}
