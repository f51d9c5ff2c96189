package normal_test

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// Every amount is parsed exactly in every notation.
func TestPriceRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.Int64Range(1, int64(999_999_999*money.Unit))
		low, high := money.Amount(amounts.Draw(t, "low")), money.Amount(amounts.Draw(t, "high"))
		before := rapid.SampledFrom([]string{"", "¥", "￥", "CNY "}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", "元", " 元"}).Draw(t, "after")
		dash := rapid.SampledFrom([]string{"-", "~", "～", " － ", "—", "至"}).Draw(t, "dash")
		one := normal.Price(gjson.Parse(strconv.Quote(before + low.String() + after)))
		if diff := cmp.Diff(normal.PriceRange{Known: true, Low: low, High: low}, one); diff != "" {
			t.Fatal(diff)
		}
		two := normal.Price(gjson.Parse(strconv.Quote(before + low.String() + dash + before + high.String() + after)))
		if diff := cmp.Diff(normal.PriceRange{Known: true, Low: min(low, high), High: max(low, high)}, two); diff != "" {
			t.Fatal(diff)
		}
		bare := normal.Price(gjson.Parse(low.String()))
		if diff := cmp.Diff(normal.PriceRange{Known: true, Low: low, High: low}, bare); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Numbers have their exact value, exponents included.
func TestNumbersAgainstBigRat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		token := rapid.StringMatching(`(0|[1-9][0-9]{0,6})(\.[0-9]{1,6})?([eE][+-]?[0-9])?`).Draw(t, "token")
		exact, ok := new(big.Rat).SetString(token)
		if !ok {
			t.Fatalf("%q is no number", token)
		}
		nanos := new(big.Rat).Mul(exact, big.NewRat(int64(money.Unit), 1))
		got := normal.Price(gjson.Parse(token))
		inRange := nanos.IsInt() && exact.Cmp(big.NewRat(1_000_000_000, 1)) < 0
		priced := inRange && exact.Sign() > 0
		if got.Known != priced {
			t.Fatalf("%s: known %v, want %v", token, got.Known, priced)
		}
		if priced && big.NewInt(int64(got.Low)).Cmp(nanos.Num()) != 0 {
			t.Fatalf("%s: got %v, want %v", token, got.Low, nanos)
		}
		n, atLeast, known := normal.Count(gjson.Parse(token))
		if known != exact.IsInt() || atLeast || (known && big.NewInt(n).Cmp(exact.Num()) != 0) {
			t.Fatalf("%s: count %d, %v, %v; want %v", token, n, atLeast, known, exact)
		}
	})
}

// However zero is written, alone or as an end of a range, it never becomes a price.
func TestZeroIsNoPrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zero := rapid.StringMatching(`0(\.0{1,4})?|0{1,3}\.00`).Draw(t, "zero")
		other := money.Amount(rapid.Int64Range(0, int64(999_999_999*money.Unit)).Draw(t, "other")).String()
		before := rapid.SampledFrom([]string{"", "¥", "￥", "CNY "}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", "元", " 元"}).Draw(t, "after")
		dash := rapid.SampledFrom([]string{"-", "~", "～", " － ", "—", "至"}).Draw(t, "dash")
		for _, raw := range []string{
			strconv.Quote(before + zero + after),
			strconv.Quote(before + zero + dash + other + after),
			strconv.Quote(before + other + dash + zero + after),
		} {
			if got := normal.Price(gjson.Parse(raw)); got.Known || got.Low != 0 || got.High != 0 {
				t.Fatalf("%s: got %+v", raw, got)
			}
		}
		if got := normal.Fen(gjson.Parse(zero)); got != (normal.PriceRange{}) {
			t.Fatalf("%s fen: got %+v", zero, got)
		}
	})
}

// An id is the same as a number and as text.
func TestIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := strconv.FormatUint(rapid.Uint64Min(1).Draw(t, "id"), 10)
		for _, raw := range []string{want, `"` + want + `"`, want + ".0", `"00` + want + `"`} {
			if got, ok := normal.ID(gjson.Parse(raw)); !ok || got != want {
				t.Fatalf("%s: got %q, %v", raw, got, ok)
			}
		}
	})
}

func FuzzValues(f *testing.F) {
	for _, seed := range []string{`"1.50-3.20"`, `"￥1,200"`, `1e5`, `"1.2万+"`, `"10%"`, `"//x"`, `-0`, `"\ud800"`, `{"a":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		r := gjson.Parse(raw)
		for _, p := range []normal.PriceRange{normal.Price(r), normal.Fen(r)} {
			if p.Low < 0 || p.Low > p.High || p.Known != (p.Low > 0) || (p.Known && p.Text != "") || (!p.Known && p.High != 0) {
				t.Errorf("%q: %+v", raw, p)
			}
		}
		if n, _, known := normal.Count(r); n < 0 || (!known && n != 0) {
			t.Errorf("%q: count %d, %v", raw, n, known)
		}
		for _, read := range []func(gjson.Result) (float64, bool){normal.Rate, normal.Percent} {
			if share, _ := read(r); !(share >= 0 && share <= 1) {
				t.Errorf("%q: share %v", raw, share)
			}
		}
		if id, ok := normal.ID(r); ok {
			second, same := normal.ID(gjson.Parse(`"` + id + `"`))
			if !same || second != id || id[0] == '0' {
				t.Errorf("%q: id %q reads back as %q", raw, id, second)
			}
		}
		if address, ok := normal.URL(r); ok {
			if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") || strings.ContainsAny(address, " \"<>\\\n") {
				t.Errorf("%q: address %q", raw, address)
			}
		}
	})
}
