package cli

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

func yuan(units int64, nanos int32) *moneypb.Money {
	return &moneypb.Money{CurrencyCode: "CNY", Units: units, Nanos: nanos}
}

// goods are a product with all fields, one with hardly any, and one with malicious text.
func goods(source zhaohuov1.AnswerSource) *zhaohuov1.KeywordSearchResponse {
	return &zhaohuov1.KeywordSearchResponse{
		Products: []*zhaohuov1.Product{
			{
				Id: "620201390233", Title: "蓝牙耳机", TitleTranslated: proto.String("Bluetooth earphones"),
				Price: yuan(1, 500_000_000), PriceMax: yuan(3, 200_000_000), PromotionPrice: yuan(1, 0), DropshippingPrice: yuan(4, 0),
				Supplier: &zhaohuov1.Supplier{
					Id: proto.String("s1"), Name: proto.String("深圳某某电子厂"), Location: proto.String("广东 深圳"),
					Kinds: []zhaohuov1.SupplierKind{zhaohuov1.SupplierKind_SUPPLIER_KIND_SUPER_FACTORY},
				},
				MinimumOrder: proto.Int64(2), SoldCount: proto.Int64(800), SoldAtLeast: true, SoldDays: proto.Int32(30),
				RepurchaseRate: proto.Float64(0.235), CategoryIds: []string{"7", "70"},
				Badges:   []zhaohuov1.ProductBadge{zhaohuov1.ProductBadge_PRODUCT_BADGE_DROPSHIPPING, zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_24H},
				ImageUrl: proto.String("https://img/1.jpg"), DetailUrl: proto.String("https://detail/1"),
			},
			{Id: "2", PriceText: proto.String("面议"), SoldCount: proto.Int64(0)},
			{
				Id: "3", Title: "=cmd|'/c calc'!A1\x1b[31m red\u202e", Price: &moneypb.Money{CurrencyCode: "USD", Units: 12},
				Supplier: &zhaohuov1.Supplier{Kinds: []zhaohuov1.SupplierKind{
					zhaohuov1.SupplierKind_SUPPLIER_KIND_POWERFUL_MERCHANT, zhaohuov1.SupplierKind_SUPPLIER_KIND_TRUST_PASS_MEMBER,
				}},
			},
			{Id: "4", Title: strings.Repeat("超长的商品标题", 6)},
		},
		Total: proto.Int64(2000), Page: 2, EffectivePageSize: 4, NextPage: 3, Truncated: true,
		Meta: &zhaohuov1.AnswerMeta{Source: source, UpstreamCalls: 1, FetchTime: timestamppb.New(time.Unix(1_700_000_000, 0))},
	}
}

const sandboxNote = "zhaohuo: SANDBOX: these goods are made up; they are not on 1688\n"

func TestTable(t *testing.T) {
	addr := (&searchServer{answer: goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX)}).serve(t)
	want := "" +
		"ID            TITLE                                                 PRICE  MOQ  SOLD  REPURCHASE  SUPPLIER        BADGES\n" +
		"620201390233  Bluetooth earphones                              ¥1.50-3.20    2  800+       23.5%  深圳某某电子厂  dropshipping, ships-in-24h\n" +
		"2             -                                                      面议    -     0           -  -               -\n" +
		"3             =cmd|'/c calc'!A1[31m red                            USD 12    -     -           -  -               -\n" +
		"4             超长的商品标题超长的商品标题超长的商品标题超长…           -    -     -           -  -               -\n" +
		"page 2: 4 goods of at least 2000, more than can be paged to; more with --page 3; source SANDBOX: these goods are made up\n"
	if diff := gocmp.Diff(outcome{0, want, sandboxNote}, run(t, nil, "search", "x", "--addr", addr), gocmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEmptyTableIsNotAFailure(t *testing.T) {
	addr := (&searchServer{answer: &zhaohuov1.KeywordSearchResponse{
		Page: 1, Total: proto.Int64(0), Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE},
	}}).serve(t)
	want := outcome{0, "page 1: 0 goods of 0; source LIVE\n", ""}
	if got := run(t, nil, "search", "x", "--addr", addr); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestCSV(t *testing.T) {
	addr := (&searchServer{answer: goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX)}).serve(t)
	want := "" +
		"id,title,title_translated,currency,price,price_max,price_text,promotion_price,dropshipping_price,minimum_order,sold_count,sold_at_least,sold_days,repurchase_rate,supplier_id,supplier_name,supplier_location,supplier_kinds,badges,similarity,category_ids,image_url,detail_url,source\n" +
		"620201390233,蓝牙耳机,Bluetooth earphones,CNY,1.50,3.20,,1,4,2,800,true,30,0.235,s1,深圳某某电子厂,广东 深圳,super-factory,dropshipping;ships-in-24h,,7;70,https://img/1.jpg,https://detail/1,SANDBOX\n" +
		"2,,,,,,面议,,,,0,false,,,,,,,,,,,,SANDBOX\n" +
		"3,'=cmd|'/c calc'!A1\x1b[31m red\u202e,,USD,12,,,,,,,false,,,,,,powerful-merchant;trust-pass-member,,,,,,SANDBOX\n" +
		"4," + strings.Repeat("超长的商品标题", 6) + ",,,,,,,,,,false,,,,,,,,,,,,SANDBOX\n"
	if diff := gocmp.Diff(outcome{0, want, sandboxNote}, run(t, nil, "search", "x", "-o", "csv", "--addr", addr), gocmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONIsTheAnswer(t *testing.T) {
	answer := goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)
	addr := (&searchServer{answer: answer}).serve(t)
	got := run(t, nil, "search", "x", "-o", "json", "--addr", addr)
	if got.code != 0 || got.stderr != "" {
		t.Fatalf("%+v", got)
	}
	var back zhaohuov1.KeywordSearchResponse
	if err := protojson.Unmarshal([]byte(got.stdout), &back); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(answer, &back, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(got.stdout, "{\n  \"products\": [\n    {\n      \"id\": \"620201390233\",\n") {
		t.Errorf("not indented:\n%s", got.stdout)
	}
}

func TestQuestion(t *testing.T) {
	s := &searchServer{answer: goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)}
	addr := s.serve(t)
	for name, test := range map[string]struct {
		args []string
		want *zhaohuov1.KeywordSearchRequest
	}{
		"words alone": {[]string{"蓝牙", "耳机"}, &zhaohuov1.KeywordSearchRequest{Keyword: "蓝牙 耳机"}},
		"all": {
			[]string{
				"x", "--min-price=1", "--max-price=99.90", "--sort=price", "--category=70", "--filter=Ships-In-24h,certified-factory",
				"--filter=new-7-days", "--page=2", "--page-size=5", "--language=en", "--raw", "-ojson",
			},
			&zhaohuov1.KeywordSearchRequest{
				Keyword: "x", PriceMin: "1", PriceMax: "99.90", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC, CategoryId: "70", Page: proto.Int32(2),
				PageSize: proto.Int32(5), LanguageCode: "en", IncludeRaw: true, Filters: []zhaohuov1.ProductFilter{
					zhaohuov1.ProductFilter_PRODUCT_FILTER_SHIPS_IN_24H, zhaohuov1.ProductFilter_PRODUCT_FILTER_CERTIFIED_FACTORY, zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS,
				},
			},
		},
		"price-desc": {[]string{"x", "--sort=price-desc"}, &zhaohuov1.KeywordSearchRequest{Keyword: "x", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_DESC}},
		"sales":      {[]string{"x", "--sort=sales"}, &zhaohuov1.KeywordSearchRequest{Keyword: "x", Sort: zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC}},
		"repurchase": {[]string{"x", "--sort=repurchase"}, &zhaohuov1.KeywordSearchRequest{Keyword: "x", Sort: zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC}},
		"a region":   {[]string{"x", "--lang=zh-CN"}, &zhaohuov1.KeywordSearchRequest{Keyword: "x", LanguageCode: "zh-CN"}},
		"page 0":     {[]string{"x", "--page=0"}, &zhaohuov1.KeywordSearchRequest{Keyword: "x", Page: proto.Int32(0)}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := run(t, nil, append([]string{"search", "--addr", addr}, test.args...)...); got.code != 0 {
				t.Fatalf("%+v", got)
			}
			if diff := gocmp.Diff(test.want, s.asked, protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func failure(code codes.Code, message string, details ...protoadapt.MessageV1) error {
	st, err := status.New(code, message).WithDetails(details...)
	if err != nil {
		return err
	}
	return st.Err()
}

func TestFailures(t *testing.T) {
	info := func(reason string) *errdetails.ErrorInfo {
		return &errdetails.ErrorInfo{Reason: reason, Domain: "zhaohuo.dev"}
	}
	for name, test := range map[string]struct {
		err    error
		lang   string
		code   int
		stderr string
	}{
		"field": {
			failure(codes.InvalidArgument, "page_size: must be 1 to 50", info("INVALID_FIELD"),
				&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "page_size", Description: "must be 1 to 50"}}},
				&errdetails.LocalizedMessage{Locale: "en", Message: "A field is wrong."}),
			"en_US.UTF-8", exitUsage,
			"error: INVALID_ARGUMENT INVALID_FIELD: A field is wrong.\n  page_size: must be 1 to 50\n  request id r-1\n",
		},
		"wait": {
			failure(codes.ResourceExhausted, "too fast", info("UPSTREAM_THROTTLED"), &errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)},
				&errdetails.LocalizedMessage{Locale: "zh-CN", Message: "调用过快。"}),
			"zh_CN.UTF-8", exitLater,
			"错误: RESOURCE_EXHAUSTED UPSTREAM_THROTTLED: 调用过快。\n  too fast\n  请在 1.5 秒 后重试\n  请求编号 r-1\n",
		},
		"refused":      {failure(codes.FailedPrecondition, "no permission", info("UPSTREAM_PERMISSION_DENIED")), "", exitRefused, "error: FAILED_PRECONDITION UPSTREAM_PERMISSION_DENIED: no permission\n  request id r-1\n"},
		"no detail":    {status.Error(codes.Unavailable, "gone"), "", exitLater, "error: UNAVAILABLE: gone\n  request id r-1\n"},
		"defect":       {status.Error(codes.Internal, "bad\x1b[2J"), "", exitOther, "error: INTERNAL: bad[2J\n  request id r-1\n"},
		"unknown code": {failure(codes.Unknown, "x", info("UPSTREAM_REFUSED")), "", exitOther, "error: UNKNOWN UPSTREAM_REFUSED: x\n  request id r-1\n"},
		"retry told":   {failure(codes.Internal, "x", &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)}), "", exitLater, "error: INTERNAL: x\n  try again in 1 second\n  request id r-1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &searchServer{err: test.err}
			got := run(t, []string{"LANG=" + test.lang}, "search", "x", "--addr", s.serve(t))
			if diff := gocmp.Diff(outcome{test.code, "", test.stderr}, got, gocmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			wantLanguage := "en"
			if strings.HasPrefix(test.lang, "zh") {
				wantLanguage = "zh-CN"
			}
			if diff := gocmp.Diff([]string{wantLanguage}, s.language); diff != "" {
				t.Errorf("accept-language (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLanguageFollowsTheLocale(t *testing.T) {
	for want, env := range map[string][]string{
		"en":  {"LC_ALL=en_US.UTF-8", "LANG=zh_CN.UTF-8"},
		"en ": nil,
		"zh":  {"LC_ALL=", "LC_MESSAGES=zh_TW", "LANG=de_DE"},
		"zh ": {"LANG=zh_CN.UTF-8"},
	} {
		got := run(t, env, "sell").stderr
		if chinese := strings.HasPrefix(got, "错误"); chinese != strings.HasPrefix(want, "zh") {
			t.Errorf("%v: %q", env, got)
		}
	}
}

// Whatever suppliers write, a table's columns stay aligned, and the terminal gets only text.
func TestTableKeepsItsColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		widest := rapid.IntRange(2, 20).Draw(t, "widest")
		cells := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "cells")
		rows := make([][]string, len(cells))
		for i, cell := range cells {
			rows[i] = []string{cell, "|"}
		}
		var b strings.Builder
		if err := writeTable(&session{Process: Process{Stdout: &b}, words: english}, []column{{title: "T", widest: widest}, {title: "|"}}, rows); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(lines) != len(cells)+1 {
			t.Fatalf("%d lines for %d rows:\n%s", len(lines), len(cells), b.String())
		}
		for _, line := range lines {
			if got, want := uniseg.StringWidth(line), uniseg.StringWidth(lines[0]); got != want || want > widest+len(gap)+1 {
				t.Fatalf("width %d, want %d of at most %d: %q", got, want, widest+len(gap)+1, line)
			}
			if strings.ContainsAny(line, "\x1b\r\x07\u202e\u009b") {
				t.Fatalf("control characters reach the terminal: %q", line)
			}
		}
	})
}

// Whatever suppliers write, no cell of the CSV is a formula, and each can be read back except for the mark.
func TestCSVHoldsNoFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.OneOf(rapid.String(), rapid.StringMatching(`[=+@\t-].*`)).Draw(t, "title")
		var b strings.Builder
		p := page{products: []*zhaohuov1.Product{{Id: "1", Title: title}}, meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE}}
		if err := p.writeCSV(&b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != len(csvHeader) {
			t.Fatalf("%v: %q", err, b.String())
		}
		cell := rows[1][1]
		if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
			t.Fatalf("a formula: %q", cell)
		}
		// csv reads \r\n in a quoted cell as \n.
		if plain := strings.ReplaceAll(title, "\r\n", "\n"); cell != plain && cell != "'"+plain {
			t.Fatalf("%q became %q", title, cell)
		}
	})
}
