package weight_test

import (
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/page/weight"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// TestPageIsLight bounds what a browser loads to show the page for the first time.
func TestPageIsLight(t *testing.T) {
	s := service.Start(t, service.Options{})
	page, docs, err := weight.Of(t.Context(), s.REST+"/")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the page: %d bytes, /docs: %d bytes", page, docs)
	if page > weight.Max || page == 0 || docs == 0 {
		t.Errorf("the page has %d bytes, and %d are allowed; /docs has %d bytes", page, weight.Max, docs)
	}
}
