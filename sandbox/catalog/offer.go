// Package catalog holds the sandbox's goods and searches them: an embedded, deterministic catalogue or the
// user's own. It knows nothing of the wire, of pictures' pixels or of errors an upstream would make.
package catalog

import "time"

// Offer is one product of one supplier, as the sandbox knows it. Money is integer fen.
type Offer struct {
	// ID is the offer's id, 12 decimal digits in the embedded catalogue.
	ID int64
	// Group labels the same goods at several suppliers. It is ground truth for measurements only:
	// no search code may read it and no answer may carry it.
	Group string
	// Kind is the kind of goods ("earphones"), the unit of decoys; like Group it is never searched or sent.
	Kind string

	// Title is Chinese; TitleEN the English twin, shown for other languages too.
	Title, TitleEN string
	// TopCategory, SecondCategory and ThirdCategory are category ids; 0 is none.
	TopCategory, SecondCategory, ThirdCategory int64
	CategoryName                               string
	// CategoryPath names the levels above, topmost first; empty when only ids are known.
	CategoryPath []Category

	Supplier *Supplier

	// PriceFen is the lowest wholesale price; nil when it is negotiable (面议).
	PriceFen *int64
	// PriceMaxFen is the upper end of a price range; nil when there is a single price.
	PriceMaxFen *int64
	// DropshipFen is the price for single pieces; nil when not offered.
	DropshipFen *int64
	// PromotionFen is the price during a promotion; nil when there is none.
	PromotionFen *int64
	// Tiers are prices by quantity, smallest quantity first.
	Tiers []Tier
	SKUs  []SKU

	MinOrder int
	// MonthSold is pieces sold in 30 days; nil when unknown. SoldAtLeast marks it as a lower bound ("800+").
	MonthSold   *int
	SoldAtLeast bool
	// RepurchasePercent is 0..100 in whole percent; nil when unknown.
	RepurchasePercent *int

	// Filters holds the upstream's own filter words this offer satisfies ("certifiedFactory", "shipIn24Hours", …).
	Filters []string

	Attributes  []Attribute
	Created     time.Time
	Status      string // "published" is on sale
	WeightGrams int    // one piece; 0 is unknown
	SizeMM      [3]int // length, width, height of one piece; zeros are unknown

	// Look seeds the offer's picture: offers of one group share Look.Goods and differ in the rest.
	Look Look
	// PhotoPath is the file of a user's own picture; empty for drawn ones.
	PhotoPath string
}

// Look seeds a drawn picture.
type Look struct {
	Kind string
	// Colour is the body colour's English name ("black"); empty lets Goods decide.
	Colour string
	// Goods seeds shape, colours and pattern: equal for all offers of one group. Its low 16 bits number the
	// goods within their kind, which lets a painter spread designs evenly instead of hoping for luck.
	Goods uint64
	// Shot seeds crop, light and background: differs by supplier.
	Shot uint64
}

// Supplier is a seller of offers.
type Supplier struct {
	// MemberID is the account ("b2b-22…"); OpenID the opaque id that seller queries take.
	MemberID, OpenID string
	Name             string
	Province, City   string
	// Identities are the upstream's words: super_factory, powerful_merchants, tp_member.
	Identities []string
	Years      int
	// ServiceScoreTenths is the composite score times ten (47 is 4.7).
	ServiceScoreTenths int
}

// Tier is the price from a quantity on.
type Tier struct {
	From     int
	PriceFen int64
}

// SKU is one variant of an offer.
type SKU struct {
	ID         int64
	SpecID     string
	Attributes []Attribute
	// PriceFen is 0 when the price is negotiable.
	PriceFen int64
	Stock    int
	// WeightGrams is the variant's own weight; 0 is unknown.
	WeightGrams int
}

// Attribute is a named property of an offer or a SKU, in Chinese and English.
type Attribute struct {
	ID             int64
	Name, NameEN   string
	Value, ValueEN string
}

// Sort orders a search. The zero value is relevance.
type Sort string

// The orders a search offers.
const (
	SortRelevance  Sort = ""
	SortPrice      Sort = "price"
	SortSold       Sort = "sold"
	SortRepurchase Sort = "repurchase"
)

// Query is a question to the catalogue. Zero values do not restrict.
type Query struct {
	// Words are looked for in both titles, all of them. The empty string does not restrict; words without a
	// single letter, digit or character match nothing.
	Words string
	// PriceMinFen and PriceMaxFen bound the lowest wholesale price; an offer without a price never matches a bound.
	PriceMinFen, PriceMaxFen *int64
	// CategoryIDs is a union, matched on any of an offer's three levels.
	CategoryIDs []int64
	// Filters must all be satisfied.
	Filters      []string
	SellerOpenID string
	Sort         Sort
	// Desc turns the order round; relevance has one direction only. Offers whose value is unknown come last either way.
	Desc bool
	// Offset skips so many matches; Limit bounds the page, and nothing bounds it when it is 0.
	Offset, Limit int
}

// Page is one page of an answer.
type Page struct {
	// Total counts all matches, before Offset and Limit.
	Total  int
	Offers []*Offer
}

// Category is one node of the tree of goods, with three levels at most.
type Category struct {
	ID, ParentID int64 // ParentID is 0 for a top category
	Name, NameEN string
	// Level is 1 (top) to 3.
	Level int
	Leaf  bool
	// Keywords are what buyers type to find a leaf's goods, best first.
	Keywords []Keyword
}

// Keyword is a search word in Chinese and its English twin.
type Keyword struct {
	Text, TextEN string
}
