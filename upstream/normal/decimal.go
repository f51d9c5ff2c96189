package normal

import (
	"strconv"
	"strings"
)

// Fold replaces the full-width digits, signs and dashes that suppliers type by ASCII.
func Fold(s string) string { return fold(s) }

// fold replaces the full-width digits, signs and dashes that suppliers type by ASCII. Text that is ASCII already,
// nearly all, is returned as it is.
func fold(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return strings.Map(foldRune, s)
		}
	}
	return s
}

func foldRune(r rune) rune {
	switch r {
	case '‐', '‑', '‒', '–', '—', '―', '−', '─', '﹣', '至', '到':
		return '-'
	case '〜', '∼', '～':
		return '~'
	case '￥':
		return '¥'
	case '。':
		return '.'
	case '\u3000', '\u00a0':
		return ' '
	}
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	return r
}

// shiftMax bounds the exponents that are written out. Larger ones are neither prices nor counts.
const shiftMax = 40

// plainDecimal writes a JSON number without an exponent, exactly: "1.78e2" is "178". An integer with a fraction of
// zeros keeps one zero: "178.00" is "178.0".
func plainDecimal(s string) (string, bool) {
	point := -1
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case c == '.' && point < 0:
			point = i
		default:
			return withoutExponent(s)
		}
	}
	switch {
	case point < 0:
		return s, s != ""
	case point == 0 || point == len(s)-1:
		return "", false
	}
	if trimmed := strings.TrimRight(s, "0"); len(trimmed) > point+1 {
		return trimmed, true
	}
	return s[:point+2], true
}

// withoutExponent is plainDecimal for what is more than digits and a point.
func withoutExponent(s string) (string, bool) {
	at := strings.IndexAny(s, "eE")
	shift := 0
	if at >= 0 {
		n, err := strconv.Atoi(s[at+1:])
		if err != nil || n > shiftMax || n < -shiftMax {
			return "", false
		}
		s, shift = s[:at], n
	}
	integer, fraction, hasPoint := strings.Cut(s, ".")
	if !allDigits(integer) || !allDigits(fraction) || integer == "" || (hasPoint && fraction == "") {
		return "", false
	}
	integer, fraction = shiftPoint(integer, fraction, shift)
	switch trimmed := strings.TrimRight(fraction, "0"); {
	case trimmed != "":
		return integer + "." + trimmed, true
	case fraction != "":
		return integer + ".0", true
	default:
		return integer, true
	}
}

// shiftPoint moves the decimal point by places: to the right, or to the left if negative.
func shiftPoint(integer, fraction string, places int) (string, string) {
	switch {
	case places > 0:
		if pad := places - len(fraction); pad > 0 {
			fraction += strings.Repeat("0", pad)
		}
		return integer + fraction[:places], fraction[places:]
	case places < 0:
		if pad := -places - len(integer); pad > 0 {
			integer = strings.Repeat("0", pad) + integer
		}
		cut := len(integer) + places
		if cut == 0 {
			return "0", integer + fraction
		}
		return integer[:cut], integer[cut:] + fraction
	default:
		return integer, fraction
	}
}

// ungroup removes the thousands separators of a decimal: "1,200.50" is "1200.50". A comma that does not stand before
// groups of three digits makes the text no number.
func ungroup(s string) (string, bool) {
	if !strings.Contains(s, ",") {
		return s, true
	}
	integer, rest := s, ""
	if at := strings.IndexByte(s, '.'); at >= 0 {
		integer, rest = s[:at], s[at:]
	}
	groups := strings.Split(integer, ",")
	if first := len(groups[0]); first < 1 || first > 3 || strings.Contains(rest, ",") {
		return "", false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return "", false
		}
	}
	return strings.Join(groups, "") + rest, true
}
