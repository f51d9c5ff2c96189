package aop

import (
	"testing"
	"time"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// TestStopped covers the documented codes and undocumented ones.
func TestStopped(t *testing.T) {
	w := newWire(Config{}.withDefaults())
	for _, c := range []struct {
		status   int
		body     string
		at       zhaohuov1.DiagnosisCheck
		reported bool
	}{
		{400, `{"error_code":"gw.AppKeyMissing"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, true},
		{400, `{"error_code":"gw.AppKeyNotFound"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, true},
		{400, `{"error_code":"gw.SignatureMissing"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, true},
		{400, `{"error_code":"gw.SignatureInvalid"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, true},
		{401, `{"error_code":"401"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN, true},
		{200, `{"error_code":"401"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN, true},
		{400, `{"error_code":"gw.APIACLDecline"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, true},
		{400, `{"error_code":"gw.APIUnsupported"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, true},
		{400, `{"error_code":"gw.QosAppFrequencyLimit"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, true},
		{400, `{"error_code":"gw.QosApiFrequencyLimit"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, true},
		{400, `{"error_code":"gw.NoUsageLeftError"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, true},
		{400, `{"error_code":"gw.ParamMissing"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, true},
		{200, `{"result":{"success":false,"code":"PARAM_ERROR","message":"x"}}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, true},
		{200, `{"result":{"success":true,"result":null}}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false},
		{200, `{"error_code":"400","error_message":"参数","success":false}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false},
		{400, `{"error_code":"gw.NeverHeardOf"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false},
		{500, `{"error_code":"gw.ISPInvokeError"}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false},
		{400, `{"success":false}`, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false},
	} {
		_, err := w.Open(upstream.Call{}, c.status, []byte(c.body))
		f, ok := fault.As(err)
		if !ok {
			t.Fatalf("%s is no refusal: %v", c.body, err)
		}
		if at, reported := stopped(f); at != c.at || reported != c.reported {
			t.Errorf("%d %s: %v, %t; want %v, %t", c.status, c.body, at, reported, c.at, c.reported)
		}
	}
}

func TestReadDate(t *testing.T) {
	for text, want := range map[string]time.Time{
		`"20261010164552223+0800"`: time.Date(2026, 10, 10, 8, 45, 52, 223e6, time.UTC),
		`"20240229235959999-0000"`: time.Date(2024, 2, 29, 23, 59, 59, 999e6, time.UTC),
		`"20150626174405000+0800"`: time.Date(2015, 6, 26, 9, 44, 5, 0, time.UTC),
	} {
		if got, err := readDate(gjson.Parse(text)); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		`""`, `20261010164552223`, `"20261010164552"`, `"20261310164552223+0800"`, `"20261010164552223"`, `"+0800"`, `null`, `{}`,
		`"蓝牙蓝牙蓝牙"`,
	} {
		if got, err := readDate(gjson.Parse(text)); fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: %v, %v; want it refused", text, got, err)
		}
	}
}
