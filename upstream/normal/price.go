package normal

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// PriceRange is a price as the upstream sent it. The zero value means that none was sent.
type PriceRange struct {
	// Known is true if Low and High are a price. Unknown does not mean free of charge.
	Known bool
	// Low and High are in yuan, 0 < Low <= High if they are known. They are equal for a single price.
	Low, High money.Amount
	// Text is the text sent in place of a price, for example "面议" (negotiable).
	Text string
}

// IsRange reports whether the price has two different ends.
func (p PriceRange) IsRange() bool { return p.Known && p.Low != p.High }

// Price reads a price in yuan: "178.0", 12.5, "¥12.50", "￥1,200", "12元", "1.50-3.20", "¥1.50 ～ ¥3.20". Null and blank
// text give the zero value, and so does 0: the upstream sends 0 where there is no price. Other text that is no price is
// kept as Text, also a range whose lower end is 0.
func Price(r gjson.Result) PriceRange {
	sent := Text(r)
	if sent == "" {
		return PriceRange{}
	}
	low, high, ok := parsePrice(r, sent)
	switch {
	case !ok, low == 0 && high > 0:
		return PriceRange{Text: sent}
	case high == 0:
		return PriceRange{}
	}
	return PriceRange{Known: true, Low: low, High: high}
}

// parsePrice parses the text of a price; low <= high, and both may be 0.
func parsePrice(r gjson.Result, sent string) (low, high money.Amount, ok bool) {
	if a, ok := money.Parse(sent); ok {
		return a, a, true
	}
	if r.Type == gjson.Number {
		plain, _ := plainDecimal(sent)
		a, ok := money.Parse(plain)
		return a, a, ok
	}
	low, high, ok = parseRange(fold(sent))
	return min(low, high), max(low, high), ok
}

func parseRange(s string) (low, high money.Amount, ok bool) {
	first, second, two := s, "", false
	if at := strings.IndexAny(s, "-~"); at >= 0 {
		first, second, two = s[:at], s[at+1:], true
	}
	if low, ok = parseYuan(first); !ok {
		return 0, 0, false
	}
	if !two {
		return low, low, true
	}
	high, ok = parseYuan(second)
	return low, high, ok
}

// yuanBefore and yuanAfter are what may stand around an amount of yuan.
var (
	yuanBefore = [...]string{"¥", "CNY", "RMB"}
	yuanAfter  = [...]string{"元", "CNY", "RMB"}
)

func parseYuan(s string) (money.Amount, bool) {
	s = strings.TrimSpace(s)
	for _, mark := range yuanBefore {
		if rest, ok := strings.CutPrefix(s, mark); ok {
			s = strings.TrimSpace(rest)
			break
		}
	}
	for _, mark := range yuanAfter {
		if rest, ok := strings.CutSuffix(s, mark); ok {
			s = strings.TrimSpace(rest)
			break
		}
	}
	s, ok := ungroup(s)
	if !ok {
		return 0, false
	}
	return money.Parse(s)
}

// Fen reads a price in integer fen, a number or text: 1010 is 10.10 yuan. 0 is no price. Text without a digit is kept. A
// number that is not an integer is unknown, and is not kept as text because it would look like yuan.
func Fen(r gjson.Result) PriceRange {
	sent := Text(r)
	plain, ok := plainDecimal(fold(sent))
	if ok {
		plain = strings.TrimSuffix(plain, ".0")
		if pad := 3 - len(plain); pad > 0 {
			plain = strings.Repeat("0", pad) + plain
		}
		if a, isAmount := money.Parse(plain[:len(plain)-2] + "." + plain[len(plain)-2:]); isAmount && a > 0 {
			return PriceRange{Known: true, Low: a, High: a}
		}
	}
	if strings.ContainsAny(fold(sent), "0123456789") {
		return PriceRange{}
	}
	return PriceRange{Text: sent}
}
