package top

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
)

// refusal is an error of the gateway or of a service behind it. Any field may be missing.
type refusal struct {
	// code is an integer in the protocol, but text in some services.
	code, message       string
	subCode, subMessage string
	requestID           string
	// business is true if a service behind the gateway says so. Its numbers are not the gateway's.
	business bool
	// inside is true if it was inside the method's response or a result.
	inside bool
}

// codeKinds are the gateway's numeric codes (docs/PROTOCOL.md §3.4).
var codeKinds = map[string]fault.Kind{
	"3":  fault.UpstreamImageRefused,       // Upload Fail
	"4":  fault.UpstreamThrottled,          // User Call Limited
	"5":  fault.UpstreamThrottled,          // Session Call Limited
	"6":  fault.UpstreamThrottled,          // Partner Call Limited
	"7":  fault.UpstreamThrottled,          // App Call Limited
	"8":  fault.UpstreamThrottled,          // App Call Exceeds Limited Frequency
	"9":  fault.UpstreamAPIUnknown,         // Http Action Not Allowed
	"10": fault.UpstreamUnavailable,        // Service Currently Unavailable
	"11": fault.UpstreamPermissionDenied,   // Insufficient ISV Permissions
	"12": fault.UpstreamPermissionDenied,   // Insufficient User Permissions
	"13": fault.UpstreamPermissionDenied,   // Insufficient Partner Permissions
	"21": fault.UpstreamAPIUnknown,         // Missing Method
	"22": fault.UpstreamAPIUnknown,         // Invalid Method
	"23": fault.UpstreamAPIUnknown,         // Invalid Format
	"24": fault.UpstreamCredentialsInvalid, // Missing Signature
	"25": fault.UpstreamCredentialsInvalid, // Invalid Signature
	"26": fault.UpstreamTokenInvalid,       // Missing Session
	"27": fault.UpstreamTokenInvalid,       // Invalid Session
	"28": fault.UpstreamCredentialsInvalid, // Missing App Key
	"29": fault.UpstreamCredentialsInvalid, // Invalid App Key
	"30": fault.UpstreamClockSkew,          // Missing Timestamp
	"31": fault.UpstreamClockSkew,          // Invalid Timestamp
	"32": fault.UpstreamAPIUnknown,         // Missing Version
	"33": fault.UpstreamAPIUnknown,         // Invalid Version
	"34": fault.UpstreamAPIUnknown,         // Unsupported Version
	"40": fault.UpstreamArgumentRefused,    // Missing Required Arguments
	"41": fault.UpstreamArgumentRefused,    // Invalid Arguments
	"42": fault.UpstreamPermissionDenied,   // Forbidden Request; newer: Insufficient session permissions
	"43": fault.UpstreamArgumentRefused,    // Parameter Error
	"44": fault.UpstreamTokenInvalid,       // Invalid access token
	"47": fault.UpstreamAPIUnknown,         // Invalid encoding
	"53": fault.UpstreamPermissionDenied,   // Insufficient security level
}

// remoteCodes mean only that the service behind the gateway failed; the text beside them says why.
var remoteCodes = map[string]bool{"15": true, "50": true}

// textKinds are textual codes, without what follows the colon.
var textKinds = map[string]fault.Kind{
	"isv.invalid-parameter":        fault.UpstreamArgumentRefused,
	"isv.permission-api-forbidden": fault.UpstreamPermissionDenied,
	"isv.permission-ip-limit":      fault.UpstreamIPNotAllowed,
	"isv.invalid-signature":        fault.UpstreamCredentialsInvalid,
	"isv.item-not-exist":           fault.ProductNotFound,
	"isp.call-limited":             fault.UpstreamThrottled,

	"accesscontrol.limited-by-app-access-count":     fault.UpstreamThrottled,
	"accesscontrol.limited-by-api-access-count":     fault.UpstreamThrottled,
	"accesscontrol.limited-by-app-api-access-count": fault.UpstreamThrottled,

	// Results of alibaba.wholesale.goods.search, in result_code.
	"20020000": fault.UpstreamUnavailable,      // System Error
	"20030000": fault.UpstreamPermissionDenied, // Unauthorized transfer request
	"20030201": fault.ProductNotFound,          // Product does not exist
}

// scopes are what limits hold for, by textual code and by the gateway's number. The limits of a user, a session or a
// partner (4, 5, 6) and isp.call-limited have no scope here.
var scopes = map[string]fault.Scope{
	"accesscontrol.limited-by-app-access-count":     fault.ScopeApp,
	"accesscontrol.limited-by-api-access-count":     fault.ScopeAPI,
	"accesscontrol.limited-by-app-api-access-count": fault.ScopeAPI,

	"7": fault.ScopeApp, // App Call Limited
	"8": fault.ScopeApp, // App Call Exceeds Limited Frequency
}

// textFamilies are the prefixes of textual codes, the longer ones first. They count only if neither the textual code
// nor the number is known.
var textFamilies = []struct {
	prefix, suffix string
	kind           fault.Kind
}{
	{"accesscontrol.limited-by-", "", fault.UpstreamThrottled},
	{"isv.permission-ip-", "", fault.UpstreamIPNotAllowed},
	{"isv.permission-", "", fault.UpstreamPermissionDenied},
	{"isv.", "", fault.UpstreamArgumentRefused},
	{"isp.", "-parse-error", fault.UpstreamArgumentRefused},
	{"isp.", "", fault.UpstreamUnavailable},
	{"200301", "", fault.UpstreamArgumentRefused}, // alibaba.wholesale.goods.search: one code for each bad argument
	{"200300", "", fault.UpstreamArgumentRefused},
}

// tables are the tables of codes from the configuration.
type tables struct {
	successCodes []string
	// more extends or overrides the tables above.
	more map[string]fault.Kind
	// scopes extends or overrides the table of scopes.
	scopes map[string]fault.Scope
	// phrases are in lower case, the configured ones first.
	phrases    []Phrase
	banCeiling time.Duration
}

// kind classifies the refusal; false if it is in no table. The most specific code decides: the textual code, then the
// number, then the family of the textual code.
func (r refusal) kind(more map[string]fault.Kind) (fault.Kind, bool) {
	texts := [...]string{beforeColon(r.subCode), beforeColon(r.code)}
	for _, text := range texts {
		for _, table := range [...]map[string]fault.Kind{more, textKinds} {
			if kind, ok := table[text]; ok {
				return kind, true
			}
		}
		if strings.HasPrefix(text, "isv.permission-") {
			return familyOf(text), true // TOP sends these with several numbers.
		}
	}
	if kind, ok := codeKinds[r.code]; ok && !r.business {
		return kind, true
	}
	for _, text := range texts {
		if kind := familyOf(text); kind != fault.UpstreamRefused {
			return kind, true
		}
	}
	if remoteCodes[r.code] && r.subCode == "" && !r.business {
		return fault.UpstreamUnavailable, true
	}
	return fault.UpstreamRefused, false
}

// unknownKind classifies a refusal that is in no table. A code of 1688's own gateway is final. Any other may come from
// a proxy in between or from the business behind: status and message decide.
func (r refusal) unknownKind(status int, t tables) fault.Kind {
	if strings.HasPrefix(strings.ToLower(r.code), "gw.") {
		return fault.UpstreamRefused
	}
	if r.business && !envelope.FromBetween(status) {
		message := strings.ToLower(r.message)
		for _, p := range t.phrases {
			if p.Words != "" && strings.Contains(message, p.Words) {
				return p.Kind
			}
		}
	}
	kind, _ := envelope.StatusKind(status)
	return kind
}

// scope is what the limit behind the refusal holds for. The textual code takes precedence over the number.
func (r refusal) scope(more map[string]fault.Scope) fault.Scope {
	for _, code := range [...]string{beforeColon(r.subCode), beforeColon(r.code)} {
		for _, table := range [...]map[string]fault.Scope{more, scopes} {
			if scope, ok := table[code]; ok {
				return scope
			}
		}
	}
	return fault.ScopeUnknown
}

// phrases classify refusals of a service whose codes nobody has published. They choose between final answers: no phrase
// causes a retry.
var phrases = []Phrase{
	{"不是精选货源商品", fault.ProductNotFound},
	{"下架", fault.ProductNotFound},
	{"商品不存在", fault.ProductNotFound},
}

func familyOf(text string) fault.Kind {
	for _, family := range textFamilies {
		if strings.HasPrefix(text, family.prefix) && strings.HasSuffix(text, family.suffix) {
			return family.kind
		}
	}
	return fault.UpstreamRefused
}

func beforeColon(code string) string {
	before, _, _ := strings.Cut(code, ":")
	return strings.TrimSpace(before)
}

// fault builds the refusal's fault. A ban above the ceiling is a used-up allowance, not a throttle.
func (r refusal) fault(status int, t tables) *fault.Fault {
	kind, known := r.kind(t.more)
	if !known {
		kind = r.unknownKind(status, t)
	}
	ban, banned := r.ban()
	if kind == fault.UpstreamThrottled && ban > t.banCeiling {
		kind = fault.UpstreamQuotaExhausted
	}
	f := r.faultOf(kind)
	if kind == fault.UpstreamThrottled || kind == fault.UpstreamQuotaExhausted {
		f = f.WithScope(r.scope(t.scopes))
	}
	if banned && (kind == fault.UpstreamThrottled || kind == fault.UpstreamQuotaExhausted) {
		f = f.WithRetryAfter(ban)
	}
	return f
}

// faultOf builds a fault of this kind with the data of the refusal.
func (r refusal) faultOf(kind fault.Kind) *fault.Fault {
	message := r.subMessage
	if message == "" {
		message = r.message
	}
	detail, ok := details[kind]
	if !ok {
		detail = details[fault.UpstreamRefused]
	}
	return fault.New(kind, "%s", detail).
		WithFromResult(r.inside).
		WithMeta(fault.MetaUpstreamCode, envelope.Scrub(r.code)).
		WithMeta(fault.MetaUpstreamSubCode, envelope.Scrub(r.subCode)).
		WithMeta(fault.MetaUpstreamMessage, envelope.Scrub(message)).
		WithMeta(fault.MetaUpstreamRequestID, envelope.RequestID(r.requestID))
}

// details are the sentences that callers see, by kind.
var details = map[fault.Kind]string{
	fault.ProductNotFound:            "the upstream knows no such product",
	fault.UpstreamArgumentRefused:    "the upstream refused an argument",
	fault.UpstreamImageRefused:       "the upstream did not take the image",
	fault.UpstreamRefused:            "the upstream refused the call",
	fault.UpstreamCredentialsInvalid: "the upstream refused the App Key or the signature",
	fault.UpstreamTokenInvalid:       "the upstream refused the access token",
	fault.UpstreamPermissionDenied:   "the App Key may not call this API",
	fault.UpstreamIPNotAllowed:       "the App Key may not be used from this address",
	fault.UpstreamAPIUnknown:         "the upstream does not know the configured method or refuses the form of the request",
	fault.UpstreamClockSkew:          "the upstream refused the timestamp",
	fault.UpstreamThrottled:          "the upstream says that calls come too fast",
	fault.UpstreamQuotaExhausted:     "the upstream bans further calls for a long time",
	fault.UpstreamUnavailable:        "the upstream's platform failed",
}

// banText matches the length of a ban in the gateway's message. No field holds it.
var banText = regexp.MustCompile(`(?i)ban will last for (\d+) more second`)

// banMax caps the length of a ban: the message may hold any number.
const banMax = 31 * 24 * time.Hour

// ban is how long calls stay refused, if the refusal says so.
func (r refusal) ban() (time.Duration, bool) {
	for _, message := range []string{r.subMessage, r.message} {
		said := banText.FindStringSubmatch(message)
		if said == nil {
			continue
		}
		seconds, err := strconv.ParseInt(said[1], 10, 32)
		if err != nil {
			return banMax, true // Parsing fails only if the number is too large.
		}
		return min(time.Duration(seconds)*time.Second, banMax), true
	}
	return 0, false
}
