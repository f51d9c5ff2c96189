package combo

import (
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// criteria are a request's criteria beside words and images, in the form of a keyword search.
type criteria struct {
	*zhaohuov1.KeywordSearchRequest
}

// criteriaOf takes the criteria of a combo's request.
func criteriaOf(q proto.Message) criteria {
	c := criteria{&zhaohuov1.KeywordSearchRequest{}}
	fields.Copy(c, q)
	c.Keyword = ""
	return c
}

// keywordQuestion requests one page of that many products, or as many as the upstream serves.
func (p Ports) keywordQuestion(words string, c criteria, size int32) *zhaohuov1.KeywordSearchRequest {
	q := &zhaohuov1.KeywordSearchRequest{}
	fields.Copy(q, c)
	q.Keyword, q.Page, q.PageSize = words, proto.Int32(1), proto.Int32(min(size, p.largestPage()))
	return q
}

// imageQuestion requests one page of that many products, or as many as the upstream serves, most similar first, without
// what the dialect lacks.
func (p Ports) imageQuestion(c criteria, size int32) *zhaohuov1.ImageSearchRequest {
	q := &zhaohuov1.ImageSearchRequest{}
	fields.Copy(q, c)
	q.Sort = zhaohuov1.SortOrder_SORT_ORDER_UNSPECIFIED
	paged := &zhaohuov1.ImageSearchRequest{Page: proto.Int32(1), PageSize: proto.Int32(min(size, p.largestPage()))}
	if p.offers(imageSearchRPC, paged) {
		q.Page, q.PageSize = paged.Page, paged.PageSize
	}
	priced := &zhaohuov1.ImageSearchRequest{PriceMin: c.GetPriceMin(), PriceMax: c.GetPriceMax()}
	if !p.offers(imageSearchRPC, priced) {
		q.PriceMin, q.PriceMax = "", ""
	}
	return q
}

// noteWordsOnly reports the criteria that do not narrow the results of image searches, because those do not have them.
func (c *comboRun) noteWordsOnly(of criteria) {
	var names []string
	has := (&zhaohuov1.ImageSearchRequest{}).ProtoReflect().Descriptor().Fields()
	of.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		if has.ByName(field.Name()) == nil {
			names = append(names, string(field.Name()))
		}
		return true
	})
	if len(names) > 0 {
		slices.Sort(names)
		c.inform(zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_CRITERIA_OF_WORDS, names...)
	}
}

// admitted are the goods within the price bounds, whatever the dialect supports. As upstream, an unknown price is
// outside of all bounds.
func (c criteria) admitted(products []*zhaohuov1.Product) []*zhaohuov1.Product {
	low, bottom := money.Parse(c.GetPriceMin())
	high, top := money.Parse(c.GetPriceMax())
	if !bottom && !top {
		return products
	}
	within := make([]*zhaohuov1.Product, 0, len(products))
	for _, p := range products {
		price, known := money.Of(p.GetPrice())
		if known && (!bottom || price >= low) && (!top || price <= high) {
			within = append(within, p)
		}
	}
	return within
}
