package aop

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// dateForm is the gateway's form of a moment, yyyyMMddHHmmssSSSZ, with a point that Go needs and the wire lacks.
const dateForm = "20060102150405.000-0700"

// examination is how far calls get (section 2.6). The arguments are left out as a whole, which the gateway looks at last.
func (d dialect) examination() upstream.Examination {
	m := d.methods
	e := upstream.Examination{
		Time: upstream.Operation[struct{}, time.Time]{
			Encode: func(struct{}) (upstream.Call, error) {
				return upstream.Call{API: Method{Namespace: "system", Name: "currentTime", Version: "1"}.String()}, nil
			},
			Decode: func(_ struct{}, payload gjson.Result) (time.Time, error) { return readDate(payload) },
		},
		Stopped:    stopped,
		OrderKnown: true,
	}
	seen := map[Method]bool{}
	for _, method := range []Method{
		m.KeywordSearch, m.UploadImage, m.ImageSearch,
		m.GetProduct, m.ListSellerProducts, m.ListSearchFacets, m.ListTopKeywords, m.ListRelatedProducts,
	} {
		if seen[method] {
			continue
		}
		seen[method] = true
		e.Probes = append(e.Probes, upstream.Probe{
			Call:          upstream.Call{API: method.String()},
			TokenOptional: method == DefaultMethods().ListTopKeywords, // section 4.1
		})
	}
	return e
}

// readDate reads a moment such as 20261010164552223+0800.
func readDate(payload gjson.Result) (time.Time, error) {
	text := payload.Str
	const seconds = len("20060102150405")
	if payload.Type != gjson.String || len(text) <= seconds {
		return time.Time{}, unreadable("the upstream's time was expected")
	}
	at, err := time.Parse(dateForm, text[:seconds]+"."+text[seconds:])
	if err != nil {
		return time.Time{}, unreadable("the upstream's time was expected")
	}
	return at, nil
}

// stopped tells the check behind a refusal, by the documented codes.
func stopped(f *fault.Fault) (zhaohuov1.Check, bool) {
	code := strings.ToLower(f.Meta[fault.MetaUpstreamCode])
	switch f.Kind {
	case fault.UpstreamCredentialsInvalid:
		if strings.HasPrefix(code, "gw.appkey") {
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
	case fault.UpstreamArgumentRefused, fault.ProductNotFound, fault.UpstreamImageRefused, fault.UpstreamImageForgotten,
		fault.UpstreamAnswerUnreadable:
		return zhaohuov1.Check_CHECK_UNSPECIFIED, true
	case fault.UpstreamRefused:
		// An unknown code of the gateway is no proof of anything; another is of the business behind it.
		return zhaohuov1.Check_CHECK_UNSPECIFIED, code != "" && !strings.HasPrefix(code, "gw.")
	default:
		return zhaohuov1.Check_CHECK_UNSPECIFIED, false
	}
}
