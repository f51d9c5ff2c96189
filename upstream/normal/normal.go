// Package normal reads the values of the upstream's answers as what they mean: prices, counts, rates, weights, ids, flags
// and addresses, however they are spelled; and it puts a product's prices and properties in order once they are read.
//
// It is the one normaliser of all dialects. The unit of a value is fixed by the function the caller picks for a
// field and never guessed from its size. What cannot be read is unknown, never zero; nothing goes through a float
// on its way in. It knows no field names and no envelopes.
package normal

import (
	"strings"

	"github.com/tidwall/gjson"
)

// Text is a scalar as text, without white space around it: of a string its content, of a number its digits as sent.
// Anything else, also null, is "".
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

// First is the first of the members that says something: it is there and is neither null nor a blank string. The
// upstream spells some names in several ways. The zero Result says that there is none.
func First(object gjson.Result, names ...string) gjson.Result {
	for _, name := range names {
		if r := object.Get(name); !Blank(r) {
			return r
		}
	}
	return gjson.Result{}
}

// Blank tells whether a value says nothing: it is absent, null or a blank string. 0, false and [] say something.
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

// Bool reads true, "true", 1, "1", "Y", "yes" and their opposites; known is false for anything else.
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

// ID reads an id, sent as a number or as text, as decimal digits without leading zeros. Ids of 19 digits and more
// stay exact. 0 is no id: the upstream sends it where it has none.
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
