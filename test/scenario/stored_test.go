package scenario_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
)

// TestStoredAnswersAreTheSame asks each case again and again with the cache on, over both transports: requests that were found valid are
// recalled, and answers are sent as they are stored. What comes is what came the first time.
func TestStoredAnswersAreTheSame(t *testing.T) {
	cases, err := scenario.Cases()
	if err != nil {
		t.Fatal(err)
	}
	service := start(t, map[string]string{"ZHAOHUO_NO_CACHE": "false"})
	// The codes and reasons must be the same. Texts and metadata tell of the upstream call, which is not made again.
	failure := func(s *statuspb.Status) int32 { return s.GetCode() }
	asked := 0
	for _, c := range cases {
		unary := slices.Contains([]string{
			"SearchService/KeywordSearch", "ProductService/GetProduct", "ProductService/ListSellerProducts", "ProductService/ListSearchFacets",
			"ProductService/ListTopKeywords", "ProductService/ListRelatedProducts",
			"CategoryService/FindCategories", "CategoryService/GetCategory", "ProductService/EstimateFreight", "ProductService/ListTopProducts",
		}, c.RPC)
		if !unary || c.Fresh || c.Timeout != "" {
			continue
		}
		asked++
		t.Run(strings.ReplaceAll(c.Name, " ", "-"), func(t *testing.T) {
			first := service.overGRPC(t, c)
			later := map[string][]outcome{"gRPC": {service.overGRPC(t, c), service.overGRPC(t, c)}}
			for _, route := range c.REST {
				later[route] = []outcome{service.overREST(t, c, route), service.overREST(t, c, route)}
			}
			for way, outcomes := range later {
				for n, got := range outcomes {
					if failure(got.failed) != failure(first.failed) {
						t.Fatalf("%s, %d: %v, and first %v", way, n, got.failed, first.failed)
					}
					if first.message == nil {
						continue
					}
					if diff := cmp.Diff(first.message, got.message, protocmp.Transform(), ignoreMeta(first.message)); diff != "" {
						t.Errorf("%s, %d: (-first +again)\n%s", way, n, diff)
					}
				}
			}
		})
	}
	if asked < 20 {
		t.Errorf("only %d cases were asked", asked)
	}
}
