package aopwire

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// salesShare is the count of pieces sold in a period, in thirtieths of the 30-day count, which is the only one that the
// catalogue has.
func salesShare() map[string]int {
	return map[string]int{"sales7": 7, "sales14": 14, "sales30": 30, "totalSales": 365}
}

// readSales reads saleFilterList. Several restrictions must all hold. An offer whose count is unknown meets none.
func readSales(c *call, q *market.Question) *business {
	filters, ok := c.args.list("saleFilterList")
	if !ok {
		return &business{badArgument, "saleFilterList格式错误"}
	}
	for _, f := range filters {
		kind, _ := f.text("saleType")
		share, known := salesShare()[kind]
		from, okFrom := bound(f, "saleStart", 0)
		to, okTo := bound(f, "saleEnd", 1<<62)
		if !known || !okFrom || !okTo {
			return &business{badArgument, "saleFilterList格式错误"}
		}
		q.Also = append(q.Also, func(o *catalog.Offer) bool {
			if o.MonthSold == nil {
				return false
			}
			sold := int64(*o.MonthSold * share / 30)
			return from <= sold && sold <= to
		})
	}
	return nil
}

func bound(f arguments, name string, absent int64) (int64, bool) {
	if !f.has(name) {
		return absent, true
	}
	return f.integer(name)
}

// readRegionOpp reads regionOpp. Its values and meaning are not published. The sandbox keeps one in four offers for any
// value, always the same ones, so that it shows whether the argument arrived.
func readRegionOpp(c *call, q *market.Question) *business {
	if value, _ := c.args.text("regionOpp"); value != "" {
		q.Also = append(q.Also, func(o *catalog.Offer) bool { return market.Draw(o, "region "+value, 4) == 0 })
	}
	return nil
}

// collections are the platform's own collections of goods.
func collections() []string {
	return strings.Fields("262105288 262105286 262105253 262105281 262105280 262105277 262105276 262105274 262105269 262185282")
}

// readFacets reads the restrictions that are applied to the matches: facets and collections.
func readFacets(c *call, q *market.Question) *business {
	facets, _ := c.args.text("snId")
	for part := range strings.FieldsFuncSeq(facets, func(r rune) bool { return r == ',' || r == ';' }) {
		q.Also = append(q.Also, func(o *catalog.Offer) bool { return hasFacet(o, part) })
	}
	if shelf, _ := c.args.text("productCollectionId"); shelf != "" {
		known := slices.Contains(collections(), shelf)
		q.Also = append(q.Also, func(o *catalog.Offer) bool { return known && market.Draw(o, shelf, 8) == 0 })
	}
	return nil
}

// hasFacet reports whether an offer has an attribute ("973"), or one value of it ("973:28105").
func hasFacet(o *catalog.Offer, facet string) bool {
	return slices.ContainsFunc(o.Attributes, func(a catalog.Attribute) bool {
		id := strconv.FormatInt(a.ID, 10)
		return facet == id || facet == id+":"+valueID(a)
	})
}

// valueID derives the id of an attribute's value. It is the same for every offer that has the value.
func valueID(a catalog.Attribute) string {
	h := fnv.New32a()
	h.Write([]byte(a.Value))
	return strconv.Itoa(int(h.Sum32() % 1_000_000))
}
