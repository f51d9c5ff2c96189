// Command docs writes the documents whose content lives in code: errors, settings, capabilities, fault words, findings.
//
//	go run ./tools/docs DIRECTORY
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/cli"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/doctor"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: docs DIRECTORY")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	configuration, err := configurationPage()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"ERRORS.md":       errorsPage(),
		"CONFIG.md":       configuration,
		"CAPABILITIES.md": capabilitiesPage(),
		"FAULT_WORDS.md":  faultWordsPage(),
		"DOCTOR.md":       doctorPage(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

const written = "<!-- Written from code by `make docs`. Do not edit. -->\n\n"

func errorsPage() string {
	var b strings.Builder
	b.WriteString("# Errors\n\n" + written + `Every error, over gRPC and REST, is a ` + "`google.rpc.Status`" + ` whose details carry an ` +
		"`ErrorInfo`" + ` (reason below, domain ` + "`" + rpcerr.Domain + "`" + `), a ` + "`LocalizedMessage`" + ` (English, or Chinese by
` + "`accept-language`" + `), ` + "`BadRequest`" + ` if fields are wrong (each with a ` + "`localized_message`" + ` in Chinese, by the same header), and ` + "`RetryInfo`" + ` only if trying again is useful
(over REST also the header ` + "`Retry-After`" + `).

| reason | gRPC code | HTTP | try again | what happened · 发生了什么 | what to do · 怎么办 |
|---|---|---|---|---|---|
`)
	for _, row := range rpcerr.Rows() {
		retry := "no"
		switch {
		case row.WaitIfKnown:
			retry = "when a delay is given"
		case row.Wait > 0:
			retry = "after the given delay (" + row.Wait.String() + " by default)"
		}
		line(&b, "`"+row.Kind.String()+"`", row.Code.String(), fmt.Sprint(row.HTTP), retry,
			row.EN.Message+" · "+row.ZH.Message, row.EN.Remedy+" · "+row.ZH.Remedy)
	}
	b.WriteString("\n## What the service does after a failed upstream attempt\n\n| class | what the service does | reasons |\n|---|---|---|\n")
	for _, class := range retryClasses {
		var reasons []string
		for _, kind := range fault.Kinds() {
			if kind.Retry() == class.retry {
				reasons = append(reasons, "`"+kind.String()+"`")
			}
		}
		line(&b, class.name, class.what, strings.Join(reasons, ", "))
	}
	return b.String()
}

var retryClasses = []struct {
	retry      fault.Retry
	name, what string
}{
	{fault.RetryNever, "never", "returns the error"},
	{fault.RetryOperator, "operator", "returns the error; a person has to correct credentials, permission or settings"},
	{fault.RetryAuth, "auth", "renews the token once and repeats once"},
	{fault.RetryClock, "clock", "takes the upstream's time from the answer and repeats once"},
	{fault.RetryThrottle, "throttle", "waits, at least as long as the upstream says, and repeats within the deadline"},
	{fault.RetryQuota, "quota", "returns the error; nothing helps until the allowance is renewed"},
	{fault.RetryTransient, "transient", "repeats with backoff and jitter within the deadline"},
	{fault.RetryLocal, "local", "sent nothing; the caller may try again after the given delay"},
}

func configurationPage() (string, error) {
	var b strings.Builder
	b.WriteString("# Settings\n\n" + written + `Each setting has one name, written in four ways. A flag takes precedence over the environment, the environment over the
file, the file over the default. ` + "`zhaohuo serve --print-config`" + ` shows the values in use, with secrets hidden. Secrets have no flag.

`)
	err := config.Markdown(&b)
	return b.String(), err
}

func capabilitiesPage() string {
	var b strings.Builder
	b.WriteString("# Capabilities\n\n" + written + `The fields that each dialect of the upstream offers. A request field that is not offered is refused with
` + "`UNSUPPORTED_BY_DIALECT`" + `. An answer's field that is not offered is absent. GetServerInfo returns the same table.
`)
	aop := capability.NewTable(aop.Capabilities()).Fields()
	top := capability.NewTable(top.Capabilities()).Fields()
	section := ""
	for i, a := range aop {
		if s := a.GetRpc() + ", " + sides[a.GetSide()]; s != section {
			section = s
			fmt.Fprintf(&b, "\n## %s\n\n| field | aop | top |\n|---|---|---|\n", section)
		}
		line(&b, "`"+a.GetField()+"`", offered(a), offered(top[i]))
	}
	return b.String()
}

var sides = map[zhaohuov1.FieldSide]string{
	zhaohuov1.FieldSide_FIELD_SIDE_REQUEST:  "request",
	zhaohuov1.FieldSide_FIELD_SIDE_RESPONSE: "answer",
}

func offered(c *zhaohuov1.FieldCapability) string {
	text := map[zhaohuov1.FieldSupport]string{
		zhaohuov1.FieldSupport_FIELD_SUPPORT_FULL:    "yes",
		zhaohuov1.FieldSupport_FIELD_SUPPORT_PARTIAL: "only " + strings.Join(c.GetValues(), ", "),
		zhaohuov1.FieldSupport_FIELD_SUPPORT_NONE:    "no",
	}[c.GetSupport()]
	if c.GetNote() != "" {
		text += ". " + c.GetNote()
	}
	return text
}

func faultWordsPage() string {
	var b strings.Builder
	b.WriteString("# Fault words of the sandbox\n\n" + written + `Put a word anywhere in the text that you search for, for example ` + "`zhaohuo search 耳机 sandbox:throttle`" + `, and the sandbox
fails in that way. If a request has an id instead of a text, use the id in the last column. A word works in both dialects unless
its meaning says otherwise.

| word | default | meaning | id |
|---|---|---|---|
`)
	for _, word := range faultword.Table() {
		id := ""
		if word.OfferID != 0 {
			id = fmt.Sprint(word.OfferID)
		}
		line(&b, "`sandbox:"+word.Name+word.Argument+"`", word.Default, word.Meaning, id)
	}
	return b.String()
}

// translationPart is about the comparison of translated keywords, in both languages.
const translationPart = "## Translated keywords\n\n" +
	"1688 translates the keyword of a search before it searches, unless the call says that it is translated already (`keywordTranslate`). Which finds\n" +
	"more depends on the keywords. `zhaohuo doctor --compare-translate` (`compare_translation` of `InfoService.Diagnose`) searches with five keywords in both\n" +
	"ways, without the cache: ten upstream calls beside those of the checks, fewer if one fails. For each keyword it shows both totals and how many goods both\n" +
	"first pages have, and at the end which way finds more and what the calls were. A total at the result window (2000) is a lower bound. To search as\n" +
	"written, set `ZHAOHUO_AOP_SKIP_KEYWORD_TRANSLATION=true`; answers stored before are not used then. Dialect `top` does not offer the choice, and the command\n" +
	"says so without a call. In the sandbox, a keyword that is not translated is looked for in the Chinese titles alone. The exit code is that of the checks.\n\n" +
	"1688 在搜索前会翻译关键词，除非调用时声明已翻译（`keywordTranslate`）。哪种方式找到更多取决于关键词。`zhaohuo doctor --compare-translate` 用五个关键词按两种方式各\n" +
	"搜索一次，不使用缓存：除各项检查外再用十次上游调用，若有失败则更少。对每个关键词列出两个总数以及两个首页共有的商品数，最后说明哪种方式找到更多以及调用次数。总数达到\n" +
	"结果窗口（2000）时只是下限。若要按原文搜索，请设置 `ZHAOHUO_AOP_SKIP_KEYWORD_TRANSLATION=true`，此前缓存的结果不再使用。`top` 协议没有这一选项，命令会直接说明，不产生\n" +
	"调用。在沙箱中，未翻译的关键词只在中文标题中查找。退出码仍由各项检查决定。\n\n## Checks\n\n"

func doctorPage() string {
	var b strings.Builder
	b.WriteString("# Doctor\n\n" + written + "`zhaohuo doctor` and `InfoService.Diagnose` check the connection to the upstream in this order: network, clock, App Key, signature,\n" +
		"access token, permission for each API in use, limits. Every call is real, but without arguments, so that it asks for nothing.\n" +
		"A service that takes pushes also says whether they arrive, which costs no call.\n" +
		"The command ends with the exit code of the first check that failed. If none failed but some are unknown, it ends with 1; otherwise with 0.\n\n" +
		translationPart +
		"| check | exit code | verdict | diagnosis | what was found · 发现 | what to do · 怎么办 |\n|---|---|---|---|---|---|\n")
	for _, row := range doctor.Rows() {
		check, code := "any", ""
		if row.Check != zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED {
			check = strings.TrimPrefix(row.Check.String(), "DIAGNOSIS_CHECK_")
		}
		switch row.Verdict {
		case zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_FAILED:
			code = fmt.Sprint(cli.ExitCode(row.Check))
		case zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_UNKNOWN:
			code = "1"
		}
		remedy := row.RemedyEN
		if remedy != "" {
			remedy += " · " + row.RemedyZH
		}
		line(&b, check, code, strings.TrimPrefix(row.Verdict.String(), "DIAGNOSIS_VERDICT_"),
			"`"+strings.TrimPrefix(row.Diagnosis.String(), "DIAGNOSIS_CODE_")+"`", row.MeaningEN+" · "+row.MeaningZH, remedy)
	}
	return b.String()
}

// line writes one row of a table.
func line(b *strings.Builder, cells ...string) {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
