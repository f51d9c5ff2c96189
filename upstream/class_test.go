package upstream_test

import (
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// TestParseClass: each class has a name that is read as itself. No other text is a class.
func TestParseClass(t *testing.T) {
	for _, c := range upstream.Classes() {
		if got, ok := upstream.ParseClass(c.String()); got != c || !ok {
			t.Errorf("%q: %v, %v", c, got, ok)
		}
	}
	for _, name := range []string{"", "urgent", "Batch", " batch", "interactive,batch"} {
		if got, ok := upstream.ParseClass(name); ok || got != upstream.Interactive {
			t.Errorf("%q: %v, %v", name, got, ok)
		}
	}
}
