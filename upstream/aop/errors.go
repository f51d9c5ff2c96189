package aop

import (
	"net/http"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
)

// codes is the gateway's error table (section 2.5). Codes are compared without regard to case: one of them is seen in
// two spellings.
var codes = map[string]fault.Kind{
	"gw.SignatureMissing":     fault.UpstreamCredentialsInvalid,
	"gw.SignatureInvalid":     fault.UpstreamCredentialsInvalid,
	"gw.AppKeyMissing":        fault.UpstreamCredentialsInvalid,
	"gw.AppKeyNotFound":       fault.UpstreamCredentialsInvalid,
	"gw.APIUnsupported":       fault.UpstreamAPIUnknown,
	"gw.APIACLDecline":        fault.UpstreamPermissionDenied,
	"gw.ParamMissing":         fault.UpstreamArgumentRefused,
	"401":                     fault.UpstreamTokenInvalid,
	"gw.QosAppFrequencyLimit": fault.UpstreamThrottled,
	"gw.QosAPIFrequencyLimit": fault.UpstreamThrottled,
	"gw.NoUsageLeftError":     fault.UpstreamQuotaExhausted,
	"gw.ISPInvokeError":       fault.UpstreamUnavailable,
	"gw.ISPConnectError":      fault.UpstreamUnavailable,
	"gw.ISPInvokeTimeout":     fault.UpstreamTimeout,
}

// phrases tell apart the refusals whose codes nobody has published (section 2.7), by words of their message. They
// choose between final answers only: no phrase makes a call be repeated.
var phrases = []struct {
	word string
	kind fault.Kind
}{
	{"不是精选货源商品", fault.ProductNotFound},
	{"下架", fault.ProductNotFound},
	{"商品不存在", fault.ProductNotFound},
	{"参数", fault.UpstreamArgumentRefused},
}

// details are what a caller is told; the upstream's own words go along as metadata.
var details = map[fault.Kind]string{
	fault.UpstreamCredentialsInvalid: "the upstream does not accept the App Key, its secret or the signature",
	fault.UpstreamAPIUnknown:         "the upstream has no such API",
	fault.UpstreamPermissionDenied:   "the App Key may not call this API",
	fault.UpstreamArgumentRefused:    "the upstream refused an argument",
	fault.UpstreamTokenInvalid:       "the upstream does not accept the access token",
	fault.UpstreamThrottled:          "the upstream says that calls come too fast",
	fault.UpstreamQuotaExhausted:     "the allowance of calls for this API is used up",
	fault.UpstreamUnavailable:        "the upstream is not available",
	fault.UpstreamTimeout:            "the upstream's own backend did not answer in time",
	fault.UpstreamClockSkew:          "the upstream does not accept the call's timestamp",
	fault.UpstreamIPNotAllowed:       "the App Key may not be used from this address",
	fault.ProductNotFound:            "the upstream does not have this product, or no longer",
	fault.UpstreamRefused:            "the upstream refused the call",
}

// faultTable is codes by their lower-case spelling, with what the configuration adds.
type faultTable map[string]fault.Kind

func newFaultTable(more map[string]fault.Kind) faultTable {
	t := make(faultTable, len(codes)+len(more))
	for _, from := range []map[string]fault.Kind{codes, more} {
		for code, kind := range from {
			t[strings.ToLower(code)] = kind
		}
	}
	return t
}

// of is the fault a refusal is. A code that is in no table is refused for good, whatever it looks like.
func (t faultTable) of(r *envelope.Refusal) error {
	kind, known := t[strings.ToLower(r.Code)]
	if !known {
		kind = byMessage(r)
	}
	return told(kind, r)
}

func byMessage(r *envelope.Refusal) fault.Kind {
	if strings.HasPrefix(strings.ToLower(r.Code), "gw.") {
		return fault.UpstreamRefused
	}
	for _, p := range phrases {
		if strings.Contains(r.Message, p.word) {
			return p.kind
		}
	}
	return fault.UpstreamRefused
}

// byStatus is the fault of an answer whose body names no code.
func byStatus(status int, r *envelope.Refusal) error {
	kind := fault.UpstreamRefused
	switch {
	case status >= http.StatusInternalServerError:
		kind = fault.UpstreamUnavailable
	case status == http.StatusUnauthorized:
		kind = fault.UpstreamTokenInvalid
	case status == http.StatusForbidden:
		kind = fault.UpstreamPermissionDenied
	case status == http.StatusNotFound:
		kind = fault.UpstreamAPIUnknown
	case status == http.StatusTooManyRequests:
		kind = fault.UpstreamThrottled
	}
	if r == nil {
		r = &envelope.Refusal{}
	}
	return told(kind, r)
}

func told(kind fault.Kind, r *envelope.Refusal) error {
	detail, ok := details[kind]
	if !ok {
		detail = details[fault.UpstreamRefused]
	}
	return fault.New(kind, "%s", detail).
		WithMeta(fault.MetaUpstreamCode, r.Code).
		WithMeta(fault.MetaUpstreamMessage, r.Message).
		WithMeta(fault.MetaUpstreamRequestID, r.RequestID)
}
