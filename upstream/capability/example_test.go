package capability_test

import (
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// A dialect that has keyword search only, and translates nothing.
func ExampleTable_Check() {
	table := capability.NewTable(capability.Declaration{
		Dialect: zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_TOP,
		Operations: map[string]capability.Operation{
			capability.KeywordSearch: {Request: map[string]capability.Offer{"language_code": capability.Only("zh")}},
		},
	})
	for _, language := range []string{"zh", "ja"} {
		err := table.Check(capability.KeywordSearch, &zhaohuov1.KeywordSearchRequest{Keyword: "耳机", LanguageCode: language})
		fmt.Println(language, err)
	}
	fmt.Println(table.Check(capability.ListTopKeywords, &zhaohuov1.ListTopKeywordsRequest{CategoryId: "1"}))
	// Output:
	// zh <nil>
	// ja UNSUPPORTED_BY_DIALECT: the upstream's dialect top does not offer this request
	// UNSUPPORTED_BY_DIALECT: the upstream's dialect top does not offer this request
}
