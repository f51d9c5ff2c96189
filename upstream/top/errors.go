package top

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
)

// refusal is an error as the gateway or a service behind it words it. Any part may be missing.
type refusal struct {
	// code is an integer in the protocol and text in some services.
	code, message       string
	subCode, subMessage string
	requestID           string
	// business: a service behind the gateway says so, whose numbers are not the gateway's.
	business bool
	// inside: it stood inside the method's response or a result.
	inside bool
}

// codeKinds are the gateway's numeric codes. Sources: docs/PROTOCOL.md §3.4.
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

// remoteCodes say only that the service behind the gateway failed; the text beside them tells whose fault it is.
var remoteCodes = map[string]bool{"15": true, "50": true}

// textKinds are the textual codes with a meaning of their own, before the colon.
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
// partner (4, 5, 6) and isp.call-limited name none of ours.
var scopes = map[string]fault.Scope{
	"accesscontrol.limited-by-app-access-count":     fault.ScopeApp,
	"accesscontrol.limited-by-api-access-count":     fault.ScopeAPI,
	"accesscontrol.limited-by-app-api-access-count": fault.ScopeAPI,

	"7": fault.ScopeApp, // App Call Limited
	"8": fault.ScopeApp, // App Call Exceeds Limited Frequency
}

// textFamilies are the families of textual codes, the narrower before the wider. They speak only where neither the
// textual code nor the number has a meaning of its own.
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

// tables are what the configuration says of codes.
type tables struct {
	successCodes []string
	// more adds to the tables above, or overrules them.
	more map[string]fault.Kind
	// scopes adds to the table of scopes, or overrules it.
	scopes map[string]fault.Scope
	// phrases are in lower case, the configured ones first.
	phrases    []Phrase
	banCeiling time.Duration
}

// kind names what the refusal means; false for one that no table tells of. The most specific word decides: the textual
// code, then the number, then the family of the textual code.
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

// unknownKind is what a refusal is that no table tells of. A code of 1688's own gateway is refused for good, whatever it
// looks like. Any other may come from a proxy in between or from the business behind, which the status and the message
// tell.
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

// scope is what the limit behind the refusal holds for. The textual code decides before the number.
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

// phrases tell apart the refusals of a service whose codes nobody has published. They choose between final answers: no
// word known here makes a call be repeated.
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

// fault builds the fault of the refusal. A throttle longer than the ceiling is an allowance used up.
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

// faultOf builds a fault of the kind that says what the refusal says.
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

// details are one sentence each for the kinds a refusal can mean.
var details = map[fault.Kind]string{
	fault.ProductNotFound:            "the upstream knows no such product",
	fault.UpstreamArgumentRefused:    "the upstream refused an argument",
	fault.UpstreamImageRefused:       "the upstream did not take the picture",
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

// banText is how the gateway words the length of a ban. No field holds it.
var banText = regexp.MustCompile(`(?i)ban will last for (\d+) more second`)

// banMax bounds a ban that is told as a number of any size.
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
			return banMax, true // Only a number too large fails here.
		}
		return min(time.Duration(seconds)*time.Second, banMax), true
	}
	return 0, false
}
