package normal

import (
	"testing"

	"github.com/tidwall/gjson"
	"pgregory.net/rapid"
)

// The usual forms have a way of their own. It reads what the general one reads, and nothing else.
func TestUsualNumbersAreReadAsAllOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringMatching(`[0-9]{0,22}(\.[0-9]{0,12})?`), rapid.StringMatching(`[0-9.eE+-]{0,12}`)).Draw(t, "text")
		plain, ok := plainDecimal(s)
		general, generalOK := withoutExponent(s)
		if ok != generalOK || ok && plain != general {
			t.Errorf("%q is %q, %v and in general %q, %v", s, plain, ok, general, generalOK)
		}
		n, ok := digitsOf(s)
		if !ok {
			return
		}
		// A count with a plus sign is read in the general way.
		if m, atLeast, known := Count(gjson.Result{Type: gjson.String, Str: s + "+"}); m != n || !atLeast || !known {
			t.Errorf("%q is %d and in general %d, %v", s, n, m, known)
		}
	})
}
