package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// embeddedHash changes only on purpose: recorded pictures, golden answers and benchmarks depend on exactly these offers.
const embeddedHash = "6ba3fd07b64247ec5f3c6945f191e563e7ea7b771ab2df182bad2eb3353df125"

// What the embedded catalogue holds. firstKinds is the number of kinds in the first edition.
const (
	offerCount     = 4152
	publishedCount = 4074
	kindCount      = 26
	firstKinds     = 24
	supplierCount  = 336
)

func TestEmbeddedIsTheSameEverywhere(t *testing.T) {
	b, err := json.Marshal(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	if got := hex.EncodeToString(sum[:]); got != embeddedHash {
		t.Errorf("the embedded catalogue changed: hash %s, want %s", got, embeddedHash)
	}
}

func TestEmbeddedIsFreshAtEveryCall(t *testing.T) {
	first := Embedded()
	first[0].Title = "changed"
	if second := Embedded(); second[0].Title == "changed" {
		t.Error("two calls share an offer")
	}
}

func TestEmbeddedSize(t *testing.T) {
	offers := Embedded()
	kinds, suppliers := map[string]bool{}, map[string]bool{}
	published := 0
	for _, o := range offers {
		kinds[o.Kind] = true
		suppliers[o.Supplier.Name] = true
		if o.Status == StatusPublished {
			published++
		}
	}
	if len(offers) != offerCount || published != publishedCount {
		t.Errorf("%d offers, %d of them on sale; want %d and %d", len(offers), published, offerCount, publishedCount)
	}
	if len(kinds) != kindCount {
		t.Errorf("%d kinds, want %d", len(kinds), kindCount)
	}
	if len(suppliers) != supplierCount {
		t.Errorf("%d suppliers, want %d", len(suppliers), supplierCount)
	}
	if off := len(offers) - published; off != kindCount*delistedGoods {
		t.Errorf("%d offers off sale, want %d", off, kindCount*delistedGoods)
	}
}

// TestLaterEditionsFollowTheFirst: kinds of a later edition have the higher ids, so that no existing id changed.
func TestLaterEditionsFollowTheFirst(t *testing.T) {
	kinds, last, later := map[string]bool{}, int64(0), false
	for _, o := range Embedded() {
		if o.ID <= last {
			t.Fatalf("offer %d comes after %d", o.ID, last)
		}
		last = o.ID
		newer := o.Kind == "sweatshirts" || o.Kind == "jeans"
		switch {
		case newer:
			later = true
		case later:
			t.Fatalf("offer %d of the first edition comes after one of the second", o.ID)
		default:
			kinds[o.Kind] = true
		}
	}
	if len(kinds) != firstKinds || !later {
		t.Errorf("%d kinds in the first edition, want %d; a second: %t", len(kinds), firstKinds, later)
	}
}

func TestEmbeddedGoodsGroups(t *testing.T) {
	type cell struct{ kind, colour string }
	groups := map[string][]*Offer{}
	cells := map[cell]map[string]bool{}
	for _, o := range Embedded() {
		groups[o.Group] = append(groups[o.Group], o)
		c := cell{o.Kind, o.Look.Colour}
		if o.Status == StatusPublished {
			if cells[c] == nil {
				cells[c] = map[string]bool{}
			}
			cells[c][o.Group] = true
		}
	}
	single, shared := 0, 0
	for name, offers := range groups {
		checkGroup(t, name, offers)
		if decoys := len(cells[cell{offers[0].Kind, offers[0].Look.Colour}]) - 1; decoys < 5 {
			t.Errorf("group %s has %d decoys of its kind and colour, want at least 5", name, decoys)
		}
		switch {
		case offers[0].Status != StatusPublished:
		case len(offers) == 1:
			single++
		default:
			shared++
		}
	}
	if want := kindCount * 5 * singleGoods; single != want {
		t.Errorf("%d goods with one supplier, want %d", single, want)
	}
	if want := kindCount * 5 * sharedGoods; shared != want {
		t.Errorf("%d goods with several suppliers, want %d", shared, want)
	}
}

func checkGroup(t *testing.T, name string, offers []*Offer) {
	t.Helper()
	sellers, shots := map[string]bool{}, map[uint64]bool{}
	for _, o := range offers {
		first := offers[0]
		if o.Kind != first.Kind || o.Look.Goods != first.Look.Goods || o.Look.Colour != first.Look.Colour || o.Look.Kind != o.Kind {
			t.Errorf("group %s: offers %d and %d are not the same goods", name, first.ID, o.ID)
		}
		if sellers[o.Supplier.OpenID] {
			t.Errorf("group %s: supplier %s offers it twice", name, o.Supplier.Name)
		}
		sellers[o.Supplier.OpenID] = true
		shots[o.Look.Shot] = true
	}
	if n := len(offers); n != 1 && (n < fewestSellers || n > mostSellers) {
		t.Errorf("group %s has %d suppliers", name, n)
	}
	if len(offers) > 1 && len(shots) < 2 {
		t.Errorf("group %s has one photo for all suppliers, nothing could confirm it", name)
	}
}

// TestGroupsDoNotShareLooks: two goods groups are never drawn from the same seed.
func TestGroupsDoNotShareLooks(t *testing.T) {
	owner := map[uint64]string{}
	for _, o := range Embedded() {
		if other, ok := owner[o.Look.Goods]; ok && other != o.Group {
			t.Errorf("groups %s and %s share Look.Goods", other, o.Group)
		}
		owner[o.Look.Goods] = o.Group
	}
}

func TestEmbeddedOffersAreComplete(t *testing.T) {
	suppliers := map[string]*Supplier{}
	memberID := regexp.MustCompile(`^b2b-22\d{8}[0-9a-f]{5}$`)
	for _, o := range Embedded() {
		if o.ID < 100_000_000_000 || o.ID > 999_999_999_999 {
			t.Errorf("offer id %d has not 12 digits", o.ID)
		}
		if n := utf8.RuneCountInString(o.Title); n < 6 || n > 70 {
			t.Errorf("offer %d: title of %d characters: %s", o.ID, n, o.Title)
		}
		if o.TitleEN == "" || strings.ContainsFunc(o.TitleEN, func(r rune) bool { return r > 0x7f }) {
			t.Errorf("offer %d: English title %q", o.ID, o.TitleEN)
		}
		if len(o.CategoryPath) != 3 || o.CategoryPath[2].ID != o.ThirdCategory || o.CategoryPath[2].Name == "" || o.CategoryPath[2].NameEN == "" {
			t.Errorf("offer %d: category path %+v", o.ID, o.CategoryPath)
		}
		s := o.Supplier
		if !memberID.MatchString(s.MemberID) || s.Province == "" || !strings.HasPrefix(s.Name, s.City) {
			t.Errorf("offer %d: supplier %+v", o.ID, s)
		}
		if old := suppliers[s.OpenID]; old != nil && old != s {
			t.Errorf("suppliers %s and %s share open id %s", old.Name, s.Name, s.OpenID)
		}
		suppliers[s.OpenID] = s
		if o.MinOrder < 1 || len(o.SKUs) == 0 || len(o.Attributes) < 4 {
			t.Errorf("offer %d: minimum order %d, %d variants, %d attributes", o.ID, o.MinOrder, len(o.SKUs), len(o.Attributes))
		}
		checkPrices(t, o)
		checkFilters(t, o)
	}
}

func checkPrices(t *testing.T, o *Offer) {
	t.Helper()
	if o.PriceFen == nil {
		if o.PriceMaxFen != nil || o.DropshipFen != nil || o.PromotionFen != nil || o.Tiers != nil {
			t.Errorf("offer %d is negotiable and has prices", o.ID)
		}
		return
	}
	if *o.PriceFen <= 0 || o.PriceMaxFen != nil && *o.PriceMaxFen <= *o.PriceFen || o.PromotionFen != nil && *o.PromotionFen > *o.PriceFen {
		t.Errorf("offer %d: prices out of order", o.ID)
	}
	if o.DropshipFen != nil && *o.DropshipFen < *o.PriceFen {
		t.Errorf("offer %d: a single piece is cheaper than many", o.ID)
	}
	for i, tier := range o.Tiers {
		if i == 0 && (tier.From != o.MinOrder || tier.PriceFen != *o.PriceMaxFen) {
			t.Errorf("offer %d: first tier %+v does not fit", o.ID, tier)
		}
		if i > 0 && (tier.From <= o.Tiers[i-1].From || tier.PriceFen >= o.Tiers[i-1].PriceFen) {
			t.Errorf("offer %d: tiers not in order: %+v", o.ID, o.Tiers)
		}
	}
	if n := len(o.Tiers); n > 0 && o.Tiers[n-1].PriceFen != *o.PriceFen {
		t.Errorf("offer %d: last tier is not the lowest price", o.ID)
	}
	for _, s := range o.SKUs {
		if s.PriceFen < *o.PriceFen || o.PriceMaxFen == nil && s.PriceFen != *o.PriceFen || o.PriceMaxFen != nil && s.PriceFen > *o.PriceMaxFen {
			t.Errorf("offer %d: variant at %d is outside the offer's prices", o.ID, s.PriceFen)
		}
	}
}

func checkFilters(t *testing.T, o *Offer) {
	t.Helper()
	has := func(word string) bool { return slices.Contains(o.Filters, word) }
	age := Today().Sub(o.Created)
	for word, want := range map[string]bool{
		"new7":            age <= 7*24*time.Hour,
		"new30":           age <= 30*24*time.Hour,
		"isOnePsale":      o.DropshipFen != nil,
		"totalEpScoreLv1": o.Supplier.ServiceScoreTenths == 50,
		"totalEpScoreLv4": o.Supplier.ServiceScoreTenths < 40,
	} {
		if has(word) != want {
			t.Errorf("offer %d: filter %s is %t, want %t", o.ID, word, has(word), want)
		}
	}
	for narrow, wide := range map[string]string{
		"new7": "new30", "shipInToday": "shipIn24Hours", "shipIn24Hours": "shipIn48Hours",
		"getRate24HLv3": "getRate24HLv2", "getRate48HLv3": "getRate48HLv2", "isOnePsaleFreePost": "isOnePsale",
	} {
		if has(narrow) && !has(wide) {
			t.Errorf("offer %d: satisfies %s but not %s", o.ID, narrow, wide)
		}
	}
	if age <= 0 {
		t.Errorf("offer %d comes from the future: %s", o.ID, o.Created)
	}
}

// TestEmbeddedHasEveryForm: every form that a client must handle occurs often enough.
func TestEmbeddedHasEveryForm(t *testing.T) {
	count := map[string]int{}
	filters := map[string]int{}
	offers := Embedded()
	for _, o := range offers {
		for form, holds := range map[string]bool{
			"negotiable": o.PriceFen == nil, "range": o.PriceMaxFen != nil && o.Tiers == nil, "tiers": o.Tiers != nil,
			"single price": o.PriceFen != nil && o.PriceMaxFen == nil, "dropship": o.DropshipFen != nil, "promotion": o.PromotionFen != nil,
			"sales unknown": o.MonthSold == nil, "sales at least": o.SoldAtLeast, "repurchase unknown": o.RepurchasePercent == nil,
			"weight unknown": o.WeightGrams == 0, "minimum order above 1": o.MinOrder > 1,
		} {
			if holds {
				count[form]++
			}
		}
		for _, f := range o.Filters {
			filters[f]++
		}
	}
	for form, n := range count {
		if n < 80 {
			t.Errorf("only %d offers: %s", n, form)
		}
	}
	if len(count) != 11 {
		t.Errorf("forms met: %v", count)
	}
	for _, f := range strings.Fields(`totalEpScoreLv1 totalEpScoreLv2 totalEpScoreLv3 totalEpScoreLv4 getRate24HLv1 getRate24HLv2
		getRate24HLv3 getRate48HLv1 getRate48HLv2 getRate48HLv3 shipInToday shipIn24Hours shipIn48Hours certifiedFactory
		noReason7DReturn isOnePsale isOnePsaleFreePost new7 new30 1688Selection jxhy isQqyx isSelect qrr0 qrr1 qrr5 qrr10`) {
		if filters[f] < 80 || filters[f] > len(offers)*92/100 {
			t.Errorf("%d offers satisfy %s: too few or too many to see it work", filters[f], f)
		}
	}
}

// BenchmarkEmbedded draws the catalogue, and compares that with reading the same offers from JSON in memory.
func BenchmarkEmbedded(b *testing.B) {
	text, err := json.Marshal(Embedded())
	if err != nil {
		b.Fatal(err)
	}
	var read float64
	b.Run("read-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var offers []*Offer
			if err := json.Unmarshal(text, &offers); err != nil {
				b.Fatal(err)
			}
		}
		read = float64(b.Elapsed()) / float64(b.N)
	})
	b.Run("draw", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Embedded()
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/read, "×read-json")
	})
}
