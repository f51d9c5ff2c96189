package oauth

import (
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// remedy is what an operator must do when the authorization has ended.
const remedy = "run `zhaohuo auth login`"

// codes are the refusals of token calls by lower-case code: those of OAuth 2 and those of the gateway
// (docs/PROTOCOL.md §2.5, §7.3).
var codes = map[string]fault.Kind{
	"invalid_grant":           fault.UpstreamTokenInvalid,
	"invalid_token":           fault.UpstreamTokenInvalid,
	"401":                     fault.UpstreamTokenInvalid,
	"invalid_client":          fault.UpstreamCredentialsInvalid,
	"unauthorized_client":     fault.UpstreamCredentialsInvalid,
	"gw.appkeymissing":        fault.UpstreamCredentialsInvalid,
	"gw.appkeynotfound":       fault.UpstreamCredentialsInvalid,
	"gw.signaturemissing":     fault.UpstreamCredentialsInvalid,
	"gw.signatureinvalid":     fault.UpstreamCredentialsInvalid,
	"gw.apiunsupported":       fault.UpstreamAPIUnknown,
	"gw.apiacldecline":        fault.UpstreamPermissionDenied,
	"gw.qosappfrequencylimit": fault.UpstreamThrottled,
	"gw.qosapifrequencylimit": fault.UpstreamThrottled,
	"gw.ispinvokeerror":       fault.UpstreamUnavailable,
	"gw.ispconnecterror":      fault.UpstreamUnavailable,
	"gw.ispinvoketimeout":     fault.UpstreamUnavailable,
	"server_error":            fault.UpstreamUnavailable,
	"temporarily_unavailable": fault.UpstreamUnavailable,
}

// details are our texts for refusals. The upstream's texts are not repeated, because they may quote a token.
var details = map[fault.Kind]string{
	fault.UpstreamTokenInvalid:       "the upstream refused the authorization: it is false, spent or has ended; " + remedy,
	fault.UpstreamCredentialsInvalid: "the upstream does not accept the App Key or the App Secret for tokens",
	fault.UpstreamAPIUnknown:         "the configured address does not hand out tokens",
	fault.UpstreamPermissionDenied:   "the App Key may not ask for tokens",
	fault.UpstreamThrottled:          "the upstream says that tokens are asked for too often",
	fault.UpstreamUnavailable:        "the upstream could not be asked for a token",
	fault.UpstreamRefused:            "the upstream refused to give a token",
}

func refusalFault(kind fault.Kind) *fault.Fault { return fault.New(kind, "%s", details[kind]) }

// refusal returns the fault that a token answer reports, or nil.
func (i *Issuer) refusal(status int, body gjson.Result) error {
	code := codeOf(body)
	kind, known := i.codes[strings.ToLower(code)]
	switch {
	case known:
	case status >= http.StatusInternalServerError:
		kind = fault.UpstreamUnavailable
	case status == http.StatusTooManyRequests:
		kind = fault.UpstreamThrottled
	case status == http.StatusNotFound:
		kind = fault.UpstreamAPIUnknown
	case strings.HasPrefix(strings.ToLower(code), "gw."):
		kind = fault.UpstreamRefused
	case status >= 400:
		// A bad refresh token gets HTTP 400 with a code that is not published.
		kind = fault.UpstreamTokenInvalid
	case code != "":
		kind = fault.UpstreamRefused
	default:
		return nil
	}
	return refusalFault(kind).WithMeta(fault.MetaUpstreamCode, code)
}

// codeOf returns the code of an error body. It is empty if there is none, or if the text does not have the form of a code.
func codeOf(body gjson.Result) string {
	for _, field := range []string{"error_code", "errorCode", "error"} {
		v := body.Get(field)
		if v.Type != gjson.String && v.Type != gjson.Number || v.String() == "" {
			continue
		}
		if !codeForm(v.String()) {
			return "unreadable"
		}
		return v.String()
	}
	return ""
}

func codeForm(code string) bool {
	const bytesMax = 32 // Shorter than a token.
	if len(code) > bytesMax {
		return false
	}
	return !strings.ContainsFunc(code, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '.'
	})
}
