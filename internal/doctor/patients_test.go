package doctor_test

import (
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

const (
	detailAOP = "com.alibaba.fenxiao.crossborder:product.search.queryProductDetail"
	keyword   = "com.alibaba.fenxiao.crossborder:product.search.keywordQuery-1"
)

// patient is one case.
type patient struct {
	name string
	// dialect is "" for both.
	dialect string
	sick    func(*testing.T, *bed)
	// aop and top are the expected findings. calls is the expected number of calls of each.
	aop, top []string
	calls    [2]int32
	// check makes further checks.
	check func(*testing.T, *zhaohuov1.DiagnoseResponse)
}

func both(lines func(string) []string) (inAOP, inTOP []string) { return lines("aop"), lines("top") }

func sharedFailure(failure string) (inAOP, inTOP []string) {
	return both(func(d string) []string { return skippedAfter(d, failure) })
}

func patients() []patient {
	var all []patient
	all = append(all, credentialPatients()...)
	all = append(all, clockPatients()...)
	all = append(all, tokenPatients()...)
	all = append(all, tokenStorePatients()...)
	all = append(all, pushPatients()...)
	all = append(all, permissionPatients()...)
	all = append(all, limitPatients()...)
	return append(all, networkPatients()...)
}

func credentialPatients() []patient {
	return []patient{
		{name: "healthy", sick: func(*testing.T, *bed) {}, aop: well("aop"), top: well("top"), calls: [2]int32{15, 4}},
		{
			name: "wrong secret", sick: func(_ *testing.T, b *bed) { b.appSecret = "wrong" },
			aop:   skippedAfter("aop", "SIGNATURE FAILED SIGNATURE_WRONG UPSTREAM_CREDENTIALS_INVALID gw.SignatureInvalid"),
			top:   skippedAfter("top", "SIGNATURE FAILED SIGNATURE_WRONG UPSTREAM_CREDENTIALS_INVALID 25 isv.invalid-signature"),
			calls: [2]int32{1, 1},
		},
		{
			name: "unknown key", sick: func(_ *testing.T, b *bed) { b.appKey = "2000000" },
			aop:   skippedAfter("aop", "APP_KEY FAILED APP_KEY_UNKNOWN UPSTREAM_CREDENTIALS_INVALID gw.AppKeyNotFound"),
			top:   skippedAfter("top", "APP_KEY FAILED APP_KEY_UNKNOWN UPSTREAM_CREDENTIALS_INVALID 29 isv.appkey-not-exists"),
			calls: [2]int32{1, 1},
		},
	}
}

// ahead changes the upstream's clock.
func ahead(d time.Duration) func(*testing.T, *bed) {
	return func(_ *testing.T, b *bed) {
		b.config.Clock = func() time.Time { return time.Now().Add(d) }
		b.config.AOPTolerance = 5 * time.Minute
		b.config.Apps[0].Tokens[0].Expires = time.Time{}
	}
}

func offset(want time.Duration) func(*testing.T, *zhaohuov1.DiagnoseResponse) {
	return func(t *testing.T, answer *zhaohuov1.DiagnoseResponse) {
		t.Helper()
		got := answer.GetFindings()[1]
		// Half a second where answers have whole seconds, plus the delay of a busy machine.
		if off := got.GetClockOffset().AsDuration() - want; got.ClockOffset == nil || off.Abs() > 5*time.Second {
			t.Errorf("the offset is %v, want about %v", got.GetClockOffset().AsDuration(), want)
		}
	}
}

func clockPatients() []patient {
	known := func(t *testing.T, b *bed) {
		ahead(-time.Hour)(t, b)
		b.aop.Faults = map[string]fault.Kind{"gw.TimestampInvalid": fault.UpstreamClockSkew}
	}
	// AOP answers the time without a token. So key and signature are known to be right.
	inAOP := func(clock string) []string {
		all := well("aop", clock)
		return append(all[:4], "TOKEN SKIPPED", "PERMISSION SKIPPED", "LIMITS SKIPPED")
	}
	return []patient{
		{
			name: "clock an hour off, and a code for it", sick: known, calls: [2]int32{2, 1}, check: offset(-time.Hour),
			aop: inAOP("CLOCK FAILED CLOCK_REFUSED UPSTREAM_CLOCK_SKEW gw.TimestampInvalid"),
			top: []string{
				"NETWORK OK REACHED", "CLOCK FAILED CLOCK_REFUSED UPSTREAM_CLOCK_SKEW 31", "APP_KEY SKIPPED",
				"SIGNATURE SKIPPED", "TOKEN SKIPPED", "PERMISSION SKIPPED", "LIMITS SKIPPED",
			},
		},
		{
			name: "clock an hour off, and an undocumented code", dialect: "aop", sick: ahead(time.Hour),
			calls: [2]int32{2}, check: offset(time.Hour),
			aop: inAOP("CLOCK FAILED CLOCK_SUSPECTED UPSTREAM_CLOCK_SKEW gw.TimestampInvalid"),
		},
		{
			name: "clock a little off", sick: ahead(2 * time.Minute), calls: [2]int32{15, 4}, check: offset(2 * time.Minute),
			aop: well("aop", "CLOCK WARNING CLOCK_OFF"), top: well("top", "CLOCK WARNING CLOCK_OFF"),
		},
	}
}

func tokenPatients() []patient {
	refusedAOP, refusedTOP := "TOKEN FAILED TOKEN_REFUSED UPSTREAM_TOKEN_INVALID 401", "TOKEN FAILED TOKEN_REFUSED UPSTREAM_TOKEN_INVALID 27 isv.invalid-session"
	unavailableAOP, unavailableTOP := sharedFailure("TOKEN FAILED TOKEN_UNAVAILABLE UPSTREAM_TOKEN_INVALID")
	return []patient{
		{
			name: "false token", sick: func(_ *testing.T, b *bed) { b.tokens = &tokens{held: "false-token"} },
			aop: skippedAfter("aop", refusedAOP), top: skippedAfter("top", refusedTOP), calls: [2]int32{2, 1},
		},
		{
			name: "expired token", sick: func(_ *testing.T, b *bed) {
				b.config.Apps[0].Tokens[0].Expires = time.Now().Add(-time.Minute)
			},
			aop: skippedAfter("aop", refusedAOP), top: skippedAfter("top", refusedTOP), calls: [2]int32{2, 1},
		},
		{
			name: "no token where one is needed", sick: func(_ *testing.T, b *bed) {
				b.tokens = &tokens{}
				b.config.Apps[0].NeedSession = true
			},
			aop:   skippedAfter("aop", "TOKEN FAILED TOKEN_MISSING UPSTREAM_TOKEN_INVALID 401"),
			top:   skippedAfter("top", "TOKEN FAILED TOKEN_MISSING UPSTREAM_TOKEN_INVALID 26"),
			calls: [2]int32{2, 1},
		},
		{
			name: "no token where none is needed", sick: func(_ *testing.T, b *bed) {
				b.tokens = &tokens{}
				b.config.Apps[0].SingleUser = true
			},
			aop: well("aop", "TOKEN OK TOKEN_NOT_NEEDED"), top: well("top", "TOKEN OK TOKEN_NOT_NEEDED"), calls: [2]int32{15, 4},
		},
		{
			name: "a token that is renewed", sick: func(_ *testing.T, b *bed) { b.tokens = &tokens{held: "old-token", next: goodToken} },
			aop: well("aop", "TOKEN OK TOKEN_RENEWED"), top: well("top", "TOKEN OK TOKEN_RENEWED"), calls: [2]int32{16, 5},
		},
		{
			name: "a token that is renewed in vain", sick: func(_ *testing.T, b *bed) { b.tokens = &tokens{held: "old-token", next: "false-token"} },
			aop: skippedAfter("aop", refusedAOP), top: skippedAfter("top", refusedTOP), calls: [2]int32{3, 2},
		},
		{
			name: "nobody logged in", sick: func(_ *testing.T, b *bed) {
				b.tokens = &tokens{err: fault.New(fault.UpstreamTokenInvalid, "log in")}
			},
			aop: unavailableAOP, top: unavailableTOP, calls: [2]int32{1, 1},
		},
		{
			name: "nobody logged in, and a wrong secret", sick: func(_ *testing.T, b *bed) {
				b.tokens, b.appSecret = &tokens{err: fault.New(fault.UpstreamTokenInvalid, "log in")}, "wrong"
			},
			aop:   skippedAfter("aop", "SIGNATURE FAILED SIGNATURE_WRONG UPSTREAM_CREDENTIALS_INVALID gw.SignatureInvalid"),
			top:   skippedAfter("top", "SIGNATURE FAILED SIGNATURE_WRONG UPSTREAM_CREDENTIALS_INVALID 25 isv.invalid-signature"),
			calls: [2]int32{1, 1},
		},
	}
}

// between puts lines of permissions between those of permitted APIs.
func between(dialect string, lines ...string) []string {
	all := well(dialect)
	return append(append(append(append([]string{}, all[:6]...), lines...), all[5]), all[6])
}

func permissionPatients() []patient {
	denied := "PERMISSION FAILED NOT_PERMITTED "
	return []patient{
		{
			name: "a permission taken away", calls: [2]int32{15, 4},
			sick: func(_ *testing.T, b *bed) {
				b.treat = func(s *sandbox.Sandbox) {
					s.Permit(appKey, detailAOP, false)
					s.Permit(appKey, top.MethodProductGet, false)
				}
			},
			aop: between("aop", denied+detailAOP+"-1 UPSTREAM_PERMISSION_DENIED gw.APIACLDecline"),
			top: between("top", denied+top.MethodProductGet+" UPSTREAM_PERMISSION_DENIED 11 isv.permission-api-forbidden"),
		},
		{
			name: "an API that is not there", calls: [2]int32{15, 4},
			sick: func(_ *testing.T, b *bed) {
				b.aop.Methods.GetProduct = aop.Method{Namespace: "com.alibaba.product", Name: "gone", Version: "1"}
				b.top.Methods.GetProduct = "alibaba.product.gone"
			},
			aop: between("aop", "PERMISSION FAILED NO_SUCH_API com.alibaba.product:gone-1 UPSTREAM_API_UNKNOWN gw.APIUnsupported"),
			top: between("top", "PERMISSION FAILED NO_SUCH_API alibaba.product.gone UPSTREAM_API_UNKNOWN 22"),
		},
		{
			// It is not published that TOP checks the token before the permission.
			name: "no permission at all", calls: [2]int32{2, 1},
			sick: func(_ *testing.T, b *bed) {
				b.config.Apps[0].APIs = []string{}
				b.probes = []upstream.Probe{says(b.dialect, "x")}
			},
			aop: well("aop", denied+keyword+" UPSTREAM_PERMISSION_DENIED gw.APIACLDecline", "LIMITS UNKNOWN INCONCLUSIVE"),
			top: well("top", "TOKEN UNKNOWN INCONCLUSIVE",
				denied+top.MethodProductSearch+" UPSTREAM_PERMISSION_DENIED 11 isv.permission-api-forbidden", "LIMITS UNKNOWN INCONCLUSIVE"),
		},
		{
			name: "an address off the whitelist", dialect: "top", sick: word("sandbox:ip"), calls: [2]int32{0, 1},
			top: well("top", "TOKEN UNKNOWN INCONCLUSIVE",
				"PERMISSION FAILED ADDRESS_NOT_PERMITTED "+top.MethodProductSearch+" UPSTREAM_IP_NOT_ALLOWED 11 isv.permission-ip-limit",
				"LIMITS UNKNOWN INCONCLUSIVE"),
		},
		{
			name: "a backend that fails", sick: word("sandbox:isp"), calls: [2]int32{2, 1},
			aop: inconclusive("aop", "PERMISSION UNKNOWN HIDDEN_BY_FAILURE "+keyword+" UPSTREAM_UNAVAILABLE gw.ISPInvokeError"),
			top: inconclusive("top", "PERMISSION UNKNOWN HIDDEN_BY_FAILURE "+top.MethodProductSearch+" UPSTREAM_UNAVAILABLE 15 isp.remote-service-error"),
		},
		{
			name: "an undocumented code", sick: word("sandbox:unknown-gw-code"), calls: [2]int32{2, 1},
			aop: inconclusive("aop", "PERMISSION UNKNOWN REFUSED_UNDOCUMENTED "+keyword+" UPSTREAM_REFUSED gw.SomethingNobodyHasDocumented"),
			top: inconclusive("top", "PERMISSION UNKNOWN REFUSED_UNDOCUMENTED "+top.MethodProductSearch+" UPSTREAM_REFUSED 9999"),
		},
		{
			name: "a business refusal is beyond the permission", sick: word("sandbox:refusal-inside"), calls: [2]int32{2, 1}, dialect: "aop",
			aop: well("aop"),
		},
	}
}

// word makes the sandbox misbehave in one call.
func word(text string) func(*testing.T, *bed) {
	return func(_ *testing.T, b *bed) { b.probes = []upstream.Probe{says(b.dialect, text)} }
}

// inconclusive is what is known when the only probe decided nothing. AOP was asked for the time before.
func inconclusive(dialect string, but ...string) []string {
	but = append(but, "TOKEN UNKNOWN INCONCLUSIVE")
	if dialect == "top" {
		but = append(but, "APP_KEY UNKNOWN INCONCLUSIVE", "SIGNATURE UNKNOWN INCONCLUSIVE")
	}
	all := well(dialect, but...)
	if all[6] == "LIMITS OK WITHIN_LIMITS" {
		all[6] = "LIMITS UNKNOWN INCONCLUSIVE"
	}
	return all
}

func limitPatients() []patient {
	used := "LIMITS FAILED USED_UP "
	bar := func(kind fault.Kind) func(*testing.T, *bed) {
		return func(_ *testing.T, b *bed) { b.quota = barred{kind} }
	}
	barredBy := func(dialect, permission, limit string) []string {
		all := []string{"NETWORK UNKNOWN INCONCLUSIVE", "CLOCK UNKNOWN INCONCLUSIVE", "APP_KEY UNKNOWN INCONCLUSIVE", "SIGNATURE UNKNOWN INCONCLUSIVE", "TOKEN UNKNOWN INCONCLUSIVE"}
		for _, api := range apis(dialect) {
			all = append(all, "PERMISSION UNKNOWN HIDDEN_BY_LIMIT "+api+" "+permission)
		}
		return append(all, limit)
	}
	barredPatient := func(name string, kind fault.Kind, limit string) patient {
		return patient{
			name: name, sick: bar(kind),
			aop: barredBy("aop", kind.String(), limit+" "+kind.String()), top: barredBy("top", kind.String(), limit+" "+kind.String()),
		}
	}
	return []patient{
		{
			name: "throttled once", calls: [2]int32{3, 3},
			sick: func(_ *testing.T, b *bed) {
				b.config.Limits.PerSecond = 1
				b.probes = []upstream.Probe{says(b.dialect, "")}
				if b.dialect == "top" {
					b.probes = append(b.probes, upstream.Probe{Call: upstream.Call{API: top.MethodProductGet}})
				}
			},
			aop: well("aop", "LIMITS WARNING THROTTLED "+keyword+" UPSTREAM_THROTTLED gw.QosAppFrequencyLimit"),
			top: well("top", "LIMITS WARNING THROTTLED "+top.MethodProductGet+" UPSTREAM_THROTTLED 7 accesscontrol.limited-by-app-access-count"),
		},
		{
			name: "a package used up", calls: [2]int32{15, 4},
			sick: func(_ *testing.T, b *bed) {
				b.treat = func(s *sandbox.Sandbox) {
					s.RenewPackage(appKey, detailAOP, 0)
					s.RenewPackage(appKey, top.MethodSellerProducts, 0)
				}
			},
			aop: append(between("aop", "PERMISSION UNKNOWN HIDDEN_BY_LIMIT "+detailAOP+"-1 UPSTREAM_QUOTA_EXHAUSTED gw.NoUsageLeftError")[:8],
				used+detailAOP+"-1 UPSTREAM_QUOTA_EXHAUSTED gw.NoUsageLeftError"),
			top: append(well("top")[:6],
				"PERMISSION UNKNOWN HIDDEN_BY_LIMIT "+top.MethodSellerProducts+" UPSTREAM_QUOTA_EXHAUSTED 7 accesscontrol.limited-by-app-access-count",
				used+top.MethodSellerProducts+" UPSTREAM_QUOTA_EXHAUSTED 7 accesscontrol.limited-by-app-access-count"),
		},
		barredPatient("a long queue", fault.QuotaQueueFull, "LIMITS WARNING QUEUE_TOO_LONG"),
		barredPatient("a turn after the deadline", fault.QuotaWaitTooLong, "LIMITS WARNING QUEUE_TOO_LONG"),
		barredPatient("the day of our own setting", fault.QuotaDayUsedUp, "LIMITS FAILED OWN_DAY_USED_UP"),
		barredPatient("a lost store", fault.QuotaStoreUnavailable, "LIMITS FAILED LIMITS_STORE_LOST"),
	}
}

func apis(dialect string) []string {
	b := newBed(dialect)
	var all []string
	for _, p := range b.speak().Examination.Probes {
		all = append(all, p.Call.API)
	}
	return all
}
