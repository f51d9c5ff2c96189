package normal_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/tidwall/gjson"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

func TestMeasures(t *testing.T) {
	const unknown = -1
	for sent, want := range map[string]struct{ grams, kilograms, centimetres int64 }{
		`250`:                  {250, 250_000, 2500},
		`0.25`:                 {1, 250, 3},
		`"0.250"`:              {1, 250, 3},
		`"12.5"`:               {13, 12_500, 125},
		`12.34`:                {12, 12_340, 123},
		`12.35`:                {12, 12_350, 124},
		`1.5e1`:                {15, 15_000, 150},
		`"1,200"`:              {1200, 1_200_000, 12_000},
		`0.0004`:               {1, 1, 1},
		`" ０.５ "`:              {1, 500, 5},
		`9223372036854775806`:  {9223372036854775806, unknown, unknown},
		`9223372036854775807`:  {unknown, unknown, unknown},
		`92233720368547758.07`: {92233720368547758, unknown, 922337203685477581},
		`0`:                    {unknown, unknown, unknown},
		`"0.000"`:              {unknown, unknown, unknown},
		`-1`:                   {unknown, unknown, unknown},
		`"-0.25"`:              {unknown, unknown, unknown},
		`"0.25kg"`:             {unknown, unknown, unknown},
		`""`:                   {unknown, unknown, unknown},
		`null`:                 {unknown, unknown, unknown},
		`true`:                 {unknown, unknown, unknown},
		`[1]`:                  {unknown, unknown, unknown},
		`1e99`:                 {unknown, unknown, unknown},
	} {
		for name, c := range map[string]struct {
			read func(gjson.Result) (int64, bool)
			want int64
		}{
			"grams":       {normal.Grams, want.grams},
			"kilograms":   {normal.Kilograms, want.kilograms},
			"centimetres": {normal.Centimetres, want.centimetres},
		} {
			got, known := c.read(gjson.Parse(sent))
			if !known && got != 0 {
				t.Errorf("%s of %s: unknown, but %d", name, sent, got)
			}
			if !known {
				got = unknown
			}
			if got != c.want {
				t.Errorf("%s of %s is %d, want %d", name, sent, got, c.want)
			}
		}
	}
}

// A measure is the integer nearest to the exact decimal, and at least 1.
func TestMeasureAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		integer := rapid.Int64Range(0, 1e9).Draw(t, "whole")
		digits := rapid.StringMatching(`[0-9]{1,6}`).Draw(t, "digits")
		text := fmt.Sprintf("%d.%s", integer, digits)
		exact, _ := new(big.Rat).SetString(text)
		exact.Mul(exact, big.NewRat(1000, 1))
		half := new(big.Rat).Add(exact, big.NewRat(1, 2))
		want := new(big.Int).Quo(half.Num(), half.Denom()).Int64()
		if exact.Sign() > 0 {
			want = max(want, 1)
		}
		for _, sent := range []string{text, `"` + text + `"`} {
			if got, known := normal.Kilograms(gjson.Parse(sent)); got != want || known != (want > 0) {
				t.Fatalf("%s kg are %d g, %v; want %d", sent, got, known, want)
			}
		}
	})
}
