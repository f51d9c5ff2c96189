package aop

import (
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
)

// codes is the gateway's error table (docs/PROTOCOL.md §2.5). Case is ignored: one code appears in two spellings.
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
	// A business error. The real code is unknown; this one is the sandbox's.
	"IMAGE_NOT_EXIST": fault.UpstreamImageForgotten,
}

// scopes are what the gateway's limits hold for. Call packages are sold per API.
var scopes = map[string]fault.Scope{
	"gw.QosAppFrequencyLimit": fault.ScopeApp,
	"gw.QosAPIFrequencyLimit": fault.ScopeAPI,
	"gw.NoUsageLeftError":     fault.ScopeAPI,
}

// phrases classify refusals whose codes nobody has published (docs/PROTOCOL.md §2.7), by words in their message. They
// choose between final answers only: no phrase causes a retry. The real message for an unknown image id is not known;
// these words are the sandbox's and likely ones.
var phrases = []Phrase{
	{"不是精选货源商品", fault.ProductNotFound},
	{"下架", fault.ProductNotFound},
	{"商品不存在", fault.ProductNotFound},
	{"类目不存在", fault.CategoryNotFound},
	{"image not exist", fault.UpstreamImageForgotten},
	{"图片不存在", fault.UpstreamImageForgotten},
	{"handle image error", fault.UpstreamImageRefused},
	{"参数", fault.UpstreamArgumentRefused},
}

// details are the sentences that callers see. The upstream's own words are added as metadata.
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
	fault.UpstreamImageRefused:       "the upstream did not take the image",
	fault.UpstreamImageForgotten:     "the upstream does not know the image's id, or no longer",
	fault.ProductNotFound:            "the upstream does not have this product, or no longer",
	fault.CategoryNotFound:           "the upstream does not have this category",
	fault.UpstreamRefused:            "the upstream refused the call",
}

// faultTable maps codes to faults: the known ones and those of the configuration.
type faultTable struct {
	// codes and scopes are keyed by the code in lower case.
	codes   map[string]fault.Kind
	scopes  map[string]fault.Scope
	phrases []Phrase
}

func newFaultTable(c Config) faultTable {
	t := faultTable{
		codes:  make(map[string]fault.Kind, len(codes)+len(c.Faults)),
		scopes: make(map[string]fault.Scope, len(scopes)+len(c.Scopes)),
	}
	for _, from := range []map[string]fault.Kind{codes, c.Faults} {
		for code, kind := range from {
			t.codes[strings.ToLower(code)] = kind
		}
	}
	for _, from := range []map[string]fault.Scope{scopes, c.Scopes} {
		for code, scope := range from {
			t.scopes[strings.ToLower(code)] = scope
		}
	}
	for _, p := range slices.Concat(c.Phrases, phrases) {
		t.phrases = append(t.phrases, Phrase{Words: strings.ToLower(p.Words), Kind: p.Kind})
	}
	return t
}

// of returns the fault of a refusal. The code decides if a table has it.
func (t faultTable) of(status int, r *envelope.Refusal) error {
	kind, known := t.codes[strings.ToLower(r.Code)]
	if !known {
		kind = t.ofUnknown(status, r)
	}
	return refusalFault(kind, r).WithScope(t.scopes[strings.ToLower(r.Code)])
}

// ofUnknown classifies a refusal whose code is in no table. One from the gateway itself is final. Any other may come
// from a proxy in between or from the business behind: status and message decide.
func (t faultTable) ofUnknown(status int, r *envelope.Refusal) fault.Kind {
	if strings.HasPrefix(strings.ToLower(r.Code), "gw.") {
		return fault.UpstreamRefused
	}
	message := strings.ToLower(r.Message)
	for _, p := range t.phrases {
		if p.Words != "" && !envelope.FromBetween(status) && strings.Contains(message, p.Words) {
			return p.Kind
		}
	}
	kind, _ := envelope.StatusKind(status)
	return kind
}

// byStatus is the fault of an unsuccessful answer, by its status alone.
func byStatus(status int) error {
	kind, _ := envelope.StatusKind(status)
	return refusalFault(kind, &envelope.Refusal{})
}

func refusalFault(kind fault.Kind, r *envelope.Refusal) *fault.Fault {
	detail, ok := details[kind]
	if !ok {
		detail = details[fault.UpstreamRefused]
	}
	return fault.New(kind, "%s", detail).
		WithFromResult(r.Inside).
		WithMeta(fault.MetaUpstreamCode, r.Code).
		WithMeta(fault.MetaUpstreamMessage, r.Message).
		WithMeta(fault.MetaUpstreamRequestID, r.RequestID)
}
