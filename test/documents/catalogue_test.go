package documents_test

import (
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// TestREADMECountsTheOffers compares the number of made-up offers that both READMEs state with the embedded catalogue.
func TestREADMECountsTheOffers(t *testing.T) {
	count := message.NewPrinter(language.English).Sprint(len(catalog.Embedded()))
	for name, want := range map[string]string{"README.md": count + " made-up offers", "README.zh-CN.md": count + " 件虚构商品"} {
		if !strings.Contains(read(t, name), want) {
			t.Errorf("%s does not say %q", name, want)
		}
	}
}
