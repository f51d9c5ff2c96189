package cli

import (
	"context"
	"encoding/csv"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// productServer is a server that gives every product request the same answer and records the question.
type productServer struct {
	zhaohuov1.UnimplementedProductServiceServer
	zhaohuov1.UnimplementedCategoryServiceServer
	answer proto.Message
	err    error

	mu    sync.Mutex
	asked proto.Message
}

func answering[A proto.Message](s *productServer, q proto.Message) (A, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = q
	answer, _ := s.answer.(A)
	return answer, s.err
}

func (s *productServer) GetProduct(_ context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	return answering[*zhaohuov1.GetProductResponse](s, q)
}

func (s *productServer) BatchGetProducts(_ context.Context, q *zhaohuov1.BatchGetProductsRequest) (*zhaohuov1.BatchGetProductsResponse, error) {
	return answering[*zhaohuov1.BatchGetProductsResponse](s, q)
}

func (s *productServer) ListSellerProducts(_ context.Context, q *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error) {
	return answering[*zhaohuov1.ListSellerProductsResponse](s, q)
}

func (s *productServer) ListSearchFacets(_ context.Context, q *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsResponse, error) {
	return answering[*zhaohuov1.ListSearchFacetsResponse](s, q)
}

func (s *productServer) ListTopKeywords(_ context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error) {
	return answering[*zhaohuov1.ListTopKeywordsResponse](s, q)
}

func (s *productServer) ListRelatedProducts(_ context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	return answering[*zhaohuov1.ListRelatedProductsResponse](s, q)
}

func (s *productServer) FindCategories(_ context.Context, q *zhaohuov1.FindCategoriesRequest) (*zhaohuov1.FindCategoriesResponse, error) {
	return answering[*zhaohuov1.FindCategoriesResponse](s, q)
}

func (s *productServer) GetCategory(_ context.Context, q *zhaohuov1.GetCategoryRequest) (*zhaohuov1.GetCategoryResponse, error) {
	return answering[*zhaohuov1.GetCategoryResponse](s, q)
}

func (s *productServer) EstimateFreight(_ context.Context, q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error) {
	return answering[*zhaohuov1.EstimateFreightResponse](s, q)
}

func (s *productServer) serve(t *testing.T) string {
	t.Helper()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	zhaohuov1.RegisterProductServiceServer(server, s)
	zhaohuov1.RegisterCategoryServiceServer(server, s)
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

var fromSandbox = &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, UpstreamCalls: 1}

// fullProduct has all fields; bareProduct has only an id.
func fullProduct() *zhaohuov1.ProductDetail {
	goods := goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX).GetProducts()[0]
	return &zhaohuov1.ProductDetail{
		Summary: goods, Status: zhaohuov1.ProductStatus_PRODUCT_STATUS_OFF_SALE, StatusText: "member \x1bexpired",
		PriceTiers: []*zhaohuov1.PriceTier{{MinQuantity: 2, Price: yuan(3, 200_000_000), PromotionPrice: yuan(3, 0)}, {MinQuantity: 100}},
		Skus: []*zhaohuov1.ProductSku{
			{
				Id: "71", Attributes: []*zhaohuov1.ProductAttribute{{Id: "1", Name: "颜色", Value: "红", NameTranslated: proto.String("colour"), ValueTranslated: proto.String("red")}, {Id: "2", Name: "尺码", Value: "L"}},
				Price: yuan(3, 0), PromotionPrice: yuan(2, 0), DropshippingPrice: yuan(4, 0), Stock: proto.Int64(0), WeightGrams: proto.Int64(250),
				Size: &zhaohuov1.ProductDimensions{LengthMm: proto.Int64(125), HeightMm: proto.Int64(3)},
			},
			{},
		},
		Attributes: []*zhaohuov1.ProductAttribute{
			{Id: "3", Name: "材质", Value: "塑料"}, {Id: "3", Name: "材质", Value: "=金属"}, {Id: "4", Name: "风格", Value: "简约", NameTranslated: proto.String("style")},
		},
		ImageUrls: []string{"https://img/1.jpg", "https://img/2.jpg"}, VideoUrl: proto.String("https://v/1.mp4"), DescriptionHtml: proto.String("<p>"),
		Unit: proto.String("盒"), WeightGrams: proto.Int64(251), Size: &zhaohuov1.ProductDimensions{LengthMm: proto.Int64(1), WidthMm: proto.Int64(2), HeightMm: proto.Int64(3)},
		ShipsFrom: proto.String("浙江省 义乌市"), Stock: proto.Int64(9), BatchSize: proto.Int64(6), CategoryName: proto.String("蓝牙耳机"),
	}
}

func bareProduct() *zhaohuov1.ProductDetail {
	return &zhaohuov1.ProductDetail{Summary: &zhaohuov1.Product{Id: "7"}}
}

const fullSheet = "" +
	"product        620201390233\n" +
	"title          蓝牙耳机\n" +
	"translated     Bluetooth earphones\n" +
	"status         off sale: member expired\n" +
	"price          ¥1.50-3.20\n" +
	"promotion      ¥1\n" +
	"dropshipping   ¥4\n" +
	"minimum order  2 盒\n" +
	"multiples of   6 盒\n" +
	"stock          9 盒\n" +
	"sold           800+\n" +
	"weight         251 g\n" +
	"size           1 x 2 x 3 mm\n" +
	"ships from     浙江省 义乌市\n" +
	"seller         深圳某某电子厂\n" +
	"seller id      s1\n" +
	"category       蓝牙耳机 7 > 70\n" +
	"badges         dropshipping, ships-in-24h\n" +
	"repurchase     23.5%\n" +
	"seller is      super-factory\n" +
	"page           https://detail/1\n" +
	"images         https://img/1.jpg https://img/2.jpg\n" +
	"video          https://v/1.mp4\n" +
	"\n" +
	"FROM  PRICE  PROMOTION\n" +
	"   2  ¥3.20         ¥3\n" +
	" 100      -          -\n" +
	"\n" +
	"VARIANT  PROPERTIES            PRICE  PROMOTION  DROPSHIPPING  STOCK  WEIGHT            SIZE\n" +
	"71       colour: red, 尺码: L     ¥3         ¥2            ¥4      0   250 g  125 x - x 3 mm\n" +
	"-        -                         -          -             -      -       -               -\n" +
	"\n" +
	"PROPERTY  VALUE\n" +
	"材质      塑料, =金属\n" +
	"style     简约\n"

const bareSheet = "" +
	"product        7\ntitle          -\nstatus         -\nprice          -\npromotion      -\ndropshipping   -\nminimum order  -\n" +
	"multiples of   -\nstock          -\nsold           -\nweight         -\nsize           -\nships from     -\nseller         -\n" +
	"seller id      -\ncategory       -\nbadges         -\npage           -\nimages         -\nvideo          -\n"

func TestProductTable(t *testing.T) {
	s := &productServer{answer: &zhaohuov1.GetProductResponse{Product: fullProduct(), Meta: fromSandbox}}
	got := run(t, nil, "product", "620201390233", "--language=en", "--addr", s.serve(t))
	if diff := gocmp.Diff(outcome{0, fullSheet, sandboxNote}, got, gocmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(&zhaohuov1.GetProductRequest{Id: "620201390233", LanguageCode: "en"}, s.asked, protocmp.Transform()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestProductCSV(t *testing.T) {
	s := &productServer{answer: &zhaohuov1.BatchGetProductsResponse{Meta: fromSandbox, Results: []*zhaohuov1.ProductResult{
		{Id: "620201390233", Outcome: &zhaohuov1.ProductResult_Product{Product: fullProduct()}},
		{Id: "7", Outcome: &zhaohuov1.ProductResult_Product{Product: bareProduct()}},
	}}}
	got := run(t, nil, "product", "620201390233", "7", "-ocsv", "--addr", s.serve(t))
	if got.code != 0 || got.stderr != sandboxNote {
		t.Fatalf("%+v", got)
	}
	rows, err := csv.NewReader(strings.NewReader(got.stdout)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v: %q", err, got.stdout)
	}
	cells := func(row []string) map[string]string {
		cells := map[string]string{}
		for i, name := range rows[0] {
			if row[i] != "" {
				cells[name] = row[i]
			}
		}
		return cells
	}
	want := map[string]string{
		"id": "620201390233", "title": "蓝牙耳机", "title_translated": "Bluetooth earphones", "currency": "CNY", "price": "1.50", "price_max": "3.20",
		"promotion_price": "1", "dropshipping_price": "4", "minimum_order": "2", "sold_count": "800", "sold_at_least": "true", "sold_days": "30",
		"repurchase_rate": "0.235", "supplier_id": "s1", "supplier_name": "深圳某某电子厂", "supplier_location": "广东 深圳", "supplier_kinds": "super-factory",
		"badges": "dropshipping;ships-in-24h", "category_ids": "7;70", "image_url": "https://img/1.jpg", "detail_url": "https://detail/1",
		"status": "off-sale", "status_text": "member \x1bexpired", "unit": "盒", "batch_size": "6", "stock": "9", "weight_grams": "251",
		"length_mm": "1", "width_mm": "2", "height_mm": "3", "ships_from": "浙江省 义乌市", "category_name": "蓝牙耳机", "price_tiers": "2:3.20;100:",
		"variants": "2", "properties": "材质: 塑料;材质: =金属;style: 简约", "image_urls": "https://img/1.jpg;https://img/2.jpg", "video_url": "https://v/1.mp4", "source": "SANDBOX",
	}
	if diff := gocmp.Diff(want, cells(rows[1])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(map[string]string{"id": "7", "sold_at_least": "false", "variants": "0", "source": "SANDBOX"}, cells(rows[2])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What 1688 says of few products is shown for those.
func TestProductTableOfFurtherFacts(t *testing.T) {
	p := &zhaohuov1.ProductDetail{
		Summary: &zhaohuov1.Product{
			Id: "7", PromotionPrice: yuan(2, 0), PromotionEndTime: timestamppb.New(time.Date(2027, 1, 1, 0, 0, 0, 0, time.Local)),
			OtherPrices: []*zhaohuov1.KindPrice{
				{Price: yuan(1, 0), KindText: proto.String("newcomer")},
				{Kind: zhaohuov1.PriceKind_PRICE_KIND_PLUS, Price: yuan(1, 600_000_000)},
				{Kind: zhaohuov1.PriceKind_PRICE_KIND_DROPSHIPPING_FREE_SHIPPING, Price: yuan(4, 0)},
				{Kind: zhaohuov1.PriceKind_PRICE_KIND_RETAIL, Price: yuan(9, 900_000_000)},
			},
			WeeklySoldCount: proto.Int64(80), WeeklySoldAtLeast: true, RepurchaseRate: proto.Float64(0.1),
			ServiceRates: &zhaohuov1.ServiceRates{WeeklyPickup24HRate: proto.Float64(0.97), WeeklyDelayedShippingRate: proto.Float64(0), PositiveRatingRate: proto.Float64(0.985)},
			InvoiceTerms: &zhaohuov1.InvoiceTerms{Types: []string{"普票", "专票"}},
			CreateTime:   timestamppb.New(time.Date(2024, 4, 20, 8, 0, 0, 0, time.Local)),
			Supplier: &zhaohuov1.Supplier{
				Kinds:          []zhaohuov1.SupplierKind{zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY, zhaohuov1.SupplierKind_SUPPLIER_KIND_CERTIFIED_FACTORY},
				Scores:         &zhaohuov1.SupplierScores{Overall: proto.Float64(4.7), Consultation: proto.Float64(5)},
				TrustPassYears: proto.Int32(12), ServiceRates: &zhaohuov1.ServiceRates{MonthlyPickup48HRate: proto.Float64(0.9812)},
			},
		},
		MixedOrder:   &zhaohuov1.MixedOrderRule{Accepted: proto.Bool(true), MinimumAmount: yuan(100, 0), MinimumQuantity: proto.Int64(10)},
		Certificates: []*zhaohuov1.ProductCertificate{{Name: "质检报告", Code: proto.String("Q1")}},
		CargoNumber:  proto.String("K-7"), SellingPoints: []string{"防潮", "独立包装"},
	}
	s := &productServer{answer: &zhaohuov1.GetProductResponse{Product: p, Meta: fromSandbox}}
	addr := s.serve(t)
	for language, want := range map[string][]string{
		"en_US.UTF-8": {
			"promotion ends 2027-01-01 00:00:00", "other prices   ¥1 newcomer, ¥1.60 members of PLUS, ¥4 dropshipping with shipping included, ¥9.90 suggested for retail",
			"sold in 7 days 80+", "repurchase     10.0%", "service        picked up in 24 h 97.0%, shipped late 0.0%, good ratings 98.5%",
			"seller is      super-factory, certified-factory", "seller scores  overall 4.7, answers 5.0", "seller service picked up in 48 h 98.1%",
			"trust pass     12 years", "mixed orders   from ¥100 or 10 pieces", "invoices       普票, 专票", "certificates   质检报告 Q1", "cargo number   K-7",
			"selling points 防潮, 独立包装", "listed         2024-04-20 08:00:00",
		},
		"zh_CN.UTF-8": {"其他价格       ¥1 newcomer, ¥1.60 PLUS 会员价, ¥4 代发包邮价, ¥9.90 建议零售价", "混批           满 ¥100 或 10 件", "诚信通         12 年"},
	} {
		got := run(t, []string{"LANG=" + language}, "product", "7", "--addr", addr)
		for _, line := range want {
			if !strings.Contains(got.stdout, "\n"+line+"\n") {
				t.Errorf("%s: %q is missing in\n%s", language, line, got.stdout)
			}
		}
		if strings.Contains(got.stdout, "changed ") {
			t.Errorf("%s: a time that is not known is shown:\n%s", language, got.stdout)
		}
	}
}

// Of several products the available ones are written, and each failure is listed with its id.
func TestSeveralProducts(t *testing.T) {
	failed := func(err error) *zhaohuov1.ProductResult_Error {
		return &zhaohuov1.ProductResult_Error{Error: status.Convert(err).Proto()}
	}
	answer := &zhaohuov1.BatchGetProductsResponse{Meta: fromSandbox, Results: []*zhaohuov1.ProductResult{
		{Id: "x\x1b", Outcome: failed(failure(codes.InvalidArgument, "id: must be digits", &errdetails.ErrorInfo{Reason: "INVALID_FIELD", Domain: "zhaohuo.dev"},
			&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "id", Description: "must be digits"}}}))},
		{Id: "7", Outcome: &zhaohuov1.ProductResult_Product{Product: bareProduct()}},
		{Id: "8", Outcome: failed(failure(codes.NotFound, "gone", &errdetails.ErrorInfo{Reason: "PRODUCT_NOT_FOUND", Domain: "zhaohuo.dev"}))},
		{Id: "7", Outcome: &zhaohuov1.ProductResult_Product{Product: bareProduct()}},
	}}
	s := &productServer{answer: answer}
	addr := s.serve(t)
	stderr := sandboxNote + "zhaohuo: product x:\nerror: INVALID_ARGUMENT INVALID_FIELD: id: must be digits\n  id: must be digits\n" +
		"zhaohuo: product 8:\nerror: NOT_FOUND PRODUCT_NOT_FOUND: gone\n"
	want := outcome{exitRefused, bareSheet + "\n" + bareSheet, stderr}
	if diff := gocmp.Diff(want, run(t, nil, "product", "x\x1b", "7", "8", "7", "--addr", addr), gocmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(&zhaohuov1.BatchGetProductsRequest{Ids: []string{"x\x1b", "7", "8", "7"}}, s.asked, protocmp.Transform()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	got := run(t, nil, "product", "x", "7", "-ojson", "--raw", "--addr", addr)
	var back zhaohuov1.BatchGetProductsResponse
	if err := protojson.Unmarshal([]byte(got.stdout), &back); err != nil || got.code != exitRefused || got.stderr != stderr {
		t.Fatalf("%v %+v", err, got)
	}
	if diff := gocmp.Diff(answer, &back, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
