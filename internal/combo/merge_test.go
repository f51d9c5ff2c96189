package combo

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// TestProductsCountOnceHoweverTheirIDIsWritten puts lists with ids as numbers and as texts into a goodsSet and compares
// it with a map by number.
func TestProductsCountOnceHoweverTheirIDIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b goodsSet
		var want []string
		seen := map[int64]bool{}
		for list := range rapid.IntRange(1, 4).Draw(t, "lists") {
			var products []*zhaohuov1.Product
			for range rapid.IntRange(0, 6).Draw(t, "products") {
				id := rapid.Int64Range(1, 9).Draw(t, "id") * 100_000_000_000
				text := strconv.FormatInt(id, 10)
				switch rapid.IntRange(0, 3).Draw(t, "spelling") {
				case 1:
					text = "00" + text
				case 2:
					text += ".0"
				case 3:
					text = " " + text + " "
				}
				products = append(products, &zhaohuov1.Product{Id: text})
				if !seen[id] {
					seen[id] = true
					want = append(want, strconv.FormatInt(id, 10))
				}
			}
			b.add(&zhaohuov1.FoundBy{Step: "list " + strconv.Itoa(list)}, products...)
		}
		var got []string
		for _, f := range b.all {
			got = append(got, f.id())
			if b.get("0"+f.id()+".00") != f {
				t.Fatalf("%s is not found again", f.id())
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestCanonicalID(t *testing.T) {
	for id, want := range map[string]string{
		"620201390233": "620201390233", "620201390233.0": "620201390233", "0620": "620", "": "", "0": "0", "000": "000",
		" 7 ": "7", "7.5": "7.5", ".0": ".0", "abc": "abc", "620201390233.": "620201390233",
	} {
		if got := canonicalID(id); got != want {
			t.Errorf("%q is %q, want %q", id, got, want)
		}
	}
}

func TestKnownFieldsStayAndUnknownOnesAreFilled(t *testing.T) {
	yuan := func(n int64) *zhaohuov1.Product {
		return &zhaohuov1.Product{Price: (money.Amount(n) * money.Unit).Proto(money.CNY)}
	}
	var b goodsSet
	b.add(&zhaohuov1.FoundBy{Step: "keyword_search"}, &zhaohuov1.Product{
		Id: "7", Title: "first", PriceText: proto.String("面议"), SoldCount: proto.Int64(3),
		Supplier: &zhaohuov1.Supplier{Kinds: []zhaohuov1.SupplierKind{zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY}},
	})
	b.add(&zhaohuov1.FoundBy{Step: "image_search", ImageOf: "5"}, &zhaohuov1.Product{Id: "6"}, &zhaohuov1.Product{
		Id: "007", Title: "second", Price: yuan(12).GetPrice(), PriceMax: yuan(15).GetPrice(), SoldDays: proto.Int32(90), SoldAtLeast: true,
		Supplier: &zhaohuov1.Supplier{Name: proto.String("Anhe")}, ImageUrl: proto.String("pic"),
	})
	want := &zhaohuov1.Product{
		Id: "7", Title: "first", Price: yuan(12).GetPrice(), PriceMax: yuan(15).GetPrice(),
		SoldCount: proto.Int64(3), // The count belongs to its period.
		Supplier: &zhaohuov1.Supplier{
			Name: proto.String("Anhe"), Kinds: []zhaohuov1.SupplierKind{zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY},
		},
		ImageUrl: proto.String("pic"),
	}
	got := b.get("7")
	if diff := cmp.Diff(want, got.product, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	found := []*zhaohuov1.FoundBy{{Step: "keyword_search", Rank: 1}, {Step: "image_search", ImageOf: "5", Rank: 2}}
	if diff := cmp.Diff(found, got.by, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestRivals(t *testing.T) {
	of := func(id, name string) *zhaohuov1.Product {
		s := &zhaohuov1.Supplier{}
		if id != "" {
			s.Id = &id
		}
		if name != "" {
			s.Name = &name
		}
		return &zhaohuov1.Product{Supplier: s}
	}
	for _, row := range []struct {
		a, b *zhaohuov1.Product
		want bool
	}{
		{of("", "Anhe"), of("", "Boya"), true},
		{of("", "Anhe"), of("", " An he "), false},
		{of("1", "Anhe"), of("2", "Anhe"), true},
		{of("1", "Anhe"), of("1", "Boya"), false},
		{of("1", ""), of("", "Boya"), false},
		{of("1", "Anhe"), of("", "Boya"), true},
		{of("", ""), of("", "Boya"), false},
		{&zhaohuov1.Product{}, &zhaohuov1.Product{}, false},
	} {
		if rivals(row.a, row.b) != row.want || rivals(row.b, row.a) != row.want {
			t.Errorf("%v and %v: want %v", row.a, row.b, row.want)
		}
	}
}

// TestAllot checks that shares respect the budget and the requests.
func TestAllot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		requests := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) callRequest {
			need := rapid.IntRange(1, 4).Draw(t, "need")
			return callRequest{need, need + rapid.IntRange(0, 6).Draw(t, "more")}
		}), 0, 8).Draw(t, "wishes")
		budget := rapid.IntRange(0, 40).Draw(t, "budget")
		shares := allot(budget, requests...)
		sum, most := 0, 0
		left := budget
		for i, w := range requests {
			served := w.need <= left
			if served {
				left -= w.need
			}
			if (shares[i] > 0) != served || served && (shares[i] < w.need || shares[i] > w.most) {
				t.Fatalf("request %d %+v of %+v got %d of %d", i, w, requests, shares[i], budget)
			}
			sum += shares[i]
			if served {
				most += w.most
			}
		}
		if sum > budget || sum < min(budget, most) {
			t.Fatalf("%v of %d for %+v", shares, budget, requests)
		}
	})
}

func TestAllotGivesNeedsInOrderThenRetriesInTurns(t *testing.T) {
	for _, row := range []struct {
		budget int
		want   string
	}{
		{1, "1 0 0"}, {2, "1 0 1"}, {3, "1 2 0"}, {4, "1 2 1"}, {5, "2 2 1"}, {7, "2 3 2"}, {99, "3 6 3"},
	} {
		var got []string
		for _, n := range allot(row.budget, once(1), once(2), once(1)) {
			got = append(got, strconv.Itoa(n))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%d: %v, want %s", row.budget, got, row.want)
		}
	}
}
