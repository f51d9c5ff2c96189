package top

import (
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// TestStopped covers the platform's and the tutorial's codes, and undocumented ones.
func TestStopped(t *testing.T) {
	w := New(Config{}).Wire
	for _, c := range []struct {
		refusal  string
		at       zhaohuov1.DiagnosisCheck
		reported bool
	}{
		{`"code":28`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, true},
		{`"code":29`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, true},
		{`"code":30`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK, true},
		{`"code":31`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK, true},
		{`"code":24`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, true},
		{`"code":25`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, true},
		{`"code":"isv.invalid-signature"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, true},
		{`"code":26`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN, true},
		{`"code":27`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN, true},
		{`"code":44`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN, true},
		{`"code":11`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, true},
		{`"code":12`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, true},
		{`"code":11,"sub_code":"isv.permission-ip-whitelist-limit"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, true},
		{`"code":"isv.permission-api-forbidden"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, true},
		{`"code":22`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, true},
		{`"code":7`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, true},
		{`"code":"isp.call-limited"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, true},
		{`"code":7,"sub_code":"accesscontrol.limited-by-api-access-count","sub_msg":"This ban will last for 31062 more seconds"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, true},
		{`"code":40,"sub_code":"isv.missing-parameter:q"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, true},
		{`"code":41`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, true},
		{`"code":15,"sub_code":"isv.invalid-parameter:q"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, true},
		{`"code":"isv.missing-parameter"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, true},
		{`"code":15,"sub_code":"isv.item-not-exist"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, true},
		{`"code":"isv.something-about-the-app"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false},
		{`"code":15,"sub_code":"isp.remote-service-error"`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false},
		{`"code":10`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false},
		{`"code":9999`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false},
	} {
		_, err := w.Open(upstream.Call{API: MethodProductSearch}, 200, []byte(`{"error_response":{`+c.refusal+`}}`))
		f, ok := fault.As(err)
		if !ok {
			t.Fatalf("%s is no refusal: %v", c.refusal, err)
		}
		if at, reported := stopped(f); at != c.at || reported != c.reported {
			t.Errorf("%s: %v, %t (%s); want %v, %t", c.refusal, at, reported, f.Kind, c.at, c.reported)
		}
	}
}
