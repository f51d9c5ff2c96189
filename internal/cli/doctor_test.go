package cli

import (
	"context"
	"net"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// doctorServer is a server with fixed findings.
type doctorServer struct {
	zhaohuov1.UnimplementedInfoServiceServer
	answer *zhaohuov1.DiagnoseResponse
}

func (s doctorServer) Diagnose(context.Context, *zhaohuov1.DiagnoseRequest) (*zhaohuov1.DiagnoseResponse, error) {
	return s.answer, nil
}

func (s doctorServer) serve(t *testing.T) string {
	t.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	zhaohuov1.RegisterInfoServiceServer(server, s)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(port) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return port.Addr().String()
}

func words(en, zh string) *zhaohuov1.BilingualText { return &zhaohuov1.BilingualText{En: en, Zh: zh} }

// allVerdicts has every verdict, and malicious text.
func allVerdicts() *zhaohuov1.DiagnoseResponse {
	skipped := words("Not checked.", "未检查。")
	return &zhaohuov1.DiagnoseResponse{
		Findings: []*zhaohuov1.DiagnosisFinding{
			{
				Check: zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_NETWORK, Verdict: zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK, Subject: "gw.example:443",
				Meaning: words("It answers.", "可以访问。"), RoundTrip: durationpb.New(42 * time.Millisecond),
			},
			{
				Check: zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK, Verdict: zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_WARNING,
				Meaning: words("The clock is off.", "时钟不准。"), Remedy: words("Set it.", "请校准。"), ClockOffset: durationpb.New(-61500 * time.Millisecond),
			},
			{Check: zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, Verdict: zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK, Meaning: words("It is known.", "已登记。")},
			{Check: zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, Verdict: zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_UNKNOWN, Meaning: words("Nobody told.", "无法判断。")},
			{
				Check: zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN, Verdict: zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_FAILED, Reason: zhaohuov1.ErrorReason_ERROR_REASON_UPSTREAM_TOKEN_INVALID,
				UpstreamCode: "27", UpstreamSubCode: "isv.invalid-session", UpstreamMessage: "no\x1b[31m good",
				Meaning: words("It is refused.", "令牌被拒绝。"), Remedy: words("Log in.", "请登录。"),
			},
			{Check: zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, Verdict: zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED, Subject: "api.one", Meaning: skipped},
			{Check: zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, Verdict: zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED, Subject: "api.two", Meaning: skipped},
			{
				Check: zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, Verdict: zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED, Meaning: skipped,
				UpstreamQps: proto.Float64(4), UpstreamDaily: proto.Int64(5000),
			},
		},
		Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, UpstreamCalls: 2},
	}
}

func TestDiagnosis(t *testing.T) {
	addr := doctorServer{answer: allVerdicts()}.serve(t)
	english := "" +
		"✓ network     gw.example:443: It answers. (42 ms)\n" +
		"! clock       The clock is off. (upstream behind by 1m1.5s)\n" +
		"              → Set it.\n" +
		"✓ App Key     It is known.\n" +
		"? signature   Nobody told.\n" +
		"✗ token       It is refused.\n" +
		"              UPSTREAM_TOKEN_INVALID · 27 · isv.invalid-session · no[31m good\n" +
		"              → Log in.\n" +
		"- permission  Not checked.\n" +
		"- limits      Not checked.\n" +
		"\n" +
		"2 upstream calls; token failed\n"
	chinese := "" +
		"✓ 网络     gw.example:443：可以访问。 (42 ms)\n" +
		"! 时钟     时钟不准。 (上游慢 1m1.5s)\n" +
		"           → 请校准。\n" +
		"✓ App Key  已登记。\n" +
		"? 签名     无法判断。\n" +
		"✗ 令牌     令牌被拒绝。\n" +
		"           UPSTREAM_TOKEN_INVALID · 27 · isv.invalid-session · no[31m good\n" +
		"           → 请登录。\n" +
		"- 权限     未检查。\n" +
		"- 限额     未检查。\n" +
		"\n" +
		"上游调用 2 次；令牌未通过\n"
	for lang, want := range map[string]string{"en_US.UTF-8": english, "zh_CN.UTF-8": chinese} {
		got := run(t, []string{"LANG=" + lang}, "doctor", "--addr", addr)
		if diff := gocmp.Diff(outcome{14, want, ""}, got, gocmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

func TestDiagnosisAsJSON(t *testing.T) {
	got := run(t, nil, "doctor", "-o", "json", "--addr", doctorServer{answer: allVerdicts()}.serve(t))
	var back zhaohuov1.DiagnoseResponse
	if err := protojson.Unmarshal([]byte(got.stdout), &back); err != nil || got.code != 14 || got.stderr != "" {
		t.Fatalf("%v %+v", err, got)
	}
	if diff := gocmp.Diff(allVerdicts(), &back, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExitCodesOfChecks(t *testing.T) {
	found := func(verdicts ...zhaohuov1.DiagnosisVerdict) []*zhaohuov1.DiagnosisFinding {
		var all []*zhaohuov1.DiagnosisFinding
		for i, v := range verdicts {
			all = append(all, &zhaohuov1.DiagnosisFinding{Check: zhaohuov1.DiagnosisCheck(i + 1), Verdict: v})
		}
		return all
	}
	const (
		ok      = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_OK
		warning = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_WARNING
		failed  = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_FAILED
		skipped = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_SKIPPED
		unknown = zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_UNKNOWN
	)
	for _, c := range []struct {
		want     int
		findings []*zhaohuov1.DiagnosisFinding
	}{
		{0, found(ok, ok, ok, ok, ok, ok, ok)},
		{0, found(ok, warning, ok, ok, ok, ok, warning)},
		{1, found(ok, warning, ok, ok, unknown, ok, ok)},
		{10, found(failed, skipped, skipped, skipped, skipped, skipped, skipped)},
		{11, found(ok, failed, skipped)},
		{12, found(ok, ok, failed)},
		{13, found(ok, ok, ok, failed)},
		{14, found(ok, ok, ok, ok, failed)},
		{15, found(ok, ok, ok, ok, unknown, failed, failed)},
		{16, found(ok, ok, ok, ok, ok, ok, failed)},
	} {
		if got := codeOf(c.findings); got != c.want {
			t.Errorf("%v: %d, want %d", c.findings, got, c.want)
		}
	}
}

// measured are the values that may differ between two examinations.
var measured = regexp.MustCompile(`127\.0\.0\.1:\d+|\d+ ms|(ahead|behind) by [-0-9a-zµ.]+`)

const (
	detailAPI  = "com.alibaba.fenxiao.crossborder:product.search.queryProductDetail"
	doctorAOP  = "com.alibaba.fenxiao.crossborder:product."
	allAPIsEnd = "search.keywordQuery-1 image.upload-1 search.imageQuery-1 search.queryProductDetail-1 " +
		"search.querySellerOfferList-1 search.keywordSNQuery-1 search.topKeyword-1 related.recommend-1"
	laterAPIs = "com.alibaba.fenxiao.crossborder:category.translation.getByKeyword-1 com.alibaba.fenxiao.crossborder:category.translation.getById-1 " +
		doctorAOP + "topList.query-1 " + doctorAOP + "analyze.getPerdaySellQuantityTrendNew-1 " +
		doctorAOP + "analyze.getThirtyDayMedianPriceTrendNew-1 " + doctorAOP + "analyze.getRepurchaseRateTrendNew-1"
)

type noGoods struct{ market.Catalogue }

type noPictures struct{ sandbox.Pictures }

// startSandbox runs a sandbox with one app, and the environment that makes it the upstream.
func startSandbox(t *testing.T, dialect string, change func(*sandbox.Config)) (*sandbox.Sandbox, []string) {
	t.Helper()
	c := sandbox.Config{
		Apps:      []sandbox.App{{Key: "1000000", Secret: "test123", Tokens: []sandbox.Token{{Value: "good-token"}}}},
		Catalogue: noGoods{}, Pictures: noPictures{}, AOPTolerance: time.Minute,
	}
	if change != nil {
		change(&c)
	}
	s, err := sandbox.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		_ = s.Close()
		server.Close()
	})
	url := server.URL
	if dialect == "top" {
		url += "/router/rest"
	}
	return s, []string{
		"ZHAOHUO_DIALECT=" + dialect, "ZHAOHUO_UPSTREAM_URL=" + url, "ZHAOHUO_APP_KEY=1000000", "ZHAOHUO_APP_SECRET=test123",
		"ZHAOHUO_ACCESS_TOKEN=good-token", "ZHAOHUO_UPSTREAM_QPS=0", "ZHAOHUO_DATA_DIR=" + t.TempDir(),
	}
}

// TestDoctorOnSite runs the command against a sandbox with each kind of failure.
func TestDoctorOnSite(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*sandbox.Config)
		treat  func(*sandbox.Sandbox)
		env    []string
		code   int
		last   string
	}{
		{name: "well", code: 0, last: "all right"},
		{name: "network", env: []string{"ZHAOHUO_UPSTREAM_PROXY=http://127.0.0.1:1"}, code: 10, last: "network failed"},
		{name: "clock", change: func(c *sandbox.Config) {
			c.Clock = func() time.Time { return time.Now().Add(time.Hour) }
		}, code: 11, last: "clock failed"},
		{name: "app key", env: []string{"ZHAOHUO_APP_KEY=2000000"}, code: 12, last: "App Key failed"},
		{name: "signature", env: []string{"ZHAOHUO_APP_SECRET=CANARY-SECRET"}, code: 13, last: "signature failed"},
		{name: "token", env: []string{"ZHAOHUO_ACCESS_TOKEN=CANARY-TOKEN"}, code: 14, last: "token failed"},
		{name: "permission", treat: func(s *sandbox.Sandbox) {
			s.Permit("1000000", detailAPI, false)
			s.Permit("1000000", "alibaba.product.get", false)
		}, code: 15, last: "permission failed"},
		{name: "limits", treat: func(s *sandbox.Sandbox) {
			s.RenewPackage("1000000", detailAPI, 0)
			s.RenewPackage("1000000", "alibaba.product.getSellerProductList", 0)
		}, code: 16, last: "limits failed"},
	} {
		for _, dialect := range []string{"aop", "top"} {
			t.Run(dialect+"/"+c.name, func(t *testing.T) {
				s, env := startSandbox(t, dialect, c.change)
				if c.treat != nil {
					c.treat(s)
				}
				got := run(t, append(env, c.env...), "doctor")
				lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
				last := lines[len(lines)-1]
				if got.code != c.code || got.stderr != "" || !strings.HasSuffix(last, "; "+c.last) {
					t.Errorf("code %d, want %d; last line %q, want %q\n%s%s", got.code, c.code, last, c.last, got.stdout, got.stderr)
				}
				if strings.Contains(got.stdout, "CANARY") {
					t.Errorf("a secret is shown:\n%s", got.stdout)
				}
			})
		}
	}
}

// TestDoctorTellsAll: the full output, with one failure among passed checks.
func TestDoctorTellsAll(t *testing.T) {
	s, env := startSandbox(t, "aop", nil)
	s.Permit("1000000", detailAPI, false)
	want := "" +
		"✓ network     ADDR: The upstream answers. (MS)\n" +
		"✓ clock       This machine's clock agrees with the upstream's. (upstream OFFSET)\n" +
		"✓ App Key     The upstream knows the App Key.\n" +
		"✓ signature   Signatures are accepted: the App Secret is right.\n" +
		"✓ token       The access token is accepted.\n"
	for api := range strings.FieldsSeq(allAPIsEnd) {
		if doctorAOP+api == detailAPI+"-1" {
			want += "✗ permission  " + detailAPI + "-1: The App Key may not call this API. Permission is given for each API.\n" +
				"              UPSTREAM_PERMISSION_DENIED · gw.APIACLDecline · AppKey is not allowed(acl)\n" +
				"              → Apply for the solution or permission package that holds this API, on the app's page in the console of open.1688.com. Until then only what needs this API fails.\n"
			continue
		}
		want += "✓ permission  " + doctorAOP + api + ": The App Key may call this API.\n"
	}
	for api := range strings.FieldsSeq(laterAPIs) {
		want += "✓ permission  " + api + ": The App Key may call this API.\n"
	}
	want += "✓ limits      No limit was met during the examination. (no rate configured)\n" +
		"\n" +
		"15 upstream calls; SANDBOX: this tells nothing about 1688; permission failed\n"
	got := run(t, env, "doctor")
	got.stdout = measured.ReplaceAllStringFunc(got.stdout, func(found string) string {
		switch {
		case strings.HasPrefix(found, "127."):
			return "ADDR"
		case strings.HasSuffix(found, " ms"):
			return "MS"
		default:
			return "OFFSET"
		}
	})
	if diff := gocmp.Diff(outcome{15, want, ""}, got, gocmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDoctorByAServer asks a running server for its findings.
func TestDoctorByAServer(t *testing.T) {
	s, env := startSandbox(t, "top", nil)
	s.Permit("1000000", "alibaba.product.get", false)
	d := launch(t, append(env, "ZHAOHUO_GRPC_ADDR=127.0.0.1:0", "ZHAOHUO_NO_HTTP=true", "ZHAOHUO_LAME_DUCK=0s"), "serve")
	addr := d.stdout.await(t, `gRPC +(\S+)\n`)[0]
	got := run(t, []string{"LANG=zh_CN.UTF-8"}, "doctor", "--addr", addr)
	if got.code != 15 || !strings.HasSuffix(got.stdout, "\n上游调用 4 次；SANDBOX：此结果与 1688 无关；权限未通过\n") {
		t.Errorf("%+v", got)
	}
}

// TestDoctorComparesTranslation: both ways of searching are compared in the sandbox, what it costs is said, and a dialect without
// the choice says so without a call.
func TestDoctorComparesTranslation(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string
		want string
	}{
		{"English", nil, `\n25 upstream calls; .*all right\n
KEYWORD +TRANSLATED TOTAL +TOTAL AS WRITTEN +ON BOTH FIRST PAGES
蓝牙耳机 +([0-9]+) +[0-9]+ +[0-9]+ of [0-9]+
保温杯 +[0-9]+ +[0-9]+ +[0-9]+ of [0-9]+
USB 数据线 +[0-9]+ +[0-9]+ +[0-9]+ of [0-9]+
phone case +[1-9][0-9]* +0 +0 of [1-9][0-9]*
water bottle +[1-9][0-9]* +0 +0 of [1-9][0-9]*
→ Translated, [2-5] of 5 keywords find more, and none finds less: leave ZHAOHUO_AOP_SKIP_KEYWORD_TRANSLATION unset\.
  cost of the comparison: 10 upstream calls
$`},
		{"Chinese", []string{"LANG=zh_CN.UTF-8"}, `\n上游调用 25 次；.*一切正常\n
关键词 +翻译后总数 +按原文总数 +两个首页共有
(?s:.*)
→ 5 个关键词中，翻译后 [2-5] 个找到更多，没有一个更少：请不要设置 ZHAOHUO_AOP_SKIP_KEYWORD_TRANSLATION。
  比较的代价：10 次上游调用
$`},
		{"a dialect without the choice", []string{"ZHAOHUO_DIALECT=top"}, `\n4 upstream calls; .*all right\n
→ This dialect does not offer the choice. Nothing was asked.
$`},
		{"the same in Chinese", []string{"ZHAOHUO_DIALECT=top", "LANG=zh_CN.UTF-8"}, `\n上游调用 4 次；.*一切正常\n
→ 此协议没有这一选项，未进行查询。
$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := run(t, append(c.env, "ZHAOHUO_UPSTREAM_QPS=0", "ZHAOHUO_SANDBOX_QPS=0", "ZHAOHUO_DATA_DIR="+t.TempDir()), "doctor", "--compare-translate")
			if got.code != 0 || !regexp.MustCompile(c.want).MatchString(got.stdout) {
				t.Errorf("code %d, stderr %q\n%s\nwant %s", got.code, got.stderr, got.stdout, c.want)
			}
		})
	}
}

// TestDoctorWithoutAComparison: a failed check, or a refused search, is told in place of figures.
func TestDoctorWithoutAComparison(t *testing.T) {
	s, env := startSandbox(t, "aop", nil)
	s.Permit("1000000", doctorAOP+"search.keywordQuery", false)
	got := run(t, env, "doctor", "--compare-translate")
	want := "\nKEYWORD   TRANSLATED TOTAL  TOTAL AS WRITTEN  ON BOTH FIRST PAGES\n" +
		"蓝牙耳机                 -                 -                    -  failed: UPSTREAM_PERMISSION_DENIED\n" +
		"→ Nothing could be compared by totals.\n  cost of the comparison: 1 upstream call\n"
	if got.code != 15 || !strings.HasSuffix(got.stdout, want) {
		t.Errorf("%d\n%s\nwant %s", got.code, got.stdout, want)
	}
	for lang, want := range map[string]string{
		"en_US.UTF-8": "\nkeywords were not compared, because a check failed\n", "zh_CN.UTF-8": "\n有检查项未通过，没有比较关键词\n",
	} {
		got := run(t, append(env, "ZHAOHUO_APP_SECRET=false", "LANG="+lang), "doctor", "--compare-translate")
		if got.code != 13 || !strings.HasSuffix(got.stdout, want) {
			t.Errorf("%d\n%s\nwant %s", got.code, got.stdout, want)
		}
	}
}
