package market

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// Languages are the languages titles are translated to. Chinese is not among them, as on the platform.
func Languages() []string {
	return []string{"en", "ja", "ru", "vi", "ko", "fr", "pt", "es", "th", "id", "ar"}
}

// language maps what callers send (a code, an IETF tag, or "japan" as in the sample) to a code of Languages.
func language(sent string) (string, bool) {
	code, _, _ := strings.Cut(strings.ToLower(sent), "_")
	if code == "japan" {
		code = "ja"
	}
	return code, slices.Contains(Languages(), code)
}

// Translated returns a text in the language; false when the platform does not support the language. Only English is a real
// translation. Others are the English text with a mark, so that a test sees which language was requested.
func Translated(english, lang string) (string, bool) {
	code, ok := language(lang)
	switch {
	case !ok:
		return "", false
	case code == "en":
		return english, true
	}
	return "[" + code + "] " + english, true
}

// Supports reports whether the platform translates into the language.
func Supports(lang string) bool {
	_, ok := language(lang)
	return ok
}

// Yuan writes fen as yuan text with two places.
func Yuan(fen int64) string {
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}

// Fen reads yuan with at most two places; false when the text is not such a decimal.
func Fen(yuan string) (int64, bool) {
	integer, places, pointed := strings.Cut(yuan, ".")
	if integer == "" || len(integer) > 12 || len(places) > 2 || (pointed && places == "") {
		return 0, false
	}
	n, err := strconv.ParseUint(integer+(places + "00")[:2], 10, 63)
	if err != nil {
		return 0, false
	}
	return int64(n), true
}

// Span writes a price range, the only price, or the platform's word for "on request" when there is none.
func Span(o *catalog.Offer) string {
	switch {
	case o.PriceFen == nil:
		return "面议"
	case o.PriceMaxFen != nil && *o.PriceMaxFen > *o.PriceFen:
		return Yuan(*o.PriceFen) + "-" + Yuan(*o.PriceMaxFen)
	}
	return Yuan(*o.PriceFen)
}

// Sold writes the sold count as on the wire: a number, text for a lower bound, nil when unknown.
func Sold(o *catalog.Offer) any {
	switch {
	case o.MonthSold == nil:
		return nil
	case o.SoldAtLeast:
		return strconv.Itoa(*o.MonthSold) + "+"
	}
	return *o.MonthSold
}

// Picture and Page return an offer's addresses under the sandbox's own origin. Nothing in the sandbox links to the real
// shop.
func Picture(base string, o *catalog.Offer) string {
	return fmt.Sprintf("%s/img/%d.jpg", base, o.ID)
}

// PictureID reads the path of a picture's address; false for any other path.
func PictureID(path string) (int64, bool) {
	name, isImage := strings.CutPrefix(path, "/img/")
	name, isJPEG := strings.CutSuffix(name, ".jpg")
	id, err := strconv.ParseInt(name, 10, 64)
	return id, isImage && isJPEG && err == nil && strconv.FormatInt(id, 10) == name
}

// Page returns the address of an offer's page.
func Page(base string, o *catalog.Offer) string {
	return fmt.Sprintf("%s/offer/%d.html", base, o.ID)
}

// Has reports whether a filter word holds for an offer.
func Has(o *catalog.Offer, filter string) bool {
	return slices.Contains(o.Filters, filter)
}

// OnSale reports whether an offer is shown in lists.
func OnSale(o *catalog.Offer) bool {
	return o.Status == "" || o.Status == "published"
}
