package observe_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// TestPictures: each product has its picture, and the observation that of the first product that has one.
func TestPictures(t *testing.T) {
	detail := func(id, price, picture string) *zhaohuov1.ProductDetail {
		p := &zhaohuov1.Product{Id: id, Title: "cup", Price: yuan(t, price).Proto(money.CNY)}
		if picture != "" {
			p.ImageUrl = proto.String(picture)
		}
		return &zhaohuov1.ProductDetail{Summary: p}
	}
	for name, c := range map[string]struct{ first, second, want string }{
		"the cheapest has one":     {"https://img.example/1.jpg", "https://img.example/2.jpg", "https://img.example/1.jpg"},
		"only the dearest has one": {"", "https://img.example/2.jpg", "https://img.example/2.jpg"},
		"none has one":             {"", "", ""},
	} {
		s := &shop{details: map[string]*zhaohuov1.ProductDetail{"1": detail("1", "10", c.first), "2": detail("2", "20", c.second)}}
		o, err := s.observe(t, byIDs(0, "2", "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := o.GetProducts()
		if o.GetImageUrl() != c.want || seen[0].GetImageUrl() != c.first || seen[1].GetImageUrl() != c.second {
			t.Errorf("%s: the observation has %q, its products %v", name, o.GetImageUrl(), seen)
		}
	}
}
