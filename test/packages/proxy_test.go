package packages_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// repeatable are the RPCs with a POST that the proxy may send to another replica after it was sent to one: they only read.
func repeatable() []string {
	return []string{
		"SearchService.KeywordSearch", "SearchService.ImageSearch", "SearchService.BatchKeywordSearch", "ProductService.BatchGetProducts",
		"ProductService.EstimateFreight", "ComboService.FindSource", "ComboService.StreamFindSource", "ComboService.ComparePrices",
		"ComboService.StreamComparePrices", "ComboService.AnalyzeCompetitors", "ComboService.StreamAnalyzeCompetitors",
		"ComboService.ExpandSelection", "ComboService.StreamExpandSelection",
	}
}

// TestProxyRepeatsOnlyReads: of all POST and PATCH of the contract, nginx repeats those that only read, and nothing else has its leave to
// repeat what was sent.
func TestProxyRepeatsOnlyReads(t *testing.T) {
	conf := read(t, "deploy/compose/nginx.conf")
	blocks := regexp.MustCompile(`(?m)^    location ~ (\S+) \{\n((?:      .*\n)+)    \}`).FindAllStringSubmatch(conf, -1)
	if len(blocks) != 1 || !strings.Contains(blocks[0][2], "non_idempotent") || strings.Count(conf, "non_idempotent") != 1 {
		t.Fatalf("nginx.conf has %d blocks of paths, and these ways to repeat: %d", len(blocks), strings.Count(conf, "non_idempotent"))
	}
	// Without the whole body there is nothing to repeat.
	if !strings.Contains(blocks[0][2], "proxy_request_buffering on;") {
		t.Error("nginx does not keep the body of what it may repeat")
	}
	paths := regexp.MustCompile(blocks[0][1])
	variable := regexp.MustCompile(`\{[^}]*\}`)
	var matched []string
	for _, method := range contract.Methods() {
		rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
		for _, one := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
			path := one.GetPost() + one.GetPatch()
			if path != "" && paths.MatchString(variable.ReplaceAllString(path, "x")) {
				matched = append(matched, strings.TrimPrefix(string(method.FullName()), "zhaohuo.v1."))
			}
		}
	}
	want := repeatable()
	slices.Sort(matched)
	slices.Sort(want)
	if !slices.Equal(matched, want) {
		t.Errorf("nginx repeats\n%v\nand should repeat\n%v", matched, want)
	}
	for _, path := range []string{"/mcp", "/v1/platform:call", "/v1/products:uploadImageSearch", "/v1/info:diagnose", "/v1/priceWatches/x:run"} {
		if paths.MatchString(path) {
			t.Errorf("nginx repeats %s", path)
		}
	}
}
