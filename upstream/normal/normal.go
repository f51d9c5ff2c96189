// Package normal reads the values in the upstream's answers: prices, counts, rates, weights, ids, flags and addresses,
// in all their spellings. It also sorts a product's prices and properties.
//
// All dialects use it. The caller picks the function, and with it the unit, for each field; a unit is never guessed
// from a value's size. What cannot be read is unknown, never zero. No value passes through a float while it is read.
// The package knows no field names and no envelopes.
package normal

import (
	"strings"

	"github.com/tidwall/gjson"
)

// Text returns a scalar as text, without white space around it: the content of a string, the digits of a number as
// sent. Anything else, also null, is "".
func Text(r gjson.Result) string {
	switch r.Type {
	case gjson.String:
		return strings.TrimSpace(r.Str)
	case gjson.Number:
		return r.Raw
	default:
		return ""
	}
}

// First returns the first named member that has a value: one that is neither absent, null nor blank. The upstream
// spells some names in several ways. If there is none, it returns the zero Result.
func First(object gjson.Result, names ...string) gjson.Result {
	for _, name := range names {
		if r := object.Get(name); !Blank(r) {
			return r
		}
	}
	return gjson.Result{}
}

// Blank reports whether a value is absent, null or a blank string. 0, false and [] are not blank.
func Blank(r gjson.Result) bool {
	switch r.Type {
	case gjson.Null:
		return true
	case gjson.String:
		return strings.TrimSpace(r.Str) == ""
	default:
		return false
	}
}

// Bool reads true, "true", 1, "1", "Y", "yes" and their opposites. known is false for anything else.
func Bool(r gjson.Result) (value, known bool) {
	switch r.Type {
	case gjson.True:
		return true, true
	case gjson.False:
		return false, true
	}
	switch strings.ToLower(Text(r)) {
	case "true", "1", "y", "yes":
		return true, true
	case "false", "0", "n", "no":
		return false, true
	default:
		return false, false
	}
}

// idDigitsMax is the length of the largest 64-bit number.
const idDigitsMax = 20

// ID reads an id, sent as a number or as text, as decimal digits without leading zeros. Ids of 19 and more digits stay
// exact. 0 is no id: the upstream sends it where there is none.
func ID(r gjson.Result) (id string, ok bool) {
	text := fold(Text(r))
	if r.Type == gjson.Number {
		if text, ok = plainDecimal(text); !ok {
			return "", false
		}
		text = strings.TrimSuffix(text, ".0")
	}
	text = strings.TrimLeft(text, "0")
	if text == "" || len(text) > idDigitsMax || !allDigits(text) {
		return "", false
	}
	return text, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
