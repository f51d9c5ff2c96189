package money_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in   string
		want money.Amount
		ok   bool
		text string
	}{
		{"0", 0, true, "0"},
		{"10", 10 * money.Unit, true, "10"},
		{"99.90", 9990 * money.Fen, true, "99.90"},
		{"99.9", 9990 * money.Fen, true, "99.90"},
		{"0.125", money.Unit / 8, true, "0.125"},
		{"007.10", 710 * money.Fen, true, "7.10"},
		{"999999999.999999999", 999_999_999_999_999_999, true, "999999999.999999999"},
		{"1000000000", 0, false, ""},
		{"1.0000000001", 0, false, ""},
		{"", 0, false, ""},
		{".5", 0, false, ""},
		{"5.", 0, false, ""},
		{"-1", 0, false, ""},
		{"1e3", 0, false, ""},
		{"1,200", 0, false, ""},
		{"1.2.3", 0, false, ""},
		{"1２", 0, false, ""},
	} {
		got, ok := money.Parse(c.in)
		if got != c.want || ok != c.ok {
			t.Errorf("Parse(%q) = %d, %v; want %d, %v", c.in, got, ok, c.want, c.ok)
		}
		if ok && got.String() != c.text {
			t.Errorf("Parse(%q).String() = %q, want %q", c.in, got, c.text)
		}
	}
}

func TestParseAgreesWithBigRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9]{1,11}(\.[0-9]{1,11})?`).Draw(t, "s")
		got, ok := money.Parse(s)
		want, _ := new(big.Rat).SetString(s)
		nanos := new(big.Rat).Mul(want, big.NewRat(int64(money.Unit), 1))
		if !ok {
			return
		}
		if !nanos.IsInt() || nanos.Num().Int64() != int64(got) {
			t.Fatalf("Parse(%q) = %d, want %s", s, got, nanos)
		}
		back, ok := money.Of(got.Proto(money.CNY))
		if !ok || back != got {
			t.Fatalf("through the message: %d, %v", back, ok)
		}
		second, ok := money.Parse(got.String())
		if !ok || second != got {
			t.Fatalf("%q reads back as %d, %v", got.String(), second, ok)
		}
	})
}
