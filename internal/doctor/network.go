package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// networkTrouble reports whether an attempt did not reach the upstream or got no answer from it, and why.
func networkTrouble(s upstream.ProbeResult) (zhaohuov1.DiagnosisCode, bool) {
	f, failed := fault.As(s.Err)
	switch {
	case !failed, heldBack(s):
		return 0, false
	case s.Status == 0:
		return broken(f), true
	case s.Status == http.StatusProxyAuthRequired:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PROXY_FAILED, true
	case s.Status >= 300 && s.Status < 400, f.Kind == fault.UpstreamAnswerTooLarge:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NOT_THE_UPSTREAM, true
	case errors.Is(f, upstream.ErrNotJSON) && s.Status < http.StatusInternalServerError:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NOT_THE_UPSTREAM, true
	case errors.Is(f, upstream.ErrNotJSON):
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_UPSTREAM_DOWN, true
	case f.Meta[fault.MetaUpstreamCode] != "" || f.Meta[fault.MetaUpstreamSubCode] != "":
		return 0, false
	case f.Kind.Retry() != fault.RetryTransient:
		return 0, false
	case f.Cause() != nil:
		return broken(f), true
	case s.Status >= http.StatusInternalServerError:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_UPSTREAM_DOWN, true
	default:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NOT_THE_UPSTREAM, true
	}
}

// broken is the cause of a failed connection. The proxy is checked first, because a failure on the way to the proxy looks like
// any other.
func broken(f *fault.Fault) zhaohuov1.DiagnosisCode {
	err := f.Cause()
	var name *net.DNSError
	switch {
	case ofProxy(err):
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PROXY_FAILED
	case errors.As(err, &name):
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NAME_NOT_RESOLVED
	case ofTLS(err):
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TLS_FAILED
	case f.Kind == fault.UpstreamTimeout, errors.Is(err, context.DeadlineExceeded):
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TIMED_OUT
	case errors.Is(err, syscall.ECONNREFUSED):
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CONNECTION_REFUSED
	default:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CONNECTION_BROKEN
	}
}

// ofProxy recognizes a failure of the proxy by the step names of net/http.
func ofProxy(err error) bool {
	if errors.As(err, new(*upstream.ProxyError)) {
		return true
	}
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks "))
}

func ofTLS(err error) bool {
	var op *net.OpError
	switch {
	case errors.As(err, new(*tls.CertificateVerificationError)), errors.As(err, new(tls.RecordHeaderError)),
		errors.As(err, new(x509.UnknownAuthorityError)), errors.As(err, new(x509.HostnameError)),
		errors.As(err, new(x509.CertificateInvalidError)), errors.Is(err, http.ErrSchemeMismatch):
		return true
	case errors.As(err, &op):
		// A TLS alert of either side.
		return op.Op == "remote error" || op.Op == "local error"
	}
	return false
}
