package cli

import (
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// StreamFindSource answers with a group of four, ranked for 100 pieces, and one offer that is not confirmed.
func (s *comparisonServer) StreamFindSource(q *zhaohuov1.FindSourceRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamFindSourceResponse]) error {
	return stream.Send(&zhaohuov1.StreamFindSourceResponse{Event: &zhaohuov1.StreamFindSourceResponse_Answer{Answer: s.findSource(q)}})
}

func (s *comparisonServer) findSource(q *zhaohuov1.FindSourceRequest) *zhaohuov1.FindSourceResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = q
	meta, _ := made()
	mug := func(id string, minimum int64) *zhaohuov1.Product {
		return &zhaohuov1.Product{
			Id: id, Title: "mug " + id, MinimumOrder: &minimum, Supplier: &zhaohuov1.Supplier{Name: proto.String("Anhe")},
			PromotionPrice: yuan(8, 0),
		}
	}
	to := func(other string, value float64, kind zhaohuov1.EvidenceKind) *zhaohuov1.MeasuredLikeness {
		return &zhaohuov1.MeasuredLikeness{Value: value, ComparedWith: other, Kind: kind}
	}
	same, alike := zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO, zhaohuov1.EvidenceKind_EVIDENCE_KIND_LOOKS_ALIKE
	answer := &zhaohuov1.FindSourceResponse{
		Groups: []*zhaohuov1.SourceGroup{{
			MedianPrice: yuan(12, 300_000_000), OpenOffers: 1,
			Offers: []*zhaohuov1.SourceOffer{
				{
					Product: mug("11", 1), UnitPrice: yuan(8, 0), PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION, Likeness: to("caller", 0.93, same),
					BeforeNext: zhaohuov1.RankReason_RANK_REASON_LOWER_PRICE, Confirmations: []*zhaohuov1.MeasuredLikeness{to("caller", 0.93, same)},
				},
				{
					Product: mug("12", 2), UnitPrice: yuan(12, 300_000_000), PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY,
					Likeness: to("11", 0.9, same), BeforeNext: zhaohuov1.RankReason_RANK_REASON_PRICE_HOLDS, Factory: proto.Bool(true),
				},
				{
					Product: mug("13", 2), UnitPrice: yuan(9, 800_000_000), PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE,
					Likeness: to("caller", 0.71, alike), BeforeNext: zhaohuov1.RankReason_RANK_REASON_CAN_BE_BOUGHT,
				},
				{Product: mug("14", 10_000), UnitPrice: yuan(90, 0), PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_LIST, MinimumOrderExceeds: true},
			},
		}},
		Unconfirmed: []*zhaohuov1.SourceOffer{{Product: mug("15", 1), Likeness: to("11", 0.66, alike)}},
		Meta:        meta,
	}
	if q.GetFreight() == nil {
		return answer
	}
	group := answer.GetGroups()[0]
	group.MedianLandedTotal, group.LandedTotalsKnown = yuan(838, 0), 1
	group.Offers[0].BeforeNext = zhaohuov1.RankReason_RANK_REASON_LANDED_TOTAL_KNOWN
	group.Offers[0].Landed = &zhaohuov1.LandedCost{
		Quantity: 100, PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION, Goods: yuan(800, 0), Freight: &zhaohuov1.FreightQuote{Amount: yuan(38, 0)}, Total: yuan(838, 0),
	}
	for _, o := range group.GetOffers()[1:] {
		o.Landed = &zhaohuov1.LandedCost{UnknownReason: zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_FREIGHT_NOT_NAMED}
	}
	answer.Unconfirmed[0].Landed = &zhaohuov1.LandedCost{UnknownReason: zhaohuov1.LandedUnknownReason_LANDED_UNKNOWN_REASON_MAX_OFFERS}
	return answer
}

// The table of sources says in words what a piece costs, what the images prove, and why the first is first.
func TestSourceInWords(t *testing.T) {
	for lang, want := range map[string][]string{
		"en_US.UTF-8": {
			"goods 1: 4 confirmed offers, median ¥12.30",
			"first: 11, ¥8 each at 100 pieces (promotion, its end is not known); shipping is not known",
			"why first: one piece costs less than at the next one; 1 other offer may cost less",
			"ID TITLE PRICE OF MEDIAN MOQ SOLD REPURCHASE FACTORY SUPPLIER CONFIRMED BY EVIDENCE",
			"11 mug 11 ¥8 each at 100 pieces (promotion, its end is not known) - 1 - - - Anhe 1 same photo as yours (0.93)",
			"12 mug 12 ¥12.30 each at 100 pieces (exact) - 2 - - yes Anhe 0 same photo as 11 (0.90)",
			"13 mug 13 from ¥9.80 (lowest of a range; price at 100 pieces not known) - 2 - - - Anhe 0 looks like yours (0.71), not proof",
			"14 mug 14 from ¥90 (list price; price at 100 pieces not known) - 10000 - - - Anhe 0 -",
			"",
			"not confirmed: 1 offer",
			"ID TITLE PRICE OF MEDIAN MOQ SOLD REPURCHASE FACTORY SUPPLIER CONFIRMED BY EVIDENCE",
			"15 mug 15 - - 1 - - - Anhe 0 looks like 11 (0.66), not proof",
			"3 of 6 upstream calls, 2 images compared anew; source SANDBOX",
		},
		"zh_CN.UTF-8": {
			"商品 1：4 件已证实，中位价 ¥12.30",
			"首选：11，买 100 件时每件 ¥8（促销，截止时间未知）；运费未知",
			"排在首位：每件价格低于下一件；另有 1 件可能更便宜",
			"编号 标题 价格 占中位价 起订量 销量 复购率 工厂 供应商 证实数 图片依据",
			"11 mug 11 买 100 件时每件 ¥8（促销，截止时间未知） - 1 - - - Anhe 1 与您的图片是同一张（0.93）",
			"12 mug 12 买 100 件时每件 ¥12.30（准确） - 2 - - 是 Anhe 0 与 11 的图片是同一张（0.90）",
			"13 mug 13 ¥9.80 起（区间最低；买 100 件时的价格未知） - 2 - - - Anhe 0 与您的图片相像（0.71），不能证明同款",
			"14 mug 14 ¥90 起（标价；买 100 件时的价格未知） - 10000 - - - Anhe 0 -",
			"",
			"未证实：1 件商品",
			"编号 标题 价格 占中位价 起订量 销量 复购率 工厂 供应商 证实数 图片依据",
			"15 mug 15 - - 1 - - - Anhe 0 与 11 相像（0.66），不能证明同款",
			"3 / 6 次上游调用，新比较 2 张图片；来源 SANDBOX",
		},
	} {
		s := &comparisonServer{}
		got := run(t, []string{"LC_ALL=" + lang}, "source", "马克杯", "--quantity", "100", "--addr", s.serve(t))
		if diff := gocmp.Diff(want, lines(got.stdout)); diff != "" || got.code != 0 {
			t.Errorf("%s: code %d (-want +got):\n%s", lang, got.code, diff)
		}
		if diff := gocmp.Diff(&zhaohuov1.FindSourceRequest{Keyword: "马克杯", Quantity: 100}, s.asked, protocmp.Transform()); diff != "" {
			t.Errorf("%s asked (-want +got):\n%s", lang, diff)
		}
	}
}

// With freight, the table says what all pieces cost with it, or why that is not known.
func TestSourceWithFreight(t *testing.T) {
	for lang, want := range map[string][]string{
		"en_US.UTF-8": {
			"with freight: median ¥838 of 1 offer", "first: 11, ¥8 each at 100 pieces (promotion, its end is not known); ¥838 with freight for 100 pieces",
			"why first: what it costs with freight is known, and not of the next one", "FREIGHT WITH FREIGHT", "same photo as yours (0.93) ¥38 ¥838",
			"same photo as 11 (0.90) not known, which is not free: ask the seller -", "looks like 11 (0.66), not proof not asked: more by --freight-offers -",
		},
		"zh_CN.UTF-8": {
			"含运费总价：1 件商品的中位数 ¥838", "首选：11，买 100 件时每件 ¥8（促销，截止时间未知）；100 件含运费共 ¥838", "排在首位：含运费总价已知，而下一件未知",
			"运费 含运费总价", "未知，并不等于包邮：请咨询卖家 -", "未查询：可用 --freight-offers 增加 -",
		},
	} {
		s := &comparisonServer{}
		got := run(t, []string{"LC_ALL=" + lang}, "source", "马克杯", "--quantity=100", "--freight-to=330108", "--freight-offers=2", "--addr", s.serve(t))
		all := strings.Join(lines(got.stdout), "\n")
		for _, part := range want {
			if !strings.Contains(all, part) {
				t.Errorf("%s: no %q in:\n%s", lang, part, all)
			}
		}
		asked := &zhaohuov1.FindSourceRequest{Keyword: "马克杯", Quantity: 100, Freight: &zhaohuov1.FreightQuestion{
			MaxOffers: proto.Int32(2), Destination: &zhaohuov1.FreightDestination{ProvinceCode: "330000", CityCode: "330100", DistrictCode: "330108"},
		}}
		if diff := gocmp.Diff(asked, s.asked, protocmp.Transform()); diff != "" || got.code != 0 {
			t.Errorf("%s: code %d, asked (-want +got):\n%s", lang, got.code, diff)
		}
	}
}

// Every reason why a total is not known has words of its own.
func TestUnknownTotalsInWords(t *testing.T) {
	for _, words := range []phrases{english, chinese()} {
		s, seen := &session{words: words}, map[string]bool{}
		for n := range zhaohuov1.LandedUnknownReason_name {
			seen[s.landedUnknown(zhaohuov1.LandedUnknownReason(n))] = true
		}
		if len(seen) != len(zhaohuov1.LandedUnknownReason_name) {
			t.Errorf("%d texts for %d reasons", len(seen), len(zhaohuov1.LandedUnknownReason_name))
		}
		dear := &zhaohuov1.LandedCost{Total: yuan(9, 0), PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_LIST}
		if got := s.landedText(dear); got == moneyText(dear.GetTotal()) {
			t.Errorf("a total \"from\" is written as %q", got)
		}
	}
}

// A comparison says in Chinese too how sure the cheapest is.
func TestCompareInChinese(t *testing.T) {
	got := run(t, []string{"LC_ALL=zh_CN.UTF-8"}, "compare", "马克杯", "--quantity", "10", "--addr", (&comparisonServer{}).serve(t))
	for _, want := range []string{
		"可比的最低价：7，买 10 件时每件 ¥1.50（准确）\n  买 10 件时没有更便宜的\n", "¥99 起（标价；买 10 件时的价格未知）", "与您的图片是同一张（1.00）",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("no %q in:\n%s", want, got.stdout)
		}
	}
}

// Every basis and every reason has words of its own, with and without a quantity.
func TestPricesInWords(t *testing.T) {
	s := &session{words: english}
	price := func(p *zhaohuov1.Product, amount *moneypb.Money, basis zhaohuov1.PriceBasis, quantity int64) string {
		return s.buyersPrice(p, amount, basis, quantity)
	}
	mug := &zhaohuov1.Product{PriceText: proto.String("面议")}
	sale := &zhaohuov1.Product{PromotionEndTime: timestamppb.New(time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC))}
	for _, c := range []struct{ want, got string }{
		{"¥8 each at 2 pieces (promotion until 2026-11-30 16:00:00 UTC)", price(sale, yuan(8, 0), zhaohuov1.PriceBasis_PRICE_BASIS_PROMOTION, 2)},
		{"¥12.30 each at 1 piece (exact)", price(mug, yuan(12, 300_000_000), zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY, 1)},
		{"¥9 each (price of the smallest order)", price(mug, yuan(9, 0), zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS, 5)},
		{"from ¥9 (lowest price by quantity)", price(mug, yuan(9, 0), zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS, 0)},
		{"from ¥9 (lowest of a range)", price(mug, yuan(9, 0), zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE, 0)},
		{"¥9 (list price)", price(mug, yuan(9, 0), zhaohuov1.PriceBasis_PRICE_BASIS_LIST, 0)},
		{"¥9", price(mug, yuan(9, 0), zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED, 0)},
		{"面议", price(mug, nil, zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED, 5)},
		{"-", price(&zhaohuov1.Product{}, nil, zhaohuov1.PriceBasis_PRICE_BASIS_UNSPECIFIED, 5)},
		{"-", s.likenessWords(nil)},
		{"likeness to yours 0.85", s.likenessWords(&zhaohuov1.MeasuredLikeness{Value: 0.854, ComparedWith: "caller"})},
		{"likeness to 7 0.85", s.likenessWords(&zhaohuov1.MeasuredLikeness{Value: 0.854, ComparedWith: "7"})},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	seen := map[string]bool{}
	for n := range zhaohuov1.RankReason_name {
		seen[s.rankWords(zhaohuov1.RankReason(n), 5)] = true
	}
	for n := range zhaohuov1.InexactReason_name {
		seen[s.inexactWords(zhaohuov1.InexactReason(n), 5)] = true
	}
	if want := len(zhaohuov1.RankReason_name) + len(zhaohuov1.InexactReason_name); len(seen) != want {
		t.Errorf("%d texts for %d reasons", len(seen), want)
	}
}
