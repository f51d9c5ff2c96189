package top_test

import (
	"fmt"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// The textual code takes precedence over the number.
func TestLimitScopes(t *testing.T) {
	wire := top.New(top.Config{
		Faults: map[string]fault.Kind{"isp.shop-limited": fault.UpstreamThrottled},
		Scopes: map[string]fault.Scope{"isp.shop-limited": fault.ScopeAPI},
	}).Wire
	for _, row := range []struct {
		code    int
		subCode string
		want    fault.Scope
	}{
		{7, "", fault.ScopeApp},
		{8, "", fault.ScopeApp},
		{4, "", fault.ScopeUnknown},
		{7, "isp.call-limited", fault.ScopeApp},
		{15, "isp.call-limited", fault.ScopeUnknown},
		{7, "accesscontrol.limited-by-app-access-count", fault.ScopeApp},
		{7, "accesscontrol.limited-by-api-access-count", fault.ScopeAPI},
		{7, "accesscontrol.limited-by-app-api-access-count:search", fault.ScopeAPI},
		{15, "accesscontrol.limited-by-something-new", fault.ScopeUnknown},
		{15, "isp.shop-limited", fault.ScopeAPI},
		{11, "isv.permission-api-package-limit", fault.ScopeUnknown},
	} {
		body := fmt.Sprintf(`{"error_response":{"code":%d,"msg":"m","sub_code":%q,"sub_msg":"This ban will last for 3 more seconds"}}`, row.code, row.subCode)
		_, err := wire.Open(searchCall, 200, []byte(body))
		if f, ok := fault.As(err); !ok || f.Scope != row.want {
			t.Errorf("%d %s: %+v, want scope %q", row.code, row.subCode, f, row.want)
		}
	}
	// A ban above the ceiling is a used-up allowance with the same scope.
	_, err := wire.Open(searchCall, 200, []byte(`{"error_response":{"code":7,"sub_code":"accesscontrol.limited-by-api-access-count","sub_msg":"This ban will last for 7200 more seconds"}}`))
	if f, ok := fault.As(err); !ok || f.Kind != fault.UpstreamQuotaExhausted || f.Scope != fault.ScopeAPI {
		t.Errorf("a long ban: %+v", f)
	}
}

// For a code in no table the status decides, but an unknown code of the gateway itself is final.
func TestTheStatusDecidesBesideAnUnknownCode(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   fault.Kind
	}{
		{503, `{"code":503,"message":"Service Unavailable"}`, fault.UpstreamUnavailable},
		{502, `{"error_response":{"code":"BAD_GATEWAY"}}`, fault.UpstreamUnavailable},
		{429, `{"error_response":{"code":429,"msg":"Too Many Requests"}}`, fault.UpstreamThrottled},
		{429, `{"success":false,"message":"商品不存在"}`, fault.UpstreamThrottled},
		{429, `<html>slow down</html>`, fault.UpstreamThrottled},
		{503, `<error_response><code>99</code></error_response>`, fault.UpstreamUnavailable},
		{403, `<html>blocked</html>`, fault.UpstreamPermissionDenied},
		{200, `{"code":503,"message":"Service Unavailable"}`, fault.UpstreamRefused},
		{500, `{"error_code":"gw.SystemError","error_message":"busy"}`, fault.UpstreamRefused},
		{503, `{"error_response":{"code":40}}`, fault.UpstreamArgumentRefused},
		{500, `{"success":false,"message":"商品不存在"}`, fault.ProductNotFound},
	} {
		_, err := open(c.status, c.body)
		if err == nil || fault.KindOf(err) != c.want {
			t.Errorf("HTTP %d %s: %v, want %s", c.status, c.body, err, c.want)
		}
	}
}
