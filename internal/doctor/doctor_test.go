package doctor_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
)

// TestFindings produces every diagnosis of the contract, each against a real sandbox or a server in its place.
func TestFindings(t *testing.T) {
	produced := map[zhaohuov1.DiagnosisCode]bool{}
	for _, p := range patients() {
		for i, dialect := range []string{"aop", "top"} {
			if p.dialect != "" && p.dialect != dialect {
				continue
			}
			t.Run(dialect+"/"+strings.ReplaceAll(p.name, " ", "-"), func(t *testing.T) {
				b := newBed(dialect)
				p.sick(t, b)
				answer, err := b.examine(t.Context(), t)
				if err != nil {
					t.Fatal(err)
				}
				want := [][]string{p.aop, p.top}[i]
				if diff := cmp.Diff(want, lines(answer)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if got := answer.GetMeta().GetUpstreamCalls(); got != p.calls[i] {
					t.Errorf("it cost %d calls, want %d", got, p.calls[i])
				}
				if b.platform != nil && b.own && b.transport.Proxy == nil && b.platform.Stats().Arrivals != int64(p.calls[i]) {
					t.Errorf("the sandbox saw %d requests, %d are reported", b.platform.Stats().Arrivals, p.calls[i])
				}
				for _, f := range answer.GetFindings() {
					produced[f.GetDiagnosis()] = true
					sound(t, f)
				}
				if p.check != nil {
					p.check(t, answer)
				}
			})
		}
	}
	for number, name := range zhaohuov1.DiagnosisCode_name {
		if d := zhaohuov1.DiagnosisCode(number); d != zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_UNSPECIFIED && !produced[d] {
			t.Errorf("%s is produced by no case", name)
		}
	}
}

// sound checks what must be true of every finding.
func sound(t *testing.T, f *zhaohuov1.DiagnosisFinding) {
	t.Helper()
	good := f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK || f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED || f.GetDiagnosis() == zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_INCONCLUSIVE
	if f.GetMeaning().GetEn() == "" || f.GetMeaning().GetZh() == "" {
		t.Errorf("%v has no meaning", f)
	}
	if (f.GetRemedy() == nil) != good || !good && (f.GetRemedy().GetEn() == "" || f.GetRemedy().GetZh() == "") {
		t.Errorf("%v: remedies are for what is wrong", f)
	}
	if good && f.GetReason() != zhaohuov1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		t.Errorf("%v: nothing is wrong, for a reason", f)
	}
	for _, hidden := range []string{appSecret, goodToken} {
		if strings.Contains(f.String(), hidden) {
			t.Errorf("%v contains a secret", f)
		}
	}
}

// TestMeasures: the measured values of an examination without a failure.
func TestMeasures(t *testing.T) {
	for _, dialect := range []string{"aop", "top"} {
		b := newBed(dialect)
		answer, err := b.examine(t.Context(), t)
		if err != nil {
			t.Fatal(err)
		}
		offset(0)(t, answer)
		network, limits := answer.GetFindings()[0], answer.GetFindings()[len(answer.GetFindings())-1]
		if network.RoundTrip == nil || network.GetRoundTrip().AsDuration() < 0 || "http://"+network.GetSubject() != b.url {
			t.Errorf("%s: network %v", dialect, network)
		}
		if limits.GetUpstreamQps() != 4 || limits.GetUpstreamDaily() != 100 {
			t.Errorf("%s: limits %v", dialect, limits)
		}
		if answer.GetMeta().GetSource() != zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX {
			t.Errorf("%s: the answers say that they are a sandbox's, the meta %v", dialect, answer.GetMeta())
		}
		var reported []string
		for _, f := range answer.GetFindings() {
			if f.GetCheck() == zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION {
				reported = append(reported, f.GetSubject())
			}
		}
		if diff := cmp.Diff(apis(dialect), reported); diff != "" {
			t.Errorf("%s: each API once, in order: %s", dialect, diff)
		}
	}
}

// TestEachPermission removes each permission in turn, and only that one is reported.
func TestEachPermission(t *testing.T) {
	for _, dialect := range []string{"aop", "top"} {
		for _, api := range apis(dialect) {
			b := newBed(dialect)
			b.treat = func(s *sandbox.Sandbox) { s.Permit(appKey, strings.TrimSuffix(api, "-1"), false) }
			answer, err := b.examine(t.Context(), t)
			if err != nil {
				t.Fatal(err)
			}
			var denied []string
			for _, f := range answer.GetFindings() {
				if f.GetVerdict() != zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK {
					denied = append(denied, f.GetDiagnosis().String()+" "+f.GetSubject())
				}
			}
			if diff := cmp.Diff([]string{"DIAGNOSIS_CODE_NOT_PERMITTED " + api}, denied); diff != "" {
				t.Errorf("%s without %s: %s", dialect, api, diff)
			}
		}
	}
}

func TestCallerWhoLeavesGetsNoFindings(t *testing.T) {
	for _, dialect := range []string{"aop", "top"} {
		ctx, cancel := context.WithCancel(t.Context())
		b := newBed(dialect)
		b.outside = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			cancel()
			<-r.Context().Done()
		})
		if answer, err := b.examine(ctx, t); fault.KindOf(err) != fault.CallerGone {
			t.Errorf("%s: %v, %v; want CALLER_GONE", dialect, answer, err)
		}
	}
}
