package scenario

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Against holds the check against an answer as JSON and says what is wrong; nothing if it holds.
func (c Check) Against(answer []byte) []string {
	at := gjson.GetBytes(answer, c.Path)
	var wrong []string
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%s: ", c.Path)+fmt.Sprintf(format, args...))
	}
	if c.Absent && at.Exists() {
		say("is %s, want nothing", at.Raw)
	}
	if c.Equals != nil && !sameJSON(c.Equals, at) {
		say("is %s, want %v", shorten(at.Raw), c.Equals)
	}
	if c.Sorted != "" {
		if why := sorted(numbers(at), c.Sorted); why != "" {
			say("%s", why)
		}
	}
	if c.Min != nil || c.Max != nil {
		c.bounds(numbers(at), say)
	}
	if c.Contains != "" || c.Matches != "" {
		c.texts(at, say)
	}
	if c.Distinct {
		distinct(at, say)
	}
	return wrong
}

func sameJSON(want any, at gjson.Result) bool {
	if !at.Exists() {
		return false
	}
	text, err := json.Marshal(want)
	if err != nil {
		return false
	}
	var a, b any
	if json.Unmarshal(text, &a) != nil || json.Unmarshal([]byte(at.Raw), &b) != nil {
		return false
	}
	return reflect.DeepEqual(a, b)
}

// numbers reads plain numbers, numbers in text, and amounts of money.
func numbers(at gjson.Result) []*big.Rat {
	var all []*big.Rat
	for _, r := range each(at) {
		text := r.String()
		if r.IsObject() {
			text = fmt.Sprintf("%d.%09d", r.Get("units").Int(), r.Get("nanos").Int())
		}
		if n, ok := new(big.Rat).SetString(text); ok {
			all = append(all, n)
		}
	}
	return all
}

func each(at gjson.Result) []gjson.Result {
	if at.IsArray() {
		return at.Array()
	}
	if !at.Exists() {
		return nil
	}
	return []gjson.Result{at}
}

func sorted(all []*big.Rat, order string) string {
	if len(all) < 2 {
		return fmt.Sprintf("has %d numbers, too few to tell an order", len(all))
	}
	for i := 1; i < len(all); i++ {
		c := all[i-1].Cmp(all[i])
		if (order == "asc" && c > 0) || (order == "desc" && c < 0) {
			return fmt.Sprintf("not %s at %d: %s before %s", order, i, all[i-1].FloatString(2), all[i].FloatString(2))
		}
	}
	return ""
}

func (c Check) bounds(all []*big.Rat, say func(string, ...any)) {
	if len(all) == 0 {
		say("has no numbers")
	}
	for _, n := range all {
		if c.Min != nil && n.Cmp(new(big.Rat).SetFloat64(*c.Min)) < 0 {
			say("%s is below %v", n.FloatString(3), *c.Min)
		}
		// A bound such as 59.90 is no exact binary number, so it is read back from its decimal text.
		if c.Max != nil {
			limit, _ := new(big.Rat).SetString(fmt.Sprint(*c.Max))
			if n.Cmp(limit) > 0 {
				say("%s is above %v", n.FloatString(3), *c.Max)
			}
		}
	}
}

func (c Check) texts(at gjson.Result, say func(string, ...any)) {
	all := each(at)
	if len(all) == 0 {
		say("has nothing")
	}
	for _, r := range all {
		text := r.String()
		if !strings.Contains(text, c.Contains) {
			say("%q lacks %q", shorten(text), c.Contains)
		}
		if c.Matches != "" && !regexp.MustCompile(c.Matches).MatchString(text) {
			say("%q does not fit %s", shorten(text), c.Matches)
		}
	}
}

func distinct(at gjson.Result, say func(string, ...any)) {
	var seen []string
	for _, r := range each(at) {
		if slices.Contains(seen, r.Raw) {
			say("%s occurs twice", shorten(r.Raw))
		}
		seen = append(seen, r.Raw)
	}
	if len(seen) < 2 {
		say("has %d values, too few to tell", len(seen))
	}
}

func shorten(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}
