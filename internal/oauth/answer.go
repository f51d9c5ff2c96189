package oauth

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

const (
	// tokenBytesMax bounds one token; real ones are 36 bytes.
	tokenBytesMax = 4 << 10
	// nameBytesMax bounds what is kept of a name.
	nameBytesMax = 256
	// lifeMax is beyond any token's life; more is a mistake, and would overflow when added to a date.
	lifeMax = 20 * 365 * 24 * time.Hour
)

// answer is what the platform says of tokens (docs/PROTOCOL.md §7.3). What it does not say is zero.
type answer struct {
	access, refresh secret.Text
	life            time.Duration
	refreshEnds     time.Time
	owner, memberID string
}

// readAnswer reads the body of a token call that was not refused. An end that cannot be read counts as not told: the
// token is good all the same, and is renewed when it is refused.
func readAnswer(body gjson.Result) (answer, error) {
	a := answer{
		life:        readLife(body.Get("expires_in")),
		refreshEnds: readEnd(body.Get("refresh_token_timeout").String()),
		owner:       readName(body, "resource_owner", "resourceOwner"),
		memberID:    readName(body, "memberId"),
	}
	for name, to := range map[string]*secret.Text{"access_token": &a.access, "refresh_token": &a.refresh} {
		text := body.Get(name)
		if text.Type == gjson.Null {
			continue
		}
		if text.Type != gjson.String || !tokenForm(text.Str) {
			return answer{}, fault.New(fault.UpstreamAnswerUnreadable, "the upstream's token answer holds a %s that is none", name)
		}
		*to = secret.Text(text.Str)
	}
	return a, nil
}

// tokenForm tells whether text can be sent as a token; an empty one is a token that was not given.
func tokenForm(text string) bool {
	if len(text) > tokenBytesMax {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// readLife reads seconds, which come as text or as a number; 0 for what is no life.
func readLife(v gjson.Result) time.Duration {
	if v.Type != gjson.String && v.Type != gjson.Number {
		return 0
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(v.String()), 64)
	if err != nil || math.IsNaN(seconds) || seconds < 1 || seconds > lifeMax.Seconds() {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// readEnd reads a date of 14 or 17 digits and a zone: 20121222222222+0800 or 20150626174405000+0800. Zero for anything
// else.
func readEnd(text string) time.Time {
	text = strings.TrimSpace(text)
	digits := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	switch digits {
	case len("20060102150405"):
	case len("20060102150405000"):
		text = text[:14] + "." + text[14:]
	default:
		return time.Time{}
	}
	for _, form := range []string{"20060102150405Z0700", "20060102150405Z07:00"} { // The fraction is read unasked.
		if at, err := time.Parse(form, text); err == nil && at.Year() > 2000 {
			return at.UTC()
		}
	}
	return time.Time{}
}

// readName is the first of the fields that holds a name, without what would command a terminal.
func readName(body gjson.Result, fields ...string) string {
	for _, field := range fields {
		v := body.Get(field)
		if v.Type != gjson.String && v.Type != gjson.Number {
			continue
		}
		name := v.Str
		if v.Type == gjson.Number {
			name = v.Raw // A float would lose the last digits of a long number.
		}
		name = strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) || r == utf8.RuneError {
				return -1
			}
			return r
		}, name)
		for len(name) > nameBytesMax {
			_, size := utf8.DecodeLastRuneInString(name)
			name = name[:len(name)-size]
		}
		if name = strings.TrimSpace(name); name != "" {
			return name
		}
	}
	return ""
}
