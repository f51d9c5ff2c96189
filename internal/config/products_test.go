package config

import (
	"strings"
	"testing"
)

func TestProductNamesAreChecked(t *testing.T) {
	for arg, want := range map[string]string{
		"--aop-detail-api=x":          `--aop-detail-api: must be namespace:name-version but is "x"`,
		"--aop-seller-api=a:b":        `--aop-seller-api: must be namespace:name-version but is "a:b"`,
		"--aop-facets-api=a:b-c":      `--aop-facets-api: must be namespace:name-version but is "a:b-c"`,
		"--aop-top-keywords-api=:b-1": `--aop-top-keywords-api: must be namespace:name-version but is ":b-1"`,
		"--aop-freight-api=a":         `--aop-freight-api: must be namespace:name-version but is "a"`,
		"--aop-order-preview-api=b":   `--aop-order-preview-api: must be namespace:name-version but is "b"`,
		"--aop-related-api=a/b:c-1":   `--aop-related-api: must be namespace:name-version but is "a/b:c-1"`,
		"--aop-categories-api=a:b":    `--aop-categories-api: must be namespace:name-version but is "a:b"`,
		"--aop-category-api=x":        `--aop-category-api: must be namespace:name-version but is "x"`,
		"--top-detail-method=a b":     `--top-detail-method: must be a method name but is "a b"`,
		"--top-detail-id-param=a&b":   `--top-detail-id-param: must be a parameter name but is "a&b"`,
		"--top-seller-method=a/b":     `--top-seller-method: must be a method name but is "a/b"`,
		"--top-seller-id-param=卖家":    `--top-seller-id-param: must be a parameter name but is "卖家"`,
	} {
		if _, err := Load([]string{arg}, nil); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", arg, err, want)
		}
	}
	_, err := Load([]string{"--aop-detail-api=x", "--top-seller-id-param=-"}, nil)
	if err == nil || strings.Count(err.Error(), "must be") != 2 {
		t.Errorf("two at once: %v", err)
	}
	got := load(t, []string{"--aop-related-api=n:x.y-2", "--top-detail-id-param=offer_id"}, nil)
	if got.Products.AOPRelatedAPI != "n:x.y-2" || got.Products.TOPDetailIDParam != "offer_id" {
		t.Errorf("got %+v", got.Products)
	}
}
