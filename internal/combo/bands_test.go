package combo

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

func TestBands(t *testing.T) {
	type row struct {
		Low, High, Gap string
		Products       int32
	}
	for _, c := range []struct {
		name   string
		sorted []money.Amount
		want   []row
	}{
		{"no prices", nil, nil},
		{"a gap of a third does not part", yuan("3", "4"), []row{{"3", "4", "", 2}}},
		{"a wider gap does", yuan("3", "4.01"), []row{{"3", "3", "1.01", 1}, {"4.01", "4.01", "", 1}}},
		{"the lower price counts, not the band's lowest", yuan("3", "4", "5", "9", "9"), []row{{"3", "5", "4", 3}, {"9", "9", "", 2}}},
		{"free of charge is apart from any price", yuan("0", "0", "0.01"), []row{{"0", "0", "0.01", 2}, {"0.01", "0.01", "", 1}}},
	} {
		var got []row
		for _, b := range bands(c.sorted, money.CNY) {
			low, _ := money.Of(b.Low)
			high, _ := money.Of(b.High)
			r := row{Low: low.String(), High: high.String(), Products: b.Products}
			if gap, ok := money.Of(b.GapAbove); ok {
				r.Gap = gap.String()
			}
			got = append(got, r)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
