package combo

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

func TestShares(t *testing.T) {
	by := func(id, name string) *zhaohuov1.Product {
		s := &zhaohuov1.Supplier{}
		if id != "" {
			s.Id = &id
		}
		if name != "" {
			s.Name = &name
		}
		return &zhaohuov1.Product{Supplier: s}
	}
	products := []*zhaohuov1.Product{
		by("7", ""), by("7", "Anhe"), by("", "An he"), by("", "Boya"), by("8", ""), by("", ""),
		{},
		by("", "Boya"),
	}
	known, unknown := shares(products, sellerNames(products))
	nameIDs(known, products, sellerNames(products))
	want := []*zhaohuov1.MarketShare{
		{Name: "Anhe", SupplierId: proto.String("7"), Products: 3, Share: 0.5}, // By id, by name, and by another spelling of the name.
		{Name: "Boya", Products: 2, Share: 0.333},
		{Name: "8", SupplierId: proto.String("8"), Products: 1, Share: 0.167},
	}
	if diff := cmp.Diff(want, known, protocmp.Transform()); diff != "" || unknown != 2 {
		t.Errorf("unknown %d, want 2 (-want +got):\n%s", unknown, diff)
	}
}

func TestConcentration(t *testing.T) {
	sold := func(counts ...int64) []*zhaohuov1.Product {
		var all []*zhaohuov1.Product
		for _, n := range counts {
			p := &zhaohuov1.Product{}
			if n >= 0 {
				p.SoldCount = &n
			}
			all = append(all, p)
		}
		return all
	}
	for _, c := range []struct {
		name    string
		given   []*zhaohuov1.Product
		want    *float64
		unknown int32
	}{
		{"none known", sold(-1, -1), nil, 2},
		{"nothing sold", sold(0, 0), nil, 0},
		{"at least one is the best-selling tenth", sold(30, 10, -1), proto.Float64(0.75), 1},
		{"two of eleven", sold(5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6), proto.Float64(0.55), 0},
	} {
		got, unknown := concentration(c.given)
		if diff := cmp.Diff(c.want, got); diff != "" || unknown != c.unknown {
			t.Errorf("%s: unknown %d, want %d (-want +got):\n%s", c.name, unknown, c.unknown, diff)
		}
	}
}
