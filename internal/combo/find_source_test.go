package combo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// mugs is a world in which three suppliers sell one mug and one sells a bottle. The words find a mug and the bottle.
func mugs() *world {
	w := &world{
		byWords: map[string][]*zhaohuov1.Product{"mug": {offer("11", "Anhe", 12), offer("21", "Boya", 5)}},
		byPicture: map[string][]*zhaohuov1.Product{
			"pic:11": {offer("11", "Anhe", 12), offer("12", "Cheng", 9), offer("13", "Deda", 0), offer("21", "Boya", 5)},
			"pic:21": {offer("21", "Boya", 5), offer("13", "Deda", 0)},
		},
		fails: map[string]error{},
	}
	w.show("mug", "pic:11", "pic:12", "pic:13")
	w.show("bottle", "pic:21")
	return w
}

func find(t testing.TB, w *world, q *zhaohuov1.FindSourceRequest) *zhaohuov1.FindSourceResponse {
	t.Helper()
	answer, err := FindSource(t.Context(), w.ports(), q)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// groupsOf are the ids of each group, best first, and of unconfirmed products.
func groupsOf(a *zhaohuov1.FindSourceResponse) (groups [][]string, unconfirmed []string) {
	for _, g := range a.GetGroups() {
		groups = append(groups, idsOf(g.GetOffers()))
	}
	return groups, idsOf(a.GetUnconfirmed())
}

func idsOf(offers []*zhaohuov1.SourceOffer) []string {
	var ids []string
	for _, o := range offers {
		ids = append(ids, o.GetProduct().GetId())
	}
	return ids
}

func TestFindSource(t *testing.T) {
	like := func(with string, value float64) *zhaohuov1.MeasuredLikeness {
		m := &zhaohuov1.MeasuredLikeness{Value: value, ComparedWith: with}
		if value >= thresholds.SamePhoto {
			m.Kind = zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO
		}
		return m
	}
	by := func(picture string, rank int32) *zhaohuov1.FoundBy {
		return &zhaohuov1.FoundBy{Step: "image_search", ImageOf: picture, Rank: rank}
	}
	yuan := func(permille float64) *zhaohuov1.RelativePrice {
		return &zhaohuov1.RelativePrice{Median: (1050 * money.Fen).Proto(money.CNY), Ratio: permille / 1000}
	}
	unit := func(yuan int64) *moneypb.Money { return offer("", "", yuan).GetPrice() }
	const list = zhaohuov1.PriceBasis_PRICE_BASIS_LIST
	words := func(rank int32) *zhaohuov1.FoundBy { return &zhaohuov1.FoundBy{Step: "keyword_search", Rank: rank} }
	want := &zhaohuov1.FindSourceResponse{
		Groups: []*zhaohuov1.SourceGroup{{
			MedianPrice: (1050 * money.Fen).Proto(money.CNY),
			Offers: []*zhaohuov1.SourceOffer{
				{
					Product: offer("12", "Cheng", 9), UnitPrice: unit(9), PriceBasis: list, BeforeNext: zhaohuov1.RankReason_RANK_REASON_LOWER_PRICE, RelativePrice: yuan(857), Likeness: like("11", 0.9),
					Confirmations: []*zhaohuov1.MeasuredLikeness{like("11", 0.9), like("13", 0.9)}, FoundBy: []*zhaohuov1.FoundBy{by("11", 2)},
				},
				{
					Product: offer("11", "Anhe", 12), UnitPrice: unit(12), PriceBasis: list, BeforeNext: zhaohuov1.RankReason_RANK_REASON_PRICE_KNOWN, RelativePrice: yuan(1143), Likeness: like("12", 0.9),
					Confirmations: []*zhaohuov1.MeasuredLikeness{like("12", 0.9), like("13", 0.9)}, FoundBy: []*zhaohuov1.FoundBy{words(1), by("11", 1)},
				},
				{
					Product: offer("13", "Deda", 0), Likeness: like("11", 0.9),
					Confirmations: []*zhaohuov1.MeasuredLikeness{like("11", 0.9), like("12", 0.9)}, FoundBy: []*zhaohuov1.FoundBy{by("11", 3), by("21", 2)},
				},
			},
		}},
		Unconfirmed: []*zhaohuov1.SourceOffer{{
			Product: offer("21", "Boya", 5), UnitPrice: unit(5), PriceBasis: list, Likeness: like("11", 0.3), FoundBy: []*zhaohuov1.FoundBy{words(2), by("11", 4), by("21", 1)},
		}},
		ConfirmThreshold: 0.6,
		Meta: &zhaohuov1.ComboMeta{
			Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.New(time.Unix(1_800_000_000, 0)),
			UpstreamCalls: 3, UpstreamCallBudget: 8, ImagesFetched: 4,
		},
	}
	got := find(t, mugs(), &zhaohuov1.FindSourceRequest{Keyword: "mug"})
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatConfirms(t *testing.T) {
	for name, row := range map[string]struct {
		change      func(*world)
		request     *zhaohuov1.FindSourceRequest
		groups      [][]string
		unconfirmed []string
	}{
		"another supplier's image": {groups: [][]string{{"12", "11", "13"}}, unconfirmed: []string{"21"}},
		"not one's own second offer": {
			change: func(w *world) {
				for _, p := range w.byPicture["pic:11"] {
					p.Supplier.Name = proto.String("Anhe")
				}
				w.byPicture["pic:21"] = nil
			},
			unconfirmed: []string{"11", "21", "12", "13"},
		},
		"not an offer of nobody knows whom": {
			change: func(w *world) {
				w.byPicture["pic:11"][1].Supplier = nil
				w.byPicture["pic:11"][2].Supplier = nil
				w.byPicture["pic:21"] = nil
			},
			unconfirmed: []string{"11", "21", "12", "13"},
		},
		"a copy of the same photo": {
			change: func(w *world) { w.looks["pic:12"], w.looks["pic:13"] = w.looks["pic:11"], w.looks["pic:11"] },
			groups: [][]string{{"12", "11", "13"}}, unconfirmed: []string{"21"},
		},
		"not other photos of goods that look alike": {
			change: func(w *world) {
				w.show("mug/front", "pic:11")
				w.show("mug/back", "pic:12")
				w.show("mug/side", "pic:13")
			},
			unconfirmed: []string{"11", "21", "12", "13"},
		},
		"the same photo among others": {
			change: func(w *world) {
				w.show("mug/front", "pic:11", "pic:12")
				w.show("mug/back", "pic:13")
			},
			groups: [][]string{{"12", "11"}}, unconfirmed: []string{"21", "13"},
		},
		"copies by a third photo": {
			change: func(w *world) { w.looks["pic:12"] = w.looks["pic:11"] },
			groups: [][]string{{"12", "11", "13"}}, unconfirmed: []string{"21"},
		},
		"nothing without likeness": {
			request:     &zhaohuov1.FindSourceRequest{Keyword: "mug", SkipLikeness: true},
			unconfirmed: []string{"11", "21", "12", "13"},
		},
		"the caller's own photo": {
			change: func(w *world) {
				w.show("bottle", "own")
				w.byPicture["own"] = []*zhaohuov1.Product{offer("21", "Boya", 5)}
			},
			// The bottle's own image leads to 13.
			groups: [][]string{{"21"}}, unconfirmed: []string{"11", "13"},
		},
		"the caller's photo that is the offer's own": {
			change: func(w *world) {
				w.looks["own"] = w.looks["pic:21"]
				w.byPicture["own"] = []*zhaohuov1.Product{offer("21", "Boya", 5)}
			},
			groups: [][]string{{"21"}}, unconfirmed: []string{"11"},
		},
		"within the bounds alone": {
			request: &zhaohuov1.FindSourceRequest{Keyword: "mug", PriceMin: "9.5"},
			// 12 is too cheap and 13 has no price, so nothing confirms 11.
			unconfirmed: []string{"11"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := mugs()
			if row.change != nil {
				row.change(w)
			}
			q := row.request
			if q == nil {
				q = &zhaohuov1.FindSourceRequest{Keyword: "mug"}
			}
			groups, unconfirmed := groupsOf(find(t, w, q))
			if diff := cmp.Diff(row.groups, groups); diff != "" {
				t.Errorf("groups: %s", diff)
			}
			if diff := cmp.Diff(row.unconfirmed, unconfirmed); diff != "" {
				t.Errorf("unconfirmed: %s", diff)
			}
		})
	}
}

func TestCopiesOfAPictureConfirmOnce(t *testing.T) {
	w := mugs()
	w.looks["pic:12"] = w.looks["pic:11"]
	answer := find(t, w, &zhaohuov1.FindSourceRequest{Keyword: "mug"})
	for _, o := range answer.GetGroups()[0].GetOffers() {
		var got []string
		for _, m := range o.GetConfirmations() {
			got = append(got, m.GetComparedWith())
		}
		want := map[string][]string{"11": {"12", "13"}, "12": {"11", "13"}, "13": {"11"}}[o.GetProduct().GetId()]
		if !slices.Equal(got, want) {
			t.Errorf("%s is confirmed by %v, want %v", o.GetProduct().GetId(), got, want)
		}
	}
}

// failed are the failures of an answer as "step: REASON".
func failed(failures []*zhaohuov1.PartialFailure) []string {
	var all []string
	for _, f := range failures {
		reason := ""
		for _, d := range status.FromProto(f.GetStatus()).Details() {
			if info, ok := d.(*errdetails.ErrorInfo); ok {
				reason = info.GetReason()
			}
		}
		all = append(all, f.GetStep()+": "+reason)
	}
	return all
}

func TestNothingFoundIsNotAFailure(t *testing.T) {
	answer := find(t, &world{}, &zhaohuov1.FindSourceRequest{Keyword: "nothing"})
	if len(answer.GetGroups())+len(answer.GetUnconfirmed())+len(answer.GetPartialFailures()) != 0 || answer.GetMeta().GetUpstreamCalls() != 1 {
		t.Errorf("got %v", answer)
	}
}

func TestUnmeasuredLikenessIsReported(t *testing.T) {
	p := mugs().ports()
	p.Pictures = nil
	answer, err := FindSource(t.Context(), p, &zhaohuov1.FindSourceRequest{Keyword: "mug"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"LIKENESS_OFF"}, notesOf(answer.GetMeta())); diff != "" {
		t.Error(diff)
	}
	if reported := failed(answer.GetPartialFailures()); len(reported) != 0 {
		t.Errorf("partial failures: %v", reported)
	}
}

func TestNeitherWordsNorPicture(t *testing.T) {
	_, err := FindSource(t.Context(), Ports{}, &zhaohuov1.FindSourceRequest{Keyword: "  "})
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.InvalidField || len(f.Fields) != 2 || f.Fields[0].Path != "keyword" || f.Fields[1].Path != "image" {
		t.Errorf("got %+v", f)
	}
}

// drawOffer is an offer of a separate supplier, with any combination of known and unknown fields.
func drawOffer(t *rapid.T, id string) *zhaohuov1.Product {
	p := offer(id, "supplier "+id, rapid.Int64Range(0, 4).Draw(t, "yuan"))
	few := func(name string) *int64 {
		return rapid.Ptr(rapid.Int64Range(0, 3), true).Draw(t, name)
	}
	p.MinimumOrder, p.SoldCount = few("minimum order"), few("sold")
	if n := few("repurchase"); n != nil {
		p.RepurchaseRate = proto.Float64(float64(*n) / 4)
	}
	if rapid.Bool().Draw(t, "factory") {
		p.Supplier.Kinds = []zhaohuov1.SupplierKind{zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY}
	}
	return p
}

// TestAWorseCandidateChangesNoOrder adds a candidate: the others keep their order, and the better ones stay before it.
func TestAWorseCandidateChangesNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{}
		n := rapid.IntRange(2, 6).Draw(t, "offers")
		var offers []*zhaohuov1.Product
		for i := range n + 1 {
			p := drawOffer(t, fmt.Sprint(100+rapid.IntRange(0, 8).Draw(t, "id")*10+i))
			offers = append(offers, p)
			w.show("mug", p.GetImageUrl())
		}
		rank := func(offers []*zhaohuov1.Product) []string {
			w.byWords = map[string][]*zhaohuov1.Product{"mug": offers}
			answer, err := FindSource(context.Background(), w.ports(), &zhaohuov1.FindSourceRequest{Keyword: "mug"})
			if err != nil {
				t.Fatal(err)
			}
			groups, _ := groupsOf(answer)
			return groups[0]
		}
		before, after := rank(offers[:n]), rank(offers)
		added := offers[n].GetId()
		if diff := cmp.Diff(before, slices.DeleteFunc(slices.Clone(after), func(id string) bool { return id == added })); diff != "" {
			t.Fatalf("another candidate changed the order of the others: %s", diff)
		}
		dear := slices.Clone(offers)
		worse := proto.CloneOf(dear[0])
		worse.Id, worse.Supplier.Name, worse.Supplier.Kinds = "9999", proto.String("worse"), nil
		worse.Price, worse.MinimumOrder, worse.SoldCount, worse.RepurchaseRate = nil, nil, nil, nil
		last := rank(append(dear, worse))
		if last[len(last)-1] != "9999" {
			t.Fatalf("the worst in everything is not last: %s", strings.Join(last, " "))
		}
	})
}
