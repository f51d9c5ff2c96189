package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// doctorCommand examines the connection to 1688: from this process with the settings of its environment, or from a
// server.
//
// Its exit code is that of the first failed check: 10 network, 11 clock, 12 App Key, 13 signature, 14 token, 15
// permission, 16 limits. Without a failed check it is 1 if a check is undecided, and 0 otherwise, even with warnings.
type doctorCommand struct {
	Output           string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`
	CompareTranslate bool   `name:"compare-translate" help:"Also search with five keywords twice each, translated by 1688 and as written, and tell which finds more: ten more upstream calls."`

	Addr    string        `name:"addr" group:"Server" placeholder:"HOST:PORT" help:"gRPC address of the server that runs the diagnosis. Unset: this process, with the settings of its environment."`
	TLS     bool          `name:"tls" group:"Server" help:"Speak TLS to --addr."`
	CA      string        `name:"ca" group:"Server" type:"existingfile" placeholder:"FILE" help:"CA certificates (PEM) to verify the server with, instead of the system's."`
	Cert    string        `name:"cert" group:"Server" type:"existingfile" placeholder:"FILE" help:"Client certificate (PEM)."`
	Key     string        `name:"key" group:"Server" type:"existingfile" placeholder:"FILE" help:"Private key (PEM) of --cert."`
	Timeout time.Duration `name:"timeout" group:"Server" default:"2m" help:"Timeout of the diagnosis."`
	Config  string        `name:"config" group:"Server" placeholder:"FILE" help:"Settings file, for a diagnosis from this process."`
}

// Help is shown by --help.
func (*doctorCommand) Help() string {
	return "It makes one real upstream call for each API in use, and one or two more, none of which asks for anything. With --compare-translate " +
		"it makes ten more, which do ask: five keywords, each translated by 1688 and as written.\n\n" +
		"Exit codes: 10 network, 11 clock, 12 App Key, 13 signature, 14 token, 15 permission, 16 limits: the first check that failed; " +
		"1 nothing failed, but some check could not be told; 0 all right, warnings or not."
}

// exitFailedCheck is the code of a failed network check; those of the other checks follow in order.
const exitFailedCheck = 10

// ExitCode is the doctor's exit code if this check is the first that failed.
func ExitCode(c zhaohuov1.DiagnosisCheck) int {
	return exitFailedCheck + int(c-zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK)
}

// diagnosed is the result of an examination with problems. It was already shown.
type diagnosed struct{ code int }

func (d diagnosed) Error() string { return "the examination ends with code " + strconv.Itoa(d.code) }

// Run examines and shows the findings.
func (c *doctorCommand) Run(s *session) error {
	conn, err := c.open(s)
	if err != nil {
		return err
	}
	answer, err := askOver(s, conn, c.Timeout, unary(zhaohuov1.NewInfoServiceClient, zhaohuov1.InfoServiceClient.Diagnose),
		&zhaohuov1.DiagnoseRequest{CompareTranslation: c.CompareTranslate})
	if err != nil {
		return err
	}
	if c.Output == "json" {
		err = writeJSON(s.Stdout, answer)
	} else {
		err = writeDiagnosis(s, answer)
		if err == nil && c.CompareTranslate {
			err = writeTranslation(s, answer.GetTranslation())
		}
	}
	if err != nil {
		return err
	}
	if code := codeOf(answer.GetFindings()); code != exitOK {
		return diagnosed{code}
	}
	return nil
}

// open reaches the server of --addr, or starts one here: a running server may have other settings than those to
// examine.
func (c *doctorCommand) open(s *session) (*connection, error) {
	t := target{Addr: c.Addr, TLS: c.TLS, CA: c.CA, Cert: c.Cert, Key: c.Key, Config: c.Config}
	if t.Addr != "" && t.Addr != addrNone || t.wantsTLS() {
		return t.open(s)
	}
	settings, err := t.settings(s)
	if err != nil {
		return nil, err
	}
	logTo := s.Stderr
	if settings.Origins["log-level"] == "" {
		logTo = io.Discard // The findings say everything.
	}
	return s.within(settings, logTo)
}

// codeOf is the exit code of the first check that failed.
func codeOf(findings []*zhaohuov1.DiagnosisFinding) int {
	code := exitOK
	for _, f := range findings {
		switch f.GetVerdict() {
		case zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_FAILED:
			return ExitCode(f.GetCheck())
		case zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_UNKNOWN:
			code = exitOther
		}
	}
	return code
}

var verdictMarks = map[zhaohuov1.DiagnosisVerdict]string{
	zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK:      "✓",
	zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_WARNING: "!",
	zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_FAILED:  "✗",
	zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED: "-",
	zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_UNKNOWN: "?",
}

// examined are the words around a diagnosis.
type examined struct {
	checks map[zhaohuov1.DiagnosisCheck]string
	// account begins the findings of one account of several. colon separates the subject from the finding.
	account, colon               string
	ahead, behind                string
	perSecond, perDay, unlimited string
	last                         string
	calls, made                  string
	right, unsure, wrong         string
}

var (
	examinedEnglish = examined{
		checks: map[zhaohuov1.DiagnosisCheck]string{
			zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK: "network", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK: "clock", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY: "App Key",
			zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE: "signature", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN: "token",
			zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION: "permission", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS: "limits", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PUSHES: "pushes",
		},
		account: "account", colon: ": ", ahead: "upstream ahead by %s", behind: "upstream behind by %s",
		perSecond: "%s calls a second", perDay: "%d a day", unlimited: "no rate configured",
		last:  "the last at %s",
		calls: "%d upstream calls; ", made: "SANDBOX: this tells nothing about 1688; ",
		right: "all right", unsure: "nothing failed, but not everything could be told", wrong: "%s failed",
	}
	examinedChinese = examined{
		checks: map[zhaohuov1.DiagnosisCheck]string{
			zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK: "网络", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK: "时钟", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY: "App Key",
			zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE: "签名", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN: "令牌",
			zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION: "权限", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS: "限额", zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PUSHES: "推送",
		},
		account: "账号", colon: "：", ahead: "上游快 %s", behind: "上游慢 %s",
		perSecond: "每秒 %s 次", perDay: "每天 %d 次", unlimited: "未配置速率",
		last:  "最近一次：%s",
		calls: "上游调用 %d 次；", made: "SANDBOX：此结果与 1688 无关；",
		right: "一切正常", unsure: "没有失败项，但有检查项无法判断", wrong: "%s未通过",
	}
)

// writeDiagnosis writes a line for each finding, and for problems the upstream's text and what to do.
func writeDiagnosis(s *session, answer *zhaohuov1.DiagnoseResponse) error {
	words := examinedEnglish
	if s.chinese() {
		words = examinedChinese
	}
	widest := 0
	for _, f := range answer.GetFindings() {
		widest = max(widest, uniseg.StringWidth(words.checks[f.GetCheck()]))
	}
	var b strings.Builder
	skipped := zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED
	account := ""
	for _, f := range answer.GetFindings() {
		if f.GetAccount() != account {
			account, skipped = f.GetAccount(), zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED
			fmt.Fprintf(&b, "%s%s%s\n", words.account, words.colon, plain(account))
		}
		if f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED {
			if f.GetCheck() == skipped {
				continue // Skipped APIs are not worth a line.
			}
			skipped = f.GetCheck()
		}
		label := words.checks[f.GetCheck()]
		label += strings.Repeat(" ", widest-uniseg.StringWidth(label))
		fmt.Fprintf(&b, "%s %s  %s\n", verdictMarks[f.GetVerdict()], label, words.found(f, s.chinese()))
		indent := strings.Repeat(" ", widest+4)
		if f.GetReason() != zhaohuov1.ErrorReason_ERROR_REASON_UNSPECIFIED {
			fmt.Fprintf(&b, "%s%s\n", indent, plain(reasonText(f)))
		}
		if remedy := inLanguage(f.GetRemedy(), s.chinese()); remedy != "" {
			fmt.Fprintf(&b, "%s→ %s\n", indent, plain(remedy))
		}
	}
	b.WriteString("\n" + words.summary(answer) + "\n")
	_, err := io.WriteString(s.Stdout, b.String())
	return err
}

// found is a finding's subject, meaning and measurement.
func (w examined) found(f *zhaohuov1.DiagnosisFinding, chinese bool) string {
	text := inLanguage(f.GetMeaning(), chinese)
	if f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED {
		return plain(text)
	}
	if f.GetSubject() != "" {
		text = f.GetSubject() + w.colon + text
	}
	if measured := w.measured(f); measured != "" {
		text += " (" + measured + ")"
	}
	return plain(text)
}

func (w examined) measured(f *zhaohuov1.DiagnosisFinding) string {
	switch {
	case f.RoundTrip != nil:
		return strconv.FormatInt(f.GetRoundTrip().AsDuration().Milliseconds(), 10) + " ms"
	case f.ClockOffset != nil:
		offset := f.GetClockOffset().AsDuration().Round(time.Millisecond)
		if offset < 0 {
			return fmt.Sprintf(w.behind, -offset)
		}
		return fmt.Sprintf(w.ahead, offset)
	case f.UpstreamQps != nil:
		rate := w.unlimited
		if f.GetUpstreamQps() > 0 {
			rate = fmt.Sprintf(w.perSecond, strconv.FormatFloat(f.GetUpstreamQps(), 'f', -1, 64))
		}
		if f.GetUpstreamDaily() > 0 {
			rate += ", " + fmt.Sprintf(w.perDay, f.GetUpstreamDaily())
		}
		return rate
	case f.LastPushTime != nil:
		return fmt.Sprintf(w.last, f.GetLastPushTime().AsTime().Local().Format("2006-01-02 15:04:05 -0700"))
	}
	return ""
}

// reasonText is our reason and the upstream's text.
func reasonText(f *zhaohuov1.DiagnosisFinding) string {
	parts := []string{reasonName(f.GetReason())}
	for _, part := range []string{f.GetUpstreamCode(), f.GetUpstreamSubCode(), f.GetUpstreamMessage()} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}

// summary is the last line.
func (w examined) summary(answer *zhaohuov1.DiagnoseResponse) string {
	text := fmt.Sprintf(w.calls, answer.GetMeta().GetUpstreamCalls())
	if answer.GetMeta().GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX {
		text += w.made
	}
	switch code := codeOf(answer.GetFindings()); code {
	case exitOK:
		return text + w.right
	case exitOther:
		return text + w.unsure
	default:
		return text + fmt.Sprintf(w.wrong, w.checks[zhaohuov1.DiagnosisCheck(code-exitFailedCheck)+zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK])
	}
}

func inLanguage(w *zhaohuov1.BilingualText, chinese bool) string {
	if chinese {
		return w.GetZh()
	}
	return w.GetEn()
}
