package cli

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// comparisonServer is a server that gives every comparison the same answer and records the question.
type comparisonServer struct {
	zhaohuov1.UnimplementedComboServiceServer
	mu    sync.Mutex
	asked proto.Message
	// steps are sent before the answer; wait, if it is not nil, is waited for between them.
	steps []*zhaohuov1.ComboStep
	wait  chan struct{}
}

func made() (*zhaohuov1.ComboMeta, []*zhaohuov1.PartialFailure) {
	return &zhaohuov1.ComboMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, UpstreamCalls: 3, UpstreamCallBudget: 6, ImagesFetched: 2, Notes: []*zhaohuov1.ComboNote{{Text: "Many images\x1b[31m look alike."}}},
		[]*zhaohuov1.PartialFailure{{Step: "get_product of 7", Status: &status.Status{Message: "too\x1b[31m fast"}}}
}

func (s *comparisonServer) StreamComparePrices(q *zhaohuov1.ComparePricesRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamComparePricesResponse]) error {
	for _, step := range s.steps {
		if err := stream.Send(&zhaohuov1.StreamComparePricesResponse{Event: &zhaohuov1.StreamComparePricesResponse_Step{Step: step}}); err != nil {
			return err
		}
	}
	if s.wait != nil {
		<-s.wait
	}
	return stream.Send(&zhaohuov1.StreamComparePricesResponse{Event: &zhaohuov1.StreamComparePricesResponse_Answer{Answer: s.comparePrices(q)}})
}

func (s *comparisonServer) comparePrices(q *zhaohuov1.ComparePricesRequest) *zhaohuov1.ComparePricesResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = q
	meta, failures := made()
	dear := &zhaohuov1.PricedOffer{
		PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_LIST,
		Product:    &zhaohuov1.Product{Id: "8", Title: "dear", MinimumOrder: proto.Int64(50)}, Price: yuan(99, 0),
		Likeness:     &zhaohuov1.MeasuredLikeness{Value: 0.5},
		Incomparable: []zhaohuov1.IncomparableReason{zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_UNLIKE, zhaohuov1.IncomparableReason_INCOMPARABLE_REASON_MINIMUM_ORDER},
	}
	cheap := &zhaohuov1.PricedOffer{
		Product: &zhaohuov1.Product{Id: "7", Title: "cheap"}, Price: yuan(1, 500_000_000), PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY, Likeness: &zhaohuov1.MeasuredLikeness{Value: 1, SameBytes: true},
		Tiers: []*zhaohuov1.QuantityPrice{{MinQuantity: 1, Price: yuan(2, 0)}, {MinQuantity: 10, Price: yuan(1, 500_000_000)}},
	}
	return &zhaohuov1.ComparePricesResponse{
		Same: &zhaohuov1.PriceComparison{Unpriced: []*zhaohuov1.UnpricedCount{{Reason: zhaohuov1.UnpricedReason_UNPRICED_REASON_NEGOTIABLE, Count: 2}}},
		Similar: &zhaohuov1.PriceComparison{
			Priced: 2, Offers: []*zhaohuov1.PricedOffer{cheap, dear}, Cheapest: cheap, CheapestExact: true, TypicalLow: yuan(1, 500_000_000), TypicalHigh: yuan(99, 0),
			Statistics: &zhaohuov1.PriceStatistics{
				Min: yuan(1, 500_000_000), Max: yuan(99, 0), Mean: yuan(50, 250_000_000), Median: yuan(50, 250_000_000),
				P5: yuan(6, 0), Q1: yuan(25, 0), Q3: yuan(74, 0), P95: yuan(94, 0),
			},
			Histogram: []*zhaohuov1.PriceBucket{{Low: yuan(0, 0), High: yuan(50, 0), Count: 1}, {Low: yuan(50, 0), High: yuan(100, 0), Count: 1}},
		},
		PartialFailures: failures, Meta: meta,
		Trends: []*zhaohuov1.RecordedTrends{
			{ProductId: "7", UnitsSold: proto.Int64(0), FirstMedianPrice: yuan(2, 0), LastMedianPrice: yuan(1, 500_000_000), Trends: []*zhaohuov1.ProductTrend{
				{Points: []*zhaohuov1.ProductTrendPoint{{UnitsSold: proto.Int64(0)}, {}}}, {Points: []*zhaohuov1.ProductTrendPoint{{MedianPrice: yuan(2, 0)}, {MedianPrice: yuan(1, 500_000_000)}}},
			}},
			{ProductId: "8", RepurchaseRate: proto.Float64(0.25)},
		},
	}
}

func (s *comparisonServer) StreamAnalyzeCompetitors(q *zhaohuov1.AnalyzeCompetitorsRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamAnalyzeCompetitorsResponse]) error {
	return stream.Send(&zhaohuov1.StreamAnalyzeCompetitorsResponse{Event: &zhaohuov1.StreamAnalyzeCompetitorsResponse_Answer{Answer: s.analyzeCompetitors(q)}})
}

func (s *comparisonServer) analyzeCompetitors(q *zhaohuov1.AnalyzeCompetitorsRequest) *zhaohuov1.AnalyzeCompetitorsResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = q
	meta, failures := made()
	cup := &zhaohuov1.Product{Id: "7", Title: "cup", Price: yuan(3, 0)}
	return &zhaohuov1.AnalyzeCompetitorsResponse{
		Competitors: []*zhaohuov1.AlikeProduct{{Product: cup, Likeness: &zhaohuov1.MeasuredLikeness{Value: 0.9}}},
		Words: []*zhaohuov1.DistinctiveWord{
			{Word: "马克杯 陶瓷", Titles: 3, Searched: true, Share: 0.75, Why: "4 of 4 titles name the goods 马克杯; 陶瓷 is in 3 (the material)."},
			{Word: "马克杯 带盖", Titles: 1, Share: 0.25},
		},
		Synonyms: []string{"水杯", "茶杯"},
		Market: &zhaohuov1.CompetitorMarket{
			LeftOut: []*zhaohuov1.LeftOutCount{
				{Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_OTHER_NAME, Count: 4},
				{Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_UNLIKE, Count: 1},
				{Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_ACCESSORY, Count: 3},
				{Reason: zhaohuov1.LeftOutReason_LEFT_OUT_REASON_ONLY_ALIKE, Count: 2},
			},
			Products: 5, Unpriced: 1, UnknownSales: 2, TopTenthSalesShare: proto.Float64(0.266), UnknownSuppliers: 3, UnknownLocations: 5,
			Suppliers:  []*zhaohuov1.MarketShare{{Name: "Anhe", Products: 2, Share: 1}},
			PriceBands: []*zhaohuov1.PriceBand{{Low: yuan(3, 0), High: yuan(4, 0), Products: 3, GapAbove: yuan(5, 0)}, {Low: yuan(9, 0), High: yuan(9, 0), Products: 1}},
			Cheapest:   []*zhaohuov1.CheapestAtQuantity{{Quantity: 10, Product: cup, Price: yuan(3, 0)}},
		},
		PartialFailures: failures, Meta: meta,
	}
}

func (s *comparisonServer) serve(t *testing.T) string {
	t.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	zhaohuov1.RegisterComboServiceServer(server, s)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(port) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return port.Addr().String()
}

// lines are the lines of a text without trailing white space.
func lines(text string) []string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	for i := range all {
		all[i] = strings.Join(strings.Fields(all[i]), " ")
	}
	return all
}

const withoutOne = "zhaohuo: SANDBOX: these goods are made up; they are not on 1688\nzhaohuo: without get_product of 7: too[31m fast\nzhaohuo: Many images[31m look alike.\n"

func TestCompare(t *testing.T) {
	s := &comparisonServer{}
	got := run(t, nil, "compare", "马克杯", "陶瓷", "--image-id", "img_x", "--quantity", "10", "--details", "2", "--max-price", "99",
		"--max-calls", "7", "--skip-likeness", "--sort", "price", "--filter", "ships-in-24h", "--facet", "5:1", "--language", "en",
		"--trends", "price,sales", "--trend-products", "2", "--addr", s.serve(t))
	want := []string{
		"the same goods, by image: 0 priced, 2 negotiable",
		"",
		"similar goods, by words: 2 priced",
		"median ¥50.25, mean ¥50.25, from ¥1.50 to ¥99; typical ¥1.50 to ¥99",
		"5 % below ¥6, quartiles ¥25 and ¥74, 5 % above ¥94",
		"cheapest comparable: 7, ¥1.50 each at 10 pieces (exact)",
		"no other offer can cost less at 10 pieces",
		"FROM TO GOODS",
		"¥0 ¥50 1 ####################",
		"¥50 ¥100 1 ####################",
		"ID TITLE PRICE BY QUANTITY MOQ EVIDENCE SUPPLIER NOT COMPARABLE",
		"7 cheap ¥1.50 each at 10 pieces (exact) 1: ¥2, 10: ¥1.50 - same photo as yours (1.00) -",
		"8 dear from ¥99 (list price; price at 10 pieces not known) 50 likeness to yours 0.50 - unlike, minimum-order",
		"",
		"recorded by 1688 itself, as the median of 30 days; no buyer was offered these prices",
		"ID SOLD FIRST MEDIAN LAST MEDIAN REPURCHASE DAYS",
		"7 0 ¥2 ¥1.50 - 2",
		"8 - - - 25.0 % 0",
		"",
		"3 of 6 upstream calls, 2 images compared anew; source SANDBOX",
	}
	if diff := gocmp.Diff(want, lines(got.stdout)); diff != "" || got.code != 0 || got.stderr != withoutOne {
		t.Errorf("code %d, stderr %q (-want +got):\n%s", got.code, got.stderr, diff)
	}
	question := &zhaohuov1.ComparePricesRequest{
		Keyword: "马克杯 陶瓷", Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: "img_x"}}, Quantity: 10, DetailOffers: 2, PriceMax: "99",
		MaxUpstreamCalls: proto.Int32(7), SkipLikeness: true, Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC,
		Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_SHIPS_IN_24H}, FacetIds: []string{"5:1"}, LanguageCode: "en",
		Trends:        []zhaohuov1.ProductTrendKind{zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE, zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES},
		TrendProducts: proto.Int32(2),
	}
	if diff := gocmp.Diff(question, s.asked, protocmp.Transform()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestCompetitors(t *testing.T) {
	s := &comparisonServer{}
	photo := filepath.Join(t.TempDir(), "cup.jpg")
	if err := os.WriteFile(photo, []byte("a photo"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, nil, "competitors", "--image", photo, "--keywords", "3", "--addr", s.serve(t))
	want := []string{
		"competitors: 1",
		"ID TITLE PRICE MOQ SOLD REPURCHASE SUPPLIER BADGES LIKENESS",
		"7 cup ¥3 - - - - - 90 %",
		"",
		"searched words",
		"WORDS TITLES SHARE SEARCHED WHY",
		"马克杯 陶瓷 3 75.0 % yes 4 of 4 titles name the goods 马克杯; 陶瓷 is in 3 (the material).",
		"also called: 水杯, 茶杯",
		"",
		"market: 5 goods, 1 without a price, sales of 2 unknown; the best-selling tenth has 26.6 % of sales",
		"left out: 4 with another name, 1 with another name that look different, 3 parts or accessories, 2 with another name that only look alike",
		"",
		"suppliers (unknown for 3 goods)",
		"SUPPLIER GOODS SHARE",
		"Anhe 2 100.0 %",
		"",
		"locations (unknown for 5 goods)",
		"",
		"price bands",
		"FROM TO GOODS GAP ABOVE",
		"¥3 ¥4 3 ¥5",
		"¥9 ¥9 1",
		"",
		"cheapest by quantity",
		"FROM PRICE ID TITLE SUPPLIER",
		"10 ¥3 7 cup -",
		"3 of 6 upstream calls, 2 images compared anew; source SANDBOX",
	}
	if diff := gocmp.Diff(want, lines(got.stdout)); diff != "" || got.code != 0 || got.stderr != withoutOne {
		t.Errorf("code %d, stderr %q (-want +got):\n%s", got.code, got.stderr, diff)
	}
	question := &zhaohuov1.AnalyzeCompetitorsRequest{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: []byte("a photo")}}, Keywords: proto.Int32(3)}
	if diff := gocmp.Diff(question, s.asked, protocmp.Transform()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestCombosNeedSomething(t *testing.T) {
	for _, args := range [][]string{{"compare"}, {"competitors"}, {"competitors", "--image-id", "a", "--image-url", "https://b.test/c.jpg"}} {
		if got := run(t, nil, args...); got.code != 2 || !strings.Contains(got.stderr, "image") || got.stdout != "" {
			t.Errorf("%v: code %d, %q", args, got.code, got.stderr)
		}
	}
}
