package titles_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/combo/titles"
)

// A buyer would search for these by 遮阳伞, with 防晒 or 折叠, and not by 批发 or 夏季.
func Example() {
	reading := titles.NewReader().Read([]string{
		"夏季防晒遮阳伞折叠晴雨伞批发", "黑胶遮阳伞防晒折叠迷你太阳伞一件代发", "跨境遮阳伞防晒便携",
	})
	fmt.Println(reading.Head.Text, reading.Head.Titles)
	for _, q := range reading.Qualifiers[:2] {
		fmt.Println(q.Text, q.WithHead)
	}
	fmt.Println(reading.Names("碳纤维遮阳伞"), reading.Names("遮阳帽"))
	// Output:
	// 遮阳伞 3
	// 防晒 3
	// 折叠 2
	// true false
}
