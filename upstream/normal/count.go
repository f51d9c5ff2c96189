package normal

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// countUnits are the words that shorten a count, and by how many places each moves the point.
var countUnits = [...]struct {
	word   string
	places int
}{{"万", 4}, {"w", 4}, {"W", 4}, {"亿", 8}}

// Count reads a count: 1213, "172", "1,213", "800+", "1.2万+", "2万". A plus sign makes it a lower bound. A negative or
// malformed count, or one too large for an int64, is unknown.
func Count(r gjson.Result) (n int64, atLeast, known bool) {
	s := Text(r)
	if n, ok := digitsOf(s); ok {
		return n, false, true
	}
	s = fold(s)
	if rest, ok := strings.CutSuffix(s, "+"); ok {
		s, atLeast = strings.TrimSpace(rest), true
	}
	places := 0
	for _, unit := range countUnits {
		if rest, ok := strings.CutSuffix(s, unit.word); ok {
			s, places = strings.TrimSpace(rest), unit.places
			break
		}
	}
	s, ok := ungroup(s)
	if !ok {
		return 0, false, false
	}
	if s, ok = plainDecimal(s); !ok {
		return 0, false, false
	}
	integer, fraction, _ := strings.Cut(s, ".")
	integer, fraction = shiftPoint(integer, fraction, places)
	if strings.Trim(fraction, "0") != "" {
		return 0, false, false
	}
	n, err := strconv.ParseInt(integer, 10, 64)
	if err != nil {
		return 0, false, false
	}
	return n, atLeast, true
}

// digitsOf reads the usual count, which is digits and nothing else. false: it is not that, or so large that it needs care.
func digitsOf(s string) (n int64, ok bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	for i := range len(s) {
		digit := int64(s[i]) - '0'
		if digit < 0 || digit > 9 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, true
}

// Rate reads a share written as a percentage, "10%" or "100.00%", as 0 to 1. Without the sign its unit is not stated,
// so it is unknown.
func Rate(r gjson.Result) (share float64, known bool) {
	digits, ok := strings.CutSuffix(fold(Text(r)), "%")
	if !ok {
		return 0, false
	}
	return shareOf(digits)
}

// Percent reads a share of a field that holds percentages, with or without the sign: "87.5", 87.5 and "87.5%" are
// 0.875.
func Percent(r gjson.Result) (share float64, known bool) {
	return shareOf(strings.TrimSuffix(fold(Text(r)), "%"))
}

// shareOf reads a percentage from 0 to 100 as a share. The division is of two integers a float64 holds exactly, so its result
// is the float64 nearest to what was written.
func shareOf(percentage string) (float64, bool) {
	plain, _ := plainDecimal(strings.TrimSpace(percentage))
	a, ok := money.Parse(plain)
	if !ok || a > 100*money.Unit {
		return 0, false
	}
	return float64(a) / float64(100*money.Unit), true
}

// Fraction reads a share of a field that holds fractions, "0.4666", or with the sign a percentage: "46.66%".
func Fraction(r gjson.Result) (share float64, known bool) {
	text := fold(Text(r))
	if strings.HasSuffix(text, "%") {
		return Rate(r)
	}
	plain, _ := plainDecimal(text)
	a, ok := money.Parse(plain)
	if !ok || a > money.Unit {
		return 0, false
	}
	return float64(a) / float64(money.Unit), true
}

// scoreMax is the best score.
const scoreMax = 5

// Score reads a score up to 5: "4.7", 5. 0 is no score: the upstream sends it for those that nobody has scored.
func Score(r gjson.Result) (score float64, known bool) {
	plain, _ := plainDecimal(fold(Text(r)))
	a, ok := money.Parse(plain)
	if !ok || a == 0 || a > scoreMax*money.Unit {
		return 0, false
	}
	return float64(a) / float64(money.Unit), true
}
