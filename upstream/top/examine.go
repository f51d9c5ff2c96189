package top

import (
	"slices"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// examination is how far calls get. There is no method that tells the time and needs nothing else; the real order of
// the checks is not published.
func examination(m Methods) upstream.Examination {
	e := upstream.Examination{Stopped: stopped}
	var seen []string
	for _, method := range []string{m.KeywordSearch, m.ImageSearch, m.GetProduct, m.ListSellerProducts} {
		if slices.Contains(seen, method) {
			continue
		}
		seen = append(seen, method)
		e.Probes = append(e.Probes, upstream.Probe{Call: upstream.Call{API: method}})
	}
	return e
}

// stopped tells the check behind a refusal, by the codes of section 3.4.
func stopped(f *fault.Fault) (zhaohuov1.Check, bool) {
	code := f.Meta[fault.MetaUpstreamCode]
	switch f.Kind {
	case fault.UpstreamCredentialsInvalid:
		if code == "28" || code == "29" {
			return zhaohuov1.Check_CHECK_APP_KEY, true
		}
		return zhaohuov1.Check_CHECK_SIGNATURE, true
	case fault.UpstreamClockSkew:
		return zhaohuov1.Check_CHECK_CLOCK, true
	case fault.UpstreamTokenInvalid:
		return zhaohuov1.Check_CHECK_TOKEN, true
	case fault.UpstreamPermissionDenied, fault.UpstreamIPNotAllowed, fault.UpstreamAPIUnknown:
		return zhaohuov1.Check_CHECK_PERMISSION, true
	case fault.UpstreamThrottled, fault.UpstreamQuotaExhausted:
		return zhaohuov1.Check_CHECK_LIMITS, true
	case fault.UpstreamArgumentRefused:
		return zhaohuov1.Check_CHECK_UNSPECIFIED, ofArguments(code, f.Meta[fault.MetaUpstreamSubCode])
	case fault.ProductNotFound, fault.UpstreamImageRefused, fault.UpstreamAnswerUnreadable:
		return zhaohuov1.Check_CHECK_UNSPECIFIED, true
	default:
		return zhaohuov1.Check_CHECK_UNSPECIFIED, false
	}
}

// ofArguments tells whether a refusal is about the arguments for sure: any isv code nobody knows counts as an argument's
// fault, and that is too little here. 15 and 50 come from the service behind the gateway.
func ofArguments(code, subCode string) bool {
	if slices.Contains([]string{"15", "40", "41", "43", "50"}, code) {
		return true
	}
	for _, text := range []string{code, subCode} {
		for _, known := range []string{"isv.missing-", "isv.invalid-parameter", "200300", "200301"} {
			if strings.HasPrefix(text, known) {
				return true
			}
		}
	}
	return false
}
