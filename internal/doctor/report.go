package doctor

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// finding builds a finding. It has no reason if err is nil or if the diagnosis is that nothing is wrong.
func finding(what zhaohuov1.DiagnosisCode, subject string, kind fault.Kind, err error) *zhaohuov1.DiagnosisFinding {
	row := table[what]
	f := &zhaohuov1.DiagnosisFinding{
		Check: row.check, Verdict: row.verdict, Diagnosis: what, Subject: subject,
		Meaning: wording(row.meaning), Remedy: wording(row.remedy),
	}
	if row.verdict == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK || row.verdict == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED || err == nil {
		return f
	}
	f.Reason = rpcerr.Enum(kind.String())
	if reported, ok := fault.As(err); ok {
		f.UpstreamCode = reported.Meta[fault.MetaUpstreamCode]
		f.UpstreamSubCode = reported.Meta[fault.MetaUpstreamSubCode]
		f.UpstreamMessage = reported.Meta[fault.MetaUpstreamMessage]
	}
	return f
}

func wording(t text) *zhaohuov1.BilingualText {
	if t == (text{}) {
		return nil
	}
	return &zhaohuov1.BilingualText{En: t.en, Zh: t.zh}
}

// findings lists the findings of all checks in order.
func (e *exam) findings() []*zhaohuov1.DiagnosisFinding {
	all := []*zhaohuov1.DiagnosisFinding{e.network(), e.clock()}
	all = append(all,
		e.shared(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_APP_KEY_KNOWN),
		e.shared(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_SIGNATURE_RIGHT),
		e.shared(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN, e.goodToken()),
	)
	if e.tokenStore != nil {
		all = append(all, e.tokenStore)
	}
	for _, p := range e.o.Examination.Probes {
		f := e.permissions[p.Call.API]
		if f == nil || e.over() && f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_UNKNOWN {
			f = e.inconclusive(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION)
			f.Subject = p.Call.API
		}
		all = append(all, f)
	}
	all = append(all, e.limitFindings()...)
	for _, f := range all {
		f.Account = e.o.account
	}
	return all
}

func (e *exam) network() *zhaohuov1.DiagnosisFinding {
	f := e.failed[zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK]
	switch {
	case f != nil:
		return f
	case e.unsteady != nil:
		f = e.unsteady
	case e.reached:
		f = finding(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_REACHED, e.host, 0, nil)
	default:
		return e.inconclusive(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK)
	}
	f.RoundTrip = millis(e.roundTrip)
	return f
}

func (e *exam) clock() *zhaohuov1.DiagnosisFinding {
	f := e.failed[zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK]
	switch {
	case f != nil:
	case e.clockOff():
		f = finding(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CLOCK_OFF, "", 0, nil)
	case e.offset != nil || e.proved[zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK]:
		f = finding(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CLOCK_RIGHT, "", 0, nil)
	default:
		return e.inconclusive(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK)
	}
	f.ClockOffset = millis(e.offset)
	return f
}

// millis is a duration in whole milliseconds, or nil if it is not known.
func millis(d *time.Duration) *durationpb.Duration {
	if d == nil {
		return nil
	}
	return durationpb.New(d.Truncate(time.Millisecond))
}

// shared is the finding of a check that is the same for every API.
func (e *exam) shared(check zhaohuov1.DiagnosisCheck, good zhaohuov1.DiagnosisCode) *zhaohuov1.DiagnosisFinding {
	if f := e.failed[check]; f != nil {
		return f
	}
	if e.proved[check] {
		return finding(good, "", 0, nil)
	}
	return e.inconclusive(check)
}

func (e *exam) goodToken() zhaohuov1.DiagnosisCode {
	switch {
	case e.token.Empty():
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_NOT_NEEDED
	case e.renewed:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_RENEWED
	default:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_ACCEPTED
	}
}

// inconclusive is the finding of a check that no answer decided. It is skipped if an earlier check failed.
func (e *exam) inconclusive(check zhaohuov1.DiagnosisCheck) *zhaohuov1.DiagnosisFinding {
	what := zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_INCONCLUSIVE
	for earlier := range e.failed {
		if earlier < check {
			what = zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_SKIPPED
		}
	}
	f := finding(what, "", 0, nil)
	f.Check = check
	return f
}

func (e *exam) limitFindings() []*zhaohuov1.DiagnosisFinding {
	all := e.limits
	if len(all) == 0 {
		f := finding(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_WITHIN_LIMITS, "", 0, nil)
		if !e.passed || e.over() {
			f = e.inconclusive(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS)
		}
		all = []*zhaohuov1.DiagnosisFinding{f}
	}
	for _, f := range all {
		f.UpstreamQps, f.UpstreamDaily = &e.o.QPS, &e.o.Daily
	}
	return all
}
