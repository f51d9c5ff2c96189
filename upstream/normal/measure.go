package normal

import (
	"math"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// Grams reads a weight of a field that holds grams.
func Grams(r gjson.Result) (grams int64, known bool) { return measure(r, 0) }

// Kilograms reads a weight of a field that holds kilograms, as grams: 0.25 and "0.250" are 250.
func Kilograms(r gjson.Result) (grams int64, known bool) { return measure(r, 3) }

// Centimetres reads a length of a field that holds centimetres, as millimetres: 12.5 is 125.
func Centimetres(r gjson.Result) (millimetres int64, known bool) { return measure(r, 1) }

// measure reads a decimal with its point moved right by places, rounded to the nearest integer and at least 1: goods
// that were weighed are not weightless. 0 means not measured and is unknown. So is a value that is negative, malformed
// or too large.
func measure(r gjson.Result, places int) (int64, bool) {
	s, ok := ungroup(fold(Text(r)))
	if !ok {
		return 0, false
	}
	if s, ok = plainDecimal(s); !ok {
		return 0, false
	}
	integer, fraction, _ := strings.Cut(s, ".")
	integer, fraction = shiftPoint(integer, fraction, places)
	n, err := strconv.ParseInt(integer, 10, 64)
	if err != nil || n == math.MaxInt64 {
		return 0, false
	}
	if fraction != "" && fraction[0] >= '5' {
		n++
	}
	if n == 0 {
		if strings.Trim(fraction, "0") == "" {
			return 0, false
		}
		n = 1
	}
	return n, true
}
