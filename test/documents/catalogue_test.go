package documents_test

import (
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// TestREADMECountsTheOffers compares the number of made-up offers that the README states with the embedded catalogue.
func TestREADMECountsTheOffers(t *testing.T) {
	want := message.NewPrinter(language.English).Sprintf("%d made-up offers", len(catalog.Embedded()))
	if !strings.Contains(read(t, "README.md"), want) {
		t.Errorf("README.md does not say %q", want)
	}
}
