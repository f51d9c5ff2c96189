// Package catalog holds the sandbox's offers and searches them: an embedded, deterministic catalogue or the user's own. It
// does not know wire formats, the drawing of pictures or the errors of an upstream.
package catalog

import "time"

// Offer is one product of one supplier. Money is in whole fen.
type Offer struct {
	// ID is the offer's id, 12 decimal digits in the embedded catalogue.
	ID int64
	// Group names the goods group: the same goods at several suppliers. It is ground truth for measurements. No search may
	// read it and no answer may contain it.
	Group string
	// Kind is the kind of goods ("earphones"). Decoys are other goods of the same kind. Like Group, it is never searched or
	// sent.
	Kind string

	// Title is Chinese. TitleEN is the English translation, which is shown for other languages too.
	Title, TitleEN string
	// TopCategory, SecondCategory and ThirdCategory are category ids; 0 is none.
	TopCategory, SecondCategory, ThirdCategory int64
	CategoryName                               string
	// CategoryPath holds all levels with their names, topmost first; it is empty when only ids are known.
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
	// MonthSold is the number of pieces sold in 30 days; nil when unknown. SoldAtLeast marks it as a lower bound ("800+").
	MonthSold   *int
	SoldAtLeast bool
	// RepurchasePercent is 0..100 in whole percent; nil when unknown.
	RepurchasePercent *int

	// Filters holds the upstream's filter words that hold for this offer ("certifiedFactory", "shipIn24Hours", …).
	Filters []string

	Attributes  []Attribute
	Created     time.Time
	Status      string // "published" is on sale
	WeightGrams int    // one piece; 0 is unknown
	SizeMM      [3]int // length, width, height of one piece; zeros are unknown

	// Look seeds the offer's picture. Offers of one group have the same Look.Goods.
	Look Look
	// PhotoPath is the file of a user's own picture; empty when the picture is drawn.
	PhotoPath string
}

// Look seeds a drawn picture.
type Look struct {
	Kind string
	// Colour is the English name of the body colour ("black"). When empty, it is derived from Goods.
	Colour string
	// Goods seeds shape, colours and pattern: it is equal for all offers of one group. Its low 16 bits are the number of
	// the goods within their kind, so that designs can be spread evenly instead of by chance.
	Goods uint64
	// Shot seeds crop, light and background, which differ by supplier.
	Shot uint64
}

// Supplier is a seller of offers.
type Supplier struct {
	// MemberID is the account ("b2b-22…"). OpenID is the opaque id that seller queries use.
	MemberID, OpenID string
	Name             string
	Province, City   string
	// Identities are words of the upstream: super_factory, powerful_merchants, tp_member.
	Identities []string
	Years      int
	// ServiceScoreTenths is ten times the composite score (47 is 4.7).
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
	// Words must all stand in one of the titles. The empty string does not restrict. Words without a letter, digit or
	// character match nothing.
	Words string
	// ChineseTitles has the words looked for in the Chinese titles alone, and not in the English ones.
	ChineseTitles bool
	// PriceMinFen and PriceMaxFen bound the lowest wholesale price. An offer without a price never meets a bound.
	PriceMinFen, PriceMaxFen *int64
	// CategoryIDs matches an offer when one of the ids is one of its three levels.
	CategoryIDs []int64
	// Filters must all hold for an offer.
	Filters      []string
	SellerOpenID string
	Sort         Sort
	// Desc reverses the order. Relevance has only one direction. Offers whose value is unknown come last in both.
	Desc bool
	// Offset is the number of matches to skip. Limit is the size of the page; 0 is no limit.
	Offset, Limit int
	// Present is how an offer is now, and nil for one that is not offered now; nil leaves all as they are. What restricts,
	// orders and is answered is the offer that it gives.
	Present func(*Offer) *Offer
}

// Page is one page of an answer.
type Page struct {
	// Total counts all matches, before Offset and Limit.
	Total  int
	Offers []*Offer
}

// Category is one node of the category tree, which has at most three levels.
type Category struct {
	ID, ParentID int64 // ParentID is 0 for a top category
	Name, NameEN string
	// Level is 1 (top) to 3.
	Level int
	Leaf  bool
	// Keywords are what buyers type to find the goods of a leaf, best first.
	Keywords []Keyword
}

// Keyword is a search word in Chinese and its English translation.
type Keyword struct {
	Text, TextEN string
}
