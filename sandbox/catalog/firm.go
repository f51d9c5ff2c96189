package catalog

import (
	"fmt"
	"strings"
)

// firmsPerTrade is how many suppliers each line of business has.
const firmsPerTrade = 56

// firm is a supplier, with the properties that influence its offers.
type firm struct {
	Supplier
	certified bool
	// dispatch is how soon it ships: 0 today, 1 within 24 hours, 2 within 48 hours, 3 later.
	dispatch int
	// pickup24 and pickup48 are the percentages of parcels picked up within 24 and 48 hours.
	pickup24, pickup48 int
	returns7           bool
	// priceLevel is the percentage of the usual price that it asks.
	priceLevel int
}

// firms makes the suppliers of one line of business. Their names are invented. taken holds the names already in use.
func firms(v *vocabulary, name string, taken map[string]bool) []*firm {
	t := v.Trades[name]
	out := make([]*firm, 0, firmsPerTrade)
	for i := range firmsPerTrade {
		d := newDice(fmt.Sprintf("firm %s %d", name, i))
		f := &firm{
			certified:  d.chance(35),
			dispatch:   pick(d, []int{0, 1, 1, 1, 2, 2, 2, 3}),
			returns7:   d.chance(60),
			priceLevel: d.between(88, 112),
		}
		where := pick(d, t.Cities)
		f.Province, f.City = where[0], where[1]
		f.Supplier.Name = firmName(d, v, t, f.City, taken)
		f.MemberID = "b2b-22" + d.text(8, "0123456789") + d.hex(5)
		f.OpenID = "BBB" + d.text(24, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
		f.Years = d.between(1, 18)
		f.Identities = identities(d, f)
		f.ServiceScoreTenths = pick(d, []int{50, 50, 48, 47, 46, 45, 44, 43, 42, 40, 38, 35})
		f.pickup24 = d.between(88, 100)
		f.pickup48 = min(100, f.pickup24+d.between(0, 6))
		out = append(out, f)
	}
	return out
}

func firmName(d *dice, v *vocabulary, t trade, city string, taken map[string]bool) string {
	for {
		brand := strings.Join(sample(d, v.Syllables, 2), "")
		name := city + brand + pick(d, t.Words) + pick(d, v.Forms)
		if !taken[name] {
			taken[name] = true
			return name
		}
	}
}

func identities(d *dice, f *firm) []string {
	var out []string
	if f.certified && d.chance(40) {
		out = append(out, "super_factory")
	}
	if f.Years >= 3 && d.chance(45) {
		out = append(out, "powerful_merchants")
	}
	return append(out, "tp_member")
}

// filters returns the upstream's filter words that hold for all offers of the firm.
func (f *firm) filters() []string {
	var out []string
	if f.certified {
		out = append(out, "certifiedFactory")
	}
	if f.returns7 {
		out = append(out, "noReason7DReturn")
	}
	out = append(out, [][]string{
		{"shipInToday", "shipIn24Hours", "shipIn48Hours"}, {"shipIn24Hours", "shipIn48Hours"}, {"shipIn48Hours"}, nil,
	}[f.dispatch]...)
	out = append(out, pickupWords("getRate24H", f.pickup24)...)
	out = append(out, pickupWords("getRate48H", f.pickup48)...)
	return append(out, scoreWord(f.ServiceScoreTenths))
}

func pickupWords(prefix string, percent int) []string {
	switch {
	case percent >= 99:
		return []string{prefix + "Lv2", prefix + "Lv3"}
	case percent >= 95:
		return []string{prefix + "Lv2"}
	}
	return []string{prefix + "Lv1"}
}

func scoreWord(tenths int) string {
	switch {
	case tenths >= 50:
		return "totalEpScoreLv1"
	case tenths >= 45:
		return "totalEpScoreLv2"
	case tenths >= 40:
		return "totalEpScoreLv3"
	}
	return "totalEpScoreLv4"
}
