package top

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// examination describes how far calls get. No method returns the time without needing anything else. The real order of
// the checks is not published.
func (d *decoders) examination(m Methods) upstream.Examination {
	e := upstream.Examination{Stopped: stopped}
	seen := map[string]bool{}
	for _, one := range []struct {
		method string
		decode func(gjson.Result) error
	}{
		{m.KeywordSearch, decoding(d.keyword.decode, &zhaohuov1.KeywordSearchRequest{})},
		{m.ImageSearch, decoding(d.image.decode, upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}})},
		{m.GetProduct, decoding(d.product.decode, &zhaohuov1.GetProductRequest{})},
		{m.ListSellerProducts, decoding(d.seller.decode, &zhaohuov1.ListSellerProductsRequest{})},
	} {
		if seen[one.method] {
			continue
		}
		seen[one.method] = true
		e.Probes = append(e.Probes, upstream.Probe{Call: upstream.Call{API: one.method}, Decode: one.decode})
	}
	return e
}

// decoders read the answers of the operations.
type decoders struct {
	keyword keywordSearch
	image   imageSearch
	product productGet
	seller  sellerProducts
}

// decoding adapts a decoder to check only that the answer to a probe can be read.
func decoding[Q, A any](decode func(Q, gjson.Result) (A, error), q Q) func(gjson.Result) error {
	return func(payload gjson.Result) error {
		_, err := decode(q, payload)
		return err
	}
}

// stopped returns the check that a refusal failed, by the codes of docs/PROTOCOL.md §3.4.
func stopped(f *fault.Fault) (zhaohuov1.DiagnosisCheck, bool) {
	code := f.Meta[fault.MetaUpstreamCode]
	switch f.Kind {
	case fault.UpstreamCredentialsInvalid:
		if code == "28" || code == "29" {
			return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, true
		}
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, true
	case fault.UpstreamClockSkew:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK, true
	case fault.UpstreamTokenInvalid:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN, true
	case fault.UpstreamPermissionDenied, fault.UpstreamIPNotAllowed, fault.UpstreamAPIUnknown:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, true
	case fault.UpstreamThrottled, fault.UpstreamQuotaExhausted:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, true
	case fault.UpstreamArgumentRefused:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, f.FromResult || ofArguments(code, f.Meta[fault.MetaUpstreamSubCode])
	case fault.ProductNotFound, fault.UpstreamImageRefused, fault.UpstreamRefused:
		// Any server in between can answer with these words; only the service behind the gateway writes into a result.
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, f.FromResult || documented(code, f.Meta[fault.MetaUpstreamSubCode])
	default:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false
	}
}

// documented reports whether the gateway is known to refuse products and images with these codes.
func documented(code, subCode string) bool {
	if code == "3" && subCode == "" {
		return true // Upload Fail
	}
	return textKinds[beforeColon(subCode)] == fault.ProductNotFound || textKinds[beforeColon(code)] == fault.ProductNotFound
}

// ofArguments reports whether a refusal is certainly about the arguments. Elsewhere any unknown isv code counts as an
// argument error; that is not certain enough here. 15 and 50 come from the service behind the gateway.
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
