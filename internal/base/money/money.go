// Package money is exact decimal arithmetic for prices: integers of a billionth of a currency unit.
//
// It reads decimal text, converts from and to google.type.Money, and compares. It never uses floats and
// knows nothing of how the upstream decorates a price.
package money

import (
	"strings"

	moneypb "google.golang.org/genproto/googleapis/type/money"
)

// Amount is an amount of money in nanos: 1 yuan is 1e9. It spans more than 9 billion units.
type Amount int64

// Unit and Fen are one currency unit and a hundredth of it.
const (
	Unit Amount = 1_000_000_000
	Fen  Amount = Unit / 100
)

const (
	maxIntegerDigits  = 9
	maxFractionDigits = 9
)

// CNY is the currency of every price the upstream does not mark otherwise.
const CNY = "CNY"

// Parse reads an unsigned decimal: digits, at most one point, digits on both sides of it. Up to 9 digits stand
// before the point and 9 after it; anything else, or more of it, is not an amount.
func Parse(s string) (Amount, bool) {
	var n Amount
	at, digits := 0, 0
	for ; at < len(s) && s[at] != '.'; at++ {
		digit := Amount(s[at]) - '0'
		if digit < 0 || digit > 9 {
			return 0, false
		}
		if n = n*10 + digit; n > 0 {
			digits++
		}
		if digits > maxIntegerDigits {
			return 0, false
		}
	}
	if at == 0 {
		return 0, false
	}
	if at == len(s) {
		return n * Unit, true
	}
	fraction := s[at+1:]
	if fraction == "" || len(fraction) > maxFractionDigits {
		return 0, false
	}
	scale := Unit
	for i := range len(fraction) {
		digit := Amount(fraction[i]) - '0'
		if digit < 0 || digit > 9 {
			return 0, false
		}
		n = n*10 + digit
		scale /= 10
	}
	return n * scale, true
}

// Proto is the amount as a contract message.
func (a Amount) Proto(currency string) *moneypb.Money {
	return &moneypb.Money{CurrencyCode: currency, Units: int64(a / Unit), Nanos: int32(a % Unit)}
}

// Of is the amount of a contract message; false for none.
func Of(m *moneypb.Money) (Amount, bool) {
	if m == nil {
		return 0, false
	}
	return Amount(m.GetUnits())*Unit + Amount(m.GetNanos()), true
}

// String is the shortest decimal that has at least the places of fen where there are any: "12", "12.50", "0.125".
func (a Amount) String() string {
	var b strings.Builder
	if a < 0 {
		b.WriteByte('-')
		a = -a
	}
	digits := make([]byte, 0, 20)
	digits = appendPadded(digits, int64(a/Unit), 1)
	if f := a % Unit; f != 0 {
		digits = append(digits, '.')
		from := len(digits)
		digits = appendPadded(digits, int64(f), maxFractionDigits)
		for len(digits) > from+2 && digits[len(digits)-1] == '0' {
			digits = digits[:len(digits)-1]
		}
	}
	b.Write(digits)
	return b.String()
}

func appendPadded(to []byte, n int64, width int) []byte {
	var tmp [20]byte
	i := len(tmp)
	for n > 0 || len(tmp)-i < width {
		i--
		tmp[i] = byte('0' + n%10)
		n /= 10
	}
	return append(to, tmp[i:]...)
}
