package combo

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func titled(p *zhaohuov1.Product, title string) *zhaohuov1.Product {
	p.Title = title
	return p
}

// rival is an offer of a keyword list: without a supplier.
func rival(id string, yuan, minimum, sold int64) *zhaohuov1.Product {
	p := ordered(id, yuan, minimum)
	p.SoldCount = &sold
	return p
}

// fair is a world of cups: the caller's image finds cups 11 and 12, 13 whose image cannot be fetched, and a spoon.
// Their words find more cups, whose sellers are only in details.
func fair() *world {
	by := func(id, name, place string) *zhaohuov1.ProductDetail {
		return &zhaohuov1.ProductDetail{Summary: &zhaohuov1.Product{Id: id, Supplier: &zhaohuov1.Supplier{Name: &name, Location: &place}}}
	}
	tiered := by("22", "Boya", "Yiwu")
	tiered.PriceTiers = []*zhaohuov1.PriceTier{{MinQuantity: 2, Price: offer("", "", 9).GetPrice()}, {MinQuantity: 100, Price: offer("", "", 7).GetPrice()}}
	w := &world{
		byPicture: map[string][]*zhaohuov1.Product{"own": {
			titled(offer("99", "Xin", 1), "勺子 批发"), titled(offer("13", "Cheng", 12), "陶瓷马克杯 现货"),
			titled(offer("12", "Boya", 11), "新款 马克杯 陶瓷 批发"), titled(offer("11", "Anhe", 10), "厂家直销 陶瓷 带盖马克杯"),
		}},
		byWords: map[string][]*zhaohuov1.Product{
			"马克杯 陶瓷": {titled(rival("21", 30, 1, 80), "马克杯"), titled(rival("22", 9, 2, 10), "马克杯 礼品"), offer("011", "", 10)},
			"马克杯 带盖": {titled(rival("23", 8, 50, 10), "描金马克杯"), titled(worded("24", "面议"), "马克杯"), titled(rival("25", 1, 1, 1), "马克杯杯垫 陶瓷")},
		},
		details: map[string]*zhaohuov1.ProductDetail{"21": by("21", "Anhe", "Yiwu"), "22": tiered, "23": by("23", "Deda", "Chaozhou"), "24": {}},
		fails:   map[string]error{},
	}
	w.show("cup", "own", "pic:11", "pic:12")
	w.show("spoon", "pic:99")
	return w
}

func compete(t *testing.T, w *world, q *zhaohuov1.AnalyzeCompetitorsRequest) *zhaohuov1.AnalyzeCompetitorsResponse {
	t.Helper()
	answer, err := AnalyzeCompetitors(t.Context(), w.ports(), q)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func alikeIDs(goods []*zhaohuov1.AlikeProduct) []string {
	var ids []string
	for _, g := range goods {
		ids = append(ids, g.GetProduct().GetId())
	}
	return ids
}

func TestAnalyzeCompetitors(t *testing.T) {
	got := compete(t, fair(), &zhaohuov1.AnalyzeCompetitorsRequest{})
	if diff := cmp.Diff([]string{"11", "12", "13"}, alikeIDs(got.Competitors)); diff != "" {
		t.Errorf("competitors (-want +got):\n%s", diff)
	}
	// A product without a compared image has no likeness.
	likeness := &zhaohuov1.MeasuredLikeness{Value: 0.9, ComparedWith: "caller", Kind: zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO}
	for i, want := range []*zhaohuov1.MeasuredLikeness{likeness, likeness, nil} {
		if diff := cmp.Diff(want, got.Competitors[i].GetLikeness(), protocmp.Transform()); diff != "" {
			t.Errorf("likeness of competitor %d (-want +got):\n%s", i, diff)
		}
	}
	words := []*zhaohuov1.DistinctiveWord{
		{
			Word: "马克杯 陶瓷", Titles: 3, Share: 1, Searched: true, HeadNoun: "马克杯", HeadNounTitles: 3, Qualifier: "陶瓷", QualifierTitles: 3,
			QualifierKind: zhaohuov1.QualifierKind_QUALIFIER_KIND_MATERIAL, Why: "3 of 3 titles name the goods 马克杯; 陶瓷 is in 3 (the material).",
		},
		{
			Word: "马克杯 带盖", Titles: 1, Share: 0.333, Searched: true, HeadNoun: "马克杯", HeadNounTitles: 3, Qualifier: "带盖", QualifierTitles: 1,
			QualifierKind: zhaohuov1.QualifierKind_QUALIFIER_KIND_FEATURE, Why: "3 of 3 titles name the goods 马克杯; 带盖 is in 1 (a feature).",
		},
	}
	if diff := cmp.Diff(words, got.Words, protocmp.Transform()); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
	yuan := func(n int64) *zhaohuov1.Product { return offer("", "", n) }
	market := &zhaohuov1.CompetitorMarket{
		Products: 7, UnknownSuppliers: 1, UnknownLocations: 4, Unpriced: 1, UnknownSales: 4,
		Suppliers: []*zhaohuov1.MarketShare{
			{Name: "Anhe", Products: 2, Share: 0.333},
			{Name: "Boya", Products: 2, Share: 0.333},
			{Name: "Cheng", Products: 1, Share: 0.167},
			{Name: "Deda", Products: 1, Share: 0.167},
		},
		Locations: []*zhaohuov1.MarketShare{{Name: "Yiwu", Products: 2, Share: 0.667}, {Name: "Chaozhou", Products: 1, Share: 0.333}},
		PriceBands: []*zhaohuov1.PriceBand{
			{Low: yuan(8).Price, High: yuan(12).Price, Products: 5, GapAbove: yuan(18).Price},
			{Low: yuan(30).Price, High: yuan(30).Price, Products: 1},
		},
		TopTenthSalesShare: proto.Float64(0.8),
		LeftOut: []*zhaohuov1.LeftOutCount{
			{Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_UNLIKE, Count: 1},    // The spoon.
			{Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_ACCESSORY, Count: 1}, // The coaster.
		},
	}
	held := got.Market.Cheapest
	got.Market.Cheapest = nil
	if diff := cmp.Diff(market, got.Market, protocmp.Transform()); diff != "" {
		t.Errorf("market (-want +got):\n%s", diff)
	}
	var cheapest []string
	var from []int64
	for _, c := range held {
		from = append(from, c.Quantity)
		cheapest = append(cheapest, c.Product.Id)
	}
	if diff := cmp.Diff([]string{"21", "22", "22"}, cheapest) + cmp.Diff([]int64{1, 2, 100}, from); diff != "" {
		t.Errorf("cheapest (-want +got):\n%s", diff)
	}
	meta := &zhaohuov1.ComboMeta{
		Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.New(time.Unix(1_800_000_000, 0)),
		// The image costs two calls, the words two, the details four.
		UpstreamCalls: 8, UpstreamCallBudget: 12, ImagesFetched: 4,
	}
	if diff := cmp.Diff(meta, got.Meta, protocmp.Transform()); diff != "" {
		t.Errorf("meta (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"measure_likeness of 13"}, stepsOf(got.PartialFailures)); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

func TestAnalyzeCompetitorsSaysWhyInChinese(t *testing.T) {
	w := fair()
	p := w.ports()
	p.AcceptLanguage = "zh-CN"
	got, err := AnalyzeCompetitors(t.Context(), p, &zhaohuov1.AnalyzeCompetitorsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if why, want := got.Words[0].Why, "3 个标题中有 3 个以“马克杯”为品名，3 个写有“陶瓷”（材质）。"; why != want {
		t.Errorf("%s, want %s", why, want)
	}
}

// TestMarketIsOfTheGoods asks for arm sleeves: what only shares a word with them is no part of their market, and their
// other names are.
func TestMarketIsOfTheGoods(t *testing.T) {
	w := &world{
		byPicture: map[string][]*zhaohuov1.Product{"own": {
			titled(offer("1", "A", 3), "夏季冰丝防晒袖套男女户外骑行冰袖批发"), titled(offer("2", "B", 4), "防晒冰丝袖套女冰袖户外开车厂家直销"),
			titled(offer("3", "C", 5), "跨境冰丝袖套防晒户外薄款冰袖一件代发"), titled(offer("4", "D", 900), "实木餐桌椅组合"),
		}},
		byWords: map[string][]*zhaohuov1.Product{
			"冰丝袖套 防晒": {titled(offer("5", "E", 6), "莱卡防晒冰袖"), titled(offer("6", "F", 1), "冰丝防晒口罩夏季"), titled(offer("7", "G", 1), "袖套收纳袋")},
			"冰丝袖套 户外": {titled(offer("8", "H", 7), "户外冰丝袖套大码")},
		},
		details: map[string]*zhaohuov1.ProductDetail{}, fails: map[string]error{},
	}
	w.show("sleeve", "own", "pic:1", "pic:2", "pic:3")
	w.show("table", "pic:4")
	got := compete(t, w, &zhaohuov1.AnalyzeCompetitorsRequest{})
	var searched []string
	for _, word := range got.Words {
		if word.Searched {
			searched = append(searched, word.Word)
		}
	}
	if diff := cmp.Diff([]string{"冰丝袖套 防晒", "冰丝袖套 户外"}, searched) + cmp.Diff([]string{"冰袖"}, got.Synonyms); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want := []*zhaohuov1.LeftOutCount{
		{Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_OTHER_NAME, Count: 2}, {Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_UNLIKE, Count: 1},
	}
	if diff := cmp.Diff(want, got.Market.LeftOut, protocmp.Transform()); diff != "" || got.Market.Products != 5 {
		t.Errorf("%d products (-want +got):\n%s", got.Market.Products, diff)
	}
}

// TestMarketIsNotOfWhatOnlyShowsTheGoods shows the caller's cup on offers of a lid, of a payment and of a cup, and what looks
// alike on another product.
func TestMarketIsNotOfWhatOnlyShowsTheGoods(t *testing.T) {
	w := &world{
		byPicture: map[string][]*zhaohuov1.Product{"own": {
			titled(offer("1", "A", 30), "304不锈钢保温杯大容量商务泡茶杯"), titled(offer("2", "B", 31), "保温杯男女学生便携真空商务批发"),
			titled(offer("3", "C", 1), "保温杯密封圈硅胶"), titled(offer("4", "D", 1), "保温杯补差价专拍"),
			titled(offer("5", "E", 2), "厨房置物架"), titled(offer("6", "F", 32), "随行杯 不锈钢"),
		}},
		byWords: map[string][]*zhaohuov1.Product{},
		details: map[string]*zhaohuov1.ProductDetail{}, fails: map[string]error{},
	}
	w.show("cup", "own", "pic:1", "pic:2", "pic:3", "pic:4", "pic:6")
	w.show("cup/from aside", "pic:5") // It only looks alike.
	got := compete(t, w, &zhaohuov1.AnalyzeCompetitorsRequest{})
	want := []*zhaohuov1.LeftOutCount{
		{Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_ACCESSORY, Count: 2}, {Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_ONLY_ALIKE, Count: 1},
	}
	if diff := cmp.Diff(want, got.Market.LeftOut, protocmp.Transform()); diff != "" || got.Market.Products != 3 {
		t.Errorf("%d products (-want +got):\n%s", got.Market.Products, diff)
	}
	if bands := got.Market.GetPriceBands(); len(bands) != 1 || bands[0].GetLow().GetUnits() != 30 {
		t.Errorf("price bands %v", bands)
	}
}

func TestAnalyzeCompetitorsKeepsItsBudget(t *testing.T) {
	for _, c := range []struct {
		budget   int32
		calls    int32
		failures []string
	}{
		{2, 2, []string{"measure_likeness of 13", "keyword_search of 马克杯 陶瓷", "keyword_search of 马克杯 带盖"}},
		{3, 3, []string{"measure_likeness of 13", "keyword_search of 马克杯 带盖", "get_product"}},
		{4, 4, []string{"measure_likeness of 13", "get_product"}},
		{5, 5, []string{"measure_likeness of 13"}},
		{6, 6, []string{"measure_likeness of 13"}},
		{60, 8, []string{"measure_likeness of 13"}},
	} {
		w := fair()
		got := compete(t, w, &zhaohuov1.AnalyzeCompetitorsRequest{MaxUpstreamCalls: &c.budget})
		if diff := cmp.Diff(c.failures, stepsOf(got.PartialFailures)); diff != "" || got.Meta.UpstreamCalls != c.calls || w.calls != int(c.calls) {
			t.Errorf("budget %d: reported %d, made %d, want %d (-want +got):\n%s", c.budget, got.Meta.UpstreamCalls, w.calls, c.calls, diff)
		}
	}
}

func TestAnalyzeCompetitorsGivesWhatItHas(t *testing.T) {
	down := fault.New(fault.UpstreamUnavailable, "down")
	for _, c := range []struct {
		name        string
		fails       string
		skip        bool
		competitors []string
		products    int32
		failures    []string
	}{
		{"a word", "马克杯 陶瓷", false, []string{"11", "12", "13"}, 5, []string{"measure_likeness of 13", "keyword_search of 马克杯 陶瓷"}},
		{"a detail", "detail 22", false, []string{"11", "12", "13"}, 7, []string{"measure_likeness of 13", "get_product of 22"}},
		{"the caller's image cannot be looked at", "look own", false, []string{"99", "13", "12", "11"}, 7, []string{"measure_likeness of caller", "measure_likeness of 13"}},
		{"no likeness is asked for", "", true, []string{"99", "13", "12", "11"}, 7, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := fair()
			w.fails[c.fails] = down
			got := compete(t, w, &zhaohuov1.AnalyzeCompetitorsRequest{SkipLikeness: c.skip})
			diff := cmp.Diff(c.competitors, alikeIDs(got.Competitors)) + cmp.Diff(c.failures, stepsOf(got.PartialFailures))
			if diff != "" || got.Market.Products != c.products {
				t.Errorf("%d products, want %d (-want +got):\n%s", got.Market.Products, c.products, diff)
			}
			for _, word := range got.Words {
				if want := word.Word != c.fails; word.Searched != want {
					t.Errorf("%s searched: %v", word.Word, word.Searched)
				}
			}
		})
	}
	w := fair()
	w.fails["own"] = down
	if _, err := AnalyzeCompetitors(t.Context(), w.ports(), &zhaohuov1.AnalyzeCompetitorsRequest{}); fault.KindOf(err) != fault.UpstreamUnavailable {
		t.Errorf("every step fails: %v", err)
	}
	if _, err := AnalyzeCompetitors(t.Context(), (&world{}).ports(), &zhaohuov1.AnalyzeCompetitorsRequest{}); fault.KindOf(err) != fault.InvalidField {
		t.Errorf("no image: %v", err)
	}
	w = fair()
	w.byPicture = nil
	got := compete(t, w, &zhaohuov1.AnalyzeCompetitorsRequest{})
	if diff := cmp.Diff(&zhaohuov1.CompetitorMarket{}, got.Market, protocmp.Transform()); diff != "" || w.calls != 2 {
		t.Errorf("nothing found, %d calls (-want +got):\n%s", w.calls, diff)
	}
}

func TestAnalyzeCompetitorsDependsOnNoTiming(t *testing.T) {
	want := compete(t, fair(), &zhaohuov1.AnalyzeCompetitorsRequest{})
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			w := fair()
			w.shuffle = rand.New(rand.NewPCG(seed, 2))
			if diff := cmp.Diff(want, compete(t, w, &zhaohuov1.AnalyzeCompetitorsRequest{}), protocmp.Transform()); diff != "" {
				t.Errorf("seed %d:\n%s", seed, diff)
			}
		})
	}
}
