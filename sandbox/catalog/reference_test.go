package catalog

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The reference is plain loops over the offers. It shares only the plural rule with the search.

var plainToken = regexp.MustCompile(`\p{Han}|\p{Hiragana}|[a-z]+|[0-9]+`)

func plainTokens(s string) []string {
	narrow := func(r rune) rune {
		if r >= 0xff01 && r <= 0xff5e {
			return r - 0xfee0
		}
		return r
	}
	out := plainToken.FindAllString(strings.ToLower(strings.Map(narrow, s)), -1)
	for i := range out {
		out[i] = singular(out[i])
	}
	return out
}

func plainContains(title, piece []string) bool {
	for i := 0; i+len(piece) <= len(title); i++ {
		if slices.Equal(title[i:i+len(piece)], piece) {
			return true
		}
	}
	return false
}

// plainFinds reports whether a term is found: as it is, or cut into pieces of two and more tokens in any way. Terms beyond
// 12 tokens are first cut into as few parts of at most 12 as possible, of nearly equal length.
func plainFinds(o plainOffer, term []string) bool {
	if parts := (len(term) + 11) / 12; parts > 1 {
		size := len(term) / parts
		return plainFinds(o, term[:size]) && plainFinds(o, term[size:])
	}
	found := func(p []string) bool { return plainContains(o.zh, p) || plainContains(o.en, p) }
	if len(term) < 4 {
		return found(term)
	}
	reach := make([]bool, len(term)+1)
	reach[0] = true
	for end := 2; end <= len(term); end++ {
		for from := 0; from+2 <= end; from++ {
			reach[end] = reach[end] || reach[from] && found(term[from:end])
		}
	}
	return reach[len(term)]
}

// plainOffer is an offer with the tokens of its titles.
type plainOffer struct {
	*Offer
	zh, en []string
}

func plainOffers(offers []*Offer) []plainOffer {
	out := make([]plainOffer, len(offers))
	for i, o := range offers {
		out[i] = plainOffer{o, plainTokens(o.Title), plainTokens(o.TitleEN)}
	}
	return out
}

func plainMatches(offers []plainOffer, q Query) []*Offer {
	var out []*Offer
	for _, o := range offers {
		ok := o.Status == "published"
		var some bool
		for _, word := range strings.Fields(q.Words) {
			if term := plainTokens(word); len(term) > 0 {
				some = true
				ok = ok && plainFinds(o, term)
			}
		}
		ok = ok && (some || q.Words == "")
		ok = ok && (q.PriceMinFen == nil || o.PriceFen != nil && *o.PriceFen >= *q.PriceMinFen)
		ok = ok && (q.PriceMaxFen == nil || o.PriceFen != nil && *o.PriceFen <= *q.PriceMaxFen)
		ok = ok && (q.SellerOpenID == "" || o.Supplier.OpenID == q.SellerOpenID)
		for _, f := range q.Filters {
			ok = ok && slices.Contains(o.Filters, f)
		}
		if len(q.CategoryIDs) > 0 {
			ok = ok && (slices.Contains(q.CategoryIDs, o.TopCategory) || slices.Contains(q.CategoryIDs, o.SecondCategory) || slices.Contains(q.CategoryIDs, o.ThirdCategory))
		}
		if ok {
			out = append(out, o.Offer)
		}
	}
	return out
}

// plainValue returns the value that a sort other than relevance orders by.
func plainValue(o *Offer, by Sort) (int64, bool) {
	switch {
	case by == SortPrice && o.PriceFen != nil:
		return *o.PriceFen, true
	case by == SortSold && o.MonthSold != nil:
		return int64(*o.MonthSold), true
	case by == SortRepurchase && o.RepurchasePercent != nil:
		return int64(*o.RepurchasePercent), true
	}
	return 0, false
}

func plainSorted(offers []*Offer, q Query) []*Offer {
	var known, unknown []*Offer
	for _, o := range offers {
		if _, ok := plainValue(o, q.Sort); ok {
			known = append(known, o)
		} else {
			unknown = append(unknown, o)
		}
	}
	byID := func(a, b *Offer) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(known, byID)
	slices.SortFunc(unknown, byID)
	slices.SortStableFunc(known, func(a, b *Offer) int {
		x, _ := plainValue(a, q.Sort)
		y, _ := plainValue(b, q.Sort)
		if q.Desc {
			x, y = y, x
		}
		return cmp.Compare(x, y)
	})
	return append(known, unknown...)
}

func plainPage(offers []*Offer, q Query) []*Offer {
	for i := 0; i < q.Offset && len(offers) > 0; i++ {
		offers = offers[1:]
	}
	if q.Limit > 0 && len(offers) > q.Limit {
		offers = offers[:q.Limit]
	}
	return offers
}

func drawQuery(t *rapid.T, offers []*Offer) Query {
	like := rapid.SampledFrom(offers).Draw(t, "like")
	q := Query{
		Sort:   rapid.SampledFrom([]Sort{SortRelevance, SortPrice, SortSold, SortRepurchase}).Draw(t, "sort"),
		Desc:   rapid.Bool().Draw(t, "desc"),
		Offset: rapid.IntRange(0, 60).Draw(t, "offset"),
		Limit:  rapid.IntRange(0, 50).Draw(t, "limit"),
	}
	// Words are pieces of real titles, so that most questions have answers, and random text.
	cut := func(label string) string {
		runes := []rune(rapid.SampledFrom([]string{like.Title, like.Title, like.TitleEN}).Draw(t, label))
		from := rapid.IntRange(0, len(runes)-1).Draw(t, label+" from")
		return string(runes[from:min(len(runes), from+rapid.IntRange(1, 10).Draw(t, label+" length"))])
	}
	switch rapid.IntRange(0, 5).Draw(t, "words") {
	case 0:
	case 1:
		q.Words = cut("a")
	case 2:
		q.Words = cut("a") + " " + cut("b")
	case 3:
		q.Words = cut("a") + cut("b")
	case 4:
		q.Words = rapid.SampledFrom([]string{"批发", "新款 批发", "厂", "wholesale", "蓝牙耳机 降噪", "Ｔ恤", "手"}).Draw(t, "common")
	case 5:
		q.Words = rapid.StringMatching(`[批发手机a-cT0-9\-\"*()]{1,8}`).Draw(t, "junk")
	}
	if rapid.IntRange(0, 3).Draw(t, "min") == 0 {
		q.PriceMinFen = ptr(int64(rapid.IntRange(0, 5000).Draw(t, "price min")))
	}
	if rapid.IntRange(0, 3).Draw(t, "max") == 0 {
		q.PriceMaxFen = ptr(int64(rapid.IntRange(500, 20000).Draw(t, "price max")))
	}
	if rapid.IntRange(0, 3).Draw(t, "filtered") == 0 {
		q.Filters = rapid.SliceOfN(rapid.SampledFrom(like.Filters), 1, 3).Draw(t, "filters")
	}
	if rapid.IntRange(0, 3).Draw(t, "categories") == 0 {
		q.CategoryIDs = []int64{rapid.SampledFrom([]int64{like.TopCategory, like.SecondCategory, like.ThirdCategory, 99}).Draw(t, "category"), 26}
	}
	if rapid.IntRange(0, 6).Draw(t, "sold by") == 0 {
		q.SellerOpenID = like.Supplier.OpenID
	}
	return q
}

func ptr[T any](v T) *T { return &v }

func TestSearchAgainstPlainReference(t *testing.T) {
	// Every ninth offer: the reference is slow, and a smaller set gives more empty answers.
	var offers []*Offer
	for i, o := range Embedded() {
		if i%9 == 0 {
			offers = append(offers, o)
		}
	}
	c, plain := open(t, offers), plainOffers(offers)
	rapid.Check(t, func(rt *rapid.T) {
		q := drawQuery(rt, offers)
		// The reference knows only spaces; the search knows other separators too.
		q.Words = strings.NewReplacer("(", " ", ")", " ", `"`, " ").Replace(q.Words)
		want := plainMatches(plain, q)
		got, err := c.Search(t.Context(), q)
		if err != nil {
			rt.Fatal(err)
		}
		if got.Total != len(want) {
			rt.Fatalf("%+v: total %d, want %d", q, got.Total, len(want))
		}
		if q.Sort != SortRelevance {
			if diff := gocmp.Diff(ids(plainPage(plainSorted(want, q), q)), ids(got.Offers)); diff != "" {
				rt.Fatalf("%+v: page differs (-want +got):\n%s", q, diff)
			}
			return
		}
		unpaged := q
		unpaged.Offset, unpaged.Limit = 0, 0
		all, err := c.Search(t.Context(), unpaged)
		if err != nil {
			rt.Fatal(err)
		}
		found := ids(all.Offers)
		if diff := gocmp.Diff(ids(plainPage(all.Offers, q)), ids(got.Offers)); diff != "" {
			rt.Fatalf("%+v: page is not a part of the whole (-want +got):\n%s", q, diff)
		}
		slices.Sort(found)
		wanted := ids(want)
		slices.Sort(wanted)
		if diff := gocmp.Diff(wanted, found); diff != "" {
			rt.Fatalf("%+v: matches differ (-want +got):\n%s", q, diff)
		}
	})
}
