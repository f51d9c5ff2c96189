package market

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

func TestFen(t *testing.T) {
	for text, want := range map[string]int64{
		"10": 1000, "99.90": 9990, "0.88": 88, "178.0": 17800, "0": 0, "007": 700,
		"": -1, ".5": -1, "5.": -1, "1.234": -1, "-1": -1, "+1": -1, "1e3": -1, "ten": -1, "1,200": -1, "1.-5": -1, "9999999999999": -1,
	} {
		got, ok := Fen(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("Fen(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestYuanRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.Int64Range(0, 1e12).Draw(t, "fen")
		if got, ok := Fen(Yuan(fen)); !ok || got != fen {
			t.Fatalf("Fen(Yuan(%d)) = %d, %v", fen, got, ok)
		}
	})
}

func TestSpanAndSold(t *testing.T) {
	for name, tc := range map[string]struct {
		offer catalog.Offer
		span  string
		sold  any
	}{
		"nothing known": {catalog.Offer{}, "面议", nil},
		"one price":     {catalog.Offer{PriceFen: new(int64(5)), MonthSold: new(0)}, "0.05", 0},
		"range":         {catalog.Offer{PriceFen: new(int64(150)), PriceMaxFen: new(int64(320)), MonthSold: new(800), SoldAtLeast: true}, "1.50-3.20", "800+"},
		"equal ends":    {catalog.Offer{PriceFen: new(int64(150)), PriceMaxFen: new(int64(150))}, "1.50", nil},
	} {
		if got := Span(&tc.offer); got != tc.span {
			t.Errorf("%s: span %q, want %q", name, got, tc.span)
		}
		if got := Sold(&tc.offer); got != tc.sold {
			t.Errorf("%s: sold %v, want %v", name, got, tc.sold)
		}
	}
}

func TestTranslated(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "Cup", "en_US": "Cup", "ja": "[ja] Cup", "japan": "[ja] Cup", "KO": "[ko] Cup", "zh": "", "": "", "xx": "",
	} {
		if got, ok := Translated("Cup", lang); got != want || ok != (want != "") {
			t.Errorf("Translated(%q) = %q, %v; want %q", lang, got, ok, want)
		}
	}
}
