package upstream

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// offer is how far one dialect offers one field.
type offer struct {
	support zhaohuov1.FieldSupport
	// values are the offered ones of a partial offer, as JSON spells them.
	values []string
	note   string
	// most is how many values of a list are offered at once; 0 is no bound.
	most int
}

var (
	full = offer{support: zhaohuov1.FieldSupport_FIELD_SUPPORT_FULL}
	none = offer{support: zhaohuov1.FieldSupport_FIELD_SUPPORT_NONE}
)

func only(values ...string) offer {
	return offer{support: zhaohuov1.FieldSupport_FIELD_SUPPORT_PARTIAL, values: values}
}

func (o offer) but(note string) offer {
	o.note = note
	return o
}

func (o offer) upTo(most int) offer {
	o.most, o.note = most, fmt.Sprintf("At most %d at a time.", most)
	return o
}

// capability is one row of the matrix.
type capability struct {
	field    string
	aop, top offer
}

// operation is the part of the matrix that speaks of one RPC.
type operation struct {
	rpc               string
	request, response []capability
}

// matrix is what each dialect offers, RPC by RPC and field by field. It is the only place that says so: requests are
// checked against it, GetServerInfo tells it, and docs/CAPABILITIES.md is written from it. Sources:
// docs/PROTOCOL.md §3 and §4.
var matrix = []operation{
	{
		rpc: "zhaohuo.v1.SearchService/KeywordSearch",
		request: slices.Concat([]capability{
			{"keyword", full, full},
			{"page", full, full},
		}, keywordCriteria()),
		response: keywordProducts(),
	},
	{
		rpc: "zhaohuo.v1.SearchService/BatchKeywordSearch",
		request: slices.Concat([]capability{
			{"keywords", full, full},
			{"pages", full, full},
			{"resume_token", full, full},
		}, keywordCriteria()),
	},
	{
		rpc: "zhaohuo.v1.SearchService/StreamKeywordSearch",
		request: slices.Concat([]capability{
			{"keyword", full, full},
			{"max_results", full, full},
		}, keywordCriteria()),
		response: keywordProducts(),
	},
	{
		rpc:      "zhaohuo.v1.SearchService/ImageSearch",
		request:  slices.Concat(imageSource(""), imageOptions("")),
		response: imageAnswer(""),
	},
	{
		rpc:      "zhaohuo.v1.SearchService/UploadImageSearch",
		request:  slices.Concat([]capability{{"options", full, full}, {"chunk", full, full}}, imageOptions("options.")),
		response: imageAnswer("response."),
	},
	{
		rpc: "zhaohuo.v1.SearchService/BatchImageSearch",
		request: slices.Concat([]capability{
			{"options", full, full},
			{"image", full, full},
			{"image.tag", full, full},
			{"chunk", full, full},
			{"end", full, full},
		}, imageSource("image."), region("image."), imageOptions("options.")),
	},
	{
		rpc:      "zhaohuo.v1.ProductService/GetProduct",
		request:  []capability{{"id", full, full}, {"language_code", full, only("zh")}, {"include_raw", full, full}, {"max_staleness", full, full}},
		response: detail("product."),
	},
	{
		rpc: "zhaohuo.v1.ProductService/BatchGetProducts",
		request: []capability{
			{"ids", full, full},
			{"language_code", full, only("zh")},
			{"include_raw", full, full},
			{"max_staleness", full, full},
			{"include_descriptions", full, full},
		},
		response: detail("results.product."),
	},
	{
		rpc: "zhaohuo.v1.ProductService/ListSellerProducts",
		request: []capability{
			{"seller_id", full, full.but("The parameter's name is not published; it is configuration.")},
			{"keyword", full, full},
			{"include_raw", full, full},
			{"page", full, full},
			{"page_size", full, full},
			{"price_min", full, full},
			{"price_max", full, full},
			{"category_id", full, full},
			{"sort", full, only("SORT_ORDER_RELEVANCE", "SORT_ORDER_PRICE_ASC", "SORT_ORDER_PRICE_DESC", "SORT_ORDER_SALES_DESC")},
			{"filters", full, none},
			{"language_code", full, only("zh")},
			{"max_staleness", full, full},
		},
		response: products(
			capability{"supplier", none, full},
			capability{"supplier.name", none, full},
			capability{"supplier.location", none, full},
			capability{"supplier.kinds", none, none},
			capability{"minimum_order", none, full},
		),
	},
	{
		rpc:     "zhaohuo.v1.ProductService/ListSearchFacets",
		request: []capability{{"keyword", full, none}, {"language_code", full, none}, {"max_staleness", full, none}},
	},
	{
		rpc:     "zhaohuo.v1.ProductService/ListTopKeywords",
		request: []capability{{"category_id", full, none}, {"language_code", full, none}, {"max_staleness", full, none}},
	},
	{
		rpc: "zhaohuo.v1.ProductService/ListRelatedProducts",
		request: []capability{
			{"id", full, none},
			{"page", full, none},
			{"page_size", full, none},
			{"language_code", full, none},
			{"include_raw", full, none},
			{"max_staleness", full, none},
		},
	},
	findSource(),
	comboOperation("ComparePrices", []capability{
		{"keyword", full, full},
		{"quantity", full, full},
		{"detail_offers", full, full},
	}, imageSource("")...),
	comboOperation("AnalyzeCompetitors", []capability{{"keywords", full, full}}, imageSource("")...),
	expandSelection(),
}

// detail are the fields of a product in detail. What TOP's detail answers is not published: what it does say is read.
func detail(prefix string) []capability {
	unpublished := full.but("Not published; read where it is there.")
	rows := []capability{
		{"summary", full, full},
		{"status", full, unpublished},
		{"status_text", full, unpublished},
		{"price_tiers", full, unpublished},
		{"skus", full, unpublished},
		{"attributes", full, unpublished},
		{"image_urls", full, unpublished},
		{"video_url", full, none},
		{"description_html", full, unpublished},
		{"unit", full, unpublished},
		{"weight_grams", full, none},
		{"size", full, none},
		{"ships_from", full, unpublished},
		{"stock", full, unpublished},
		{"batch_size", full, none},
		{"category_name", full, unpublished},
	}
	for i := range rows {
		rows[i].field = prefix + rows[i].field
	}
	return rows
}

// keywordCriteria are what may be asked beside the words.
func keywordCriteria() []capability {
	return []capability{
		{"page_size", full, full},
		{"price_min", full, full},
		{"price_max", full, full},
		{"category_id", full, full},
		{"sort", full, only("SORT_ORDER_RELEVANCE", "SORT_ORDER_PRICE_ASC", "SORT_ORDER_PRICE_DESC", "SORT_ORDER_SALES_DESC")},
		{"filters", full, none},
		{"language_code", full.but("Some languages must be activated for the App Key by 1688."), only("zh")},
		{"include_raw", full, full},
		{"facet_ids", full.upTo(1), none},
		{"max_staleness", full, full},
	}
}

func keywordProducts() []capability {
	return products(
		capability{"supplier", full.but("AOP's keyword search names no company, only what kind of seller it is."), full},
		capability{"supplier.name", none, full},
		capability{"supplier.location", none, full},
	)
}

// products are the product fields of a list answer, where both dialects differ in what they say at all.
func products(but ...capability) []capability {
	rows := []capability{
		{"id", full, full},
		{"title", full, full},
		{"title_translated", full.but("Only when a language other than zh is asked for."), none},
		{"image_url", full, full},
		{"detail_url", full, full},
		{"price", full, full},
		{"price_max", full, full},
		{"price_text", full, full},
		{"promotion_price", full, none},
		{"dropshipping_price", full, none},
		{"supplier", full, full},
		{"supplier.id", none, none},
		{"supplier.name", full, full},
		{"supplier.location", full, full},
		{"supplier.kinds", full, none},
		{"minimum_order", full, full},
		{"sold_count", full, full},
		{"sold_at_least", full, full},
		{"sold_days", full, none},
		{"repurchase_rate", full, none},
		{"badges", full, none},
		{"similarity", none, none},
		{"category_ids", full, none},
		{"raw_json", full, full},
		{"other_prices", none, none},
		{"other_prices.kind", none, none},
		{"other_prices.price", none, none},
		{"other_prices.end_time", none, none},
	}
	for _, b := range but {
		i := slices.IndexFunc(rows, func(c capability) bool { return c.field == b.field })
		rows[i] = b
	}
	for i := range rows {
		rows[i].field = "products." + rows[i].field
	}
	return rows
}

func (c capability) in(d zhaohuov1.UpstreamDialect) offer {
	if d == zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_TOP {
		return c.top
	}
	return c.aop
}

// Capabilities is the matrix for one dialect, as the contract tells it.
func Capabilities(d zhaohuov1.UpstreamDialect) []*zhaohuov1.FieldCapability {
	var all []*zhaohuov1.FieldCapability
	for _, op := range matrix {
		for side, rows := range map[zhaohuov1.FieldSide][]capability{
			zhaohuov1.FieldSide_FIELD_SIDE_REQUEST:  op.request,
			zhaohuov1.FieldSide_FIELD_SIDE_RESPONSE: op.response,
		} {
			for _, row := range rows {
				o := row.in(d)
				all = append(all, &zhaohuov1.FieldCapability{
					Rpc: op.rpc, Field: row.field, Side: side,
					Support: o.support, Values: o.values, Note: o.note,
				})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *zhaohuov1.FieldCapability) int {
		if c := strings.Compare(a.GetRpc(), b.GetRpc()); c != 0 {
			return c
		}
		return int(a.GetSide()) - int(b.GetSide())
	})
	return all
}

// CheckOffered refuses a request that sets a field, or gives it a value, the dialect does not offer. Every such field
// is named. The rpc is its full name, "package.Service/Method".
func CheckOffered(d zhaohuov1.UpstreamDialect, rpc string, request proto.Message) error {
	i := slices.IndexFunc(matrix, func(op operation) bool { return op.rpc == rpc })
	if i < 0 {
		return fault.New(fault.Internal, "%s is not in the capability matrix", rpc)
	}
	var refused *fault.Fault
	request.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		why := matrix[i].refusal(d, fd, v)
		if why == "" {
			return true
		}
		if refused == nil {
			refused = fault.New(fault.UnsupportedByDialect, "the upstream's dialect %s does not offer this request", name(d))
		}
		refused = refused.WithField(string(fd.Name()), fault.UnsupportedByDialect.String(), why)
		return true
	})
	if refused == nil {
		return nil
	}
	slices.SortFunc(refused.Fields, func(a, b fault.Field) int { return strings.Compare(a.Path, b.Path) })
	return refused
}

// refusal says why a field's value is not offered; empty if it is.
func (op operation) refusal(d zhaohuov1.UpstreamDialect, fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	i := slices.IndexFunc(op.request, func(c capability) bool { return c.field == string(fd.Name()) })
	if i < 0 {
		return "not in the capability matrix"
	}
	o := op.request[i].in(d)
	switch o.support {
	case zhaohuov1.FieldSupport_FIELD_SUPPORT_FULL:
		if o.most > 0 && v.List().Len() > o.most {
			return fmt.Sprintf("dialect %s takes at most %d of %s", name(d), o.most, fd.Name())
		}
		return ""
	case zhaohuov1.FieldSupport_FIELD_SUPPORT_NONE:
		return fmt.Sprintf("dialect %s does not offer %s", name(d), fd.Name())
	}
	for _, given := range jsonValues(fd, v) {
		if !slices.Contains(o.values, given) {
			return fmt.Sprintf("dialect %s offers %s only as %s", name(d), fd.Name(), strings.Join(o.values, ", "))
		}
	}
	return ""
}

// jsonValues returns a field's values in their JSON form.
func jsonValues(fd protoreflect.FieldDescriptor, v protoreflect.Value) []string {
	one := func(v protoreflect.Value) string {
		if fd.Kind() == protoreflect.EnumKind {
			if ev := fd.Enum().Values().ByNumber(v.Enum()); ev != nil {
				return string(ev.Name())
			}
		}
		return v.String()
	}
	if !fd.IsList() {
		return []string{one(v)}
	}
	all := make([]string, 0, v.List().Len())
	for i := range v.List().Len() {
		all = append(all, one(v.List().Get(i)))
	}
	return all
}

func name(d zhaohuov1.UpstreamDialect) string {
	return strings.ToLower(strings.TrimPrefix(d.String(), "UPSTREAM_DIALECT_"))
}
