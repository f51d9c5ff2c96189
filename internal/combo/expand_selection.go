package combo

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// The defaults of ExpandSelection.
const (
	expandCalls   = 12
	expandWinners = 3
)

// relatedPage is the upstream's page size of related products.
const relatedPage = 10

// topKeywordsStep is the name of the step that requests top keywords.
const topKeywordsStep = "top_keywords"

// ExpandSelection finds more products to sell: what sells for the seed words, what is related to it if the dialect
// offers that, and what looks like the best sellers but was not found otherwise.
func ExpandSelection(ctx context.Context, p Ports, q *zhaohuov1.ExpandSelectionRequest) (*zhaohuov1.ExpandSelectionResponse, error) {
	e := &expansion{
		comboRun: begin(p, orElse(q.MaxUpstreamCalls, expandCalls)), criteria: criteriaOf(q), seeds: seedsOf(q),
		count: int(orElse(q.Winners, expandWinners)), lookIndex: newLookIndex(p),
	}
	e.withoutLikeness(q.GetSkipLikeness())
	e.noteWordsOnly(e.criteria)
	e.allot()
	e.searchWords(ctx)
	e.lookAtBest(ctx)
	e.followOn(ctx)
	e.lookAtBest(ctx)
	e.winners = e.choose(e.goods.all)
	e.searchPictures(ctx)
	e.lookIndex.anchors, e.lookIndex.among = e.winners, e.alike
	e.look(ctx, e.lookIndex, nil, e.alike)
	e.noteUnseen(e.lookIndex)
	meta, err := e.end()
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ExpandSelectionResponse{
		Winners: productsOf(e.winners), Clusters: e.clusters(), RelatedKeywords: e.keywords, PartialFailures: e.failures, Meta: meta,
	}
	return answer, nil
}

// seedsOf are the distinct, non-blank seed words.
func seedsOf(q *zhaohuov1.ExpandSelectionRequest) []string {
	var seeds []string
	for _, s := range q.GetSeeds() {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(seeds, s) {
			seeds = append(seeds, s)
		}
	}
	return seeds
}

// expansion is one run of ExpandSelection.
type expansion struct {
	*comboRun
	criteria  criteria
	seeds     []string
	count     int
	lookIndex *lookIndex
	// goods are the results of words and relations: what is already in the list.
	goods goodsSet
	// looked are the results of the winners' images, and alike those of them that are not in the list.
	looked  goodsSet
	alike   []*found
	winners []*found
	// keywords are suggested further words.
	keywords []string
	// The shares of the budget.
	forSeeds, forPictures, forRelated []int
	forKeywords                       int
}

// allot divides the budget: the seeds, the winners' images, then what only some dialects offer.
func (e *expansion) allot() {
	var requests []callRequest
	for range len(e.seeds) + e.count {
		requests = append(requests, once(1))
	}
	hints := 0
	if e.ports.offers(topKeywordsRPC, &zhaohuov1.ListTopKeywordsRequest{CategoryId: "1"}) {
		requests = append(requests, once(1))
		hints = 1
	}
	if e.ports.offers(relatedProductsRPC, &zhaohuov1.ListRelatedProductsRequest{Id: "1"}) {
		for range e.count {
			requests = append(requests, once(1))
		}
	}
	shares := allot(int(e.meta.GetUpstreamCallBudget()), requests...)
	e.forSeeds, shares = shares[:len(e.seeds)], shares[len(e.seeds):]
	e.forPictures, shares = shares[:e.count], shares[e.count:]
	if hints == 1 {
		e.forKeywords = shares[0]
	}
	e.forRelated = shares[hints:]
}

// searchWords searches by the seeds, best sellers first.
func (e *expansion) searchWords(ctx context.Context) {
	lists := make([][]*zhaohuov1.Product, len(e.seeds))
	steps := make([]step, len(e.seeds))
	for i, seed := range e.seeds {
		q := e.ports.keywordQuestion(seed, e.criteria, picturePage)
		bySales := withSort(q, zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC)
		if e.criteria.GetSort() == zhaohuov1.SortOrder_SORT_ORDER_UNSPECIFIED && e.ports.offers(keywordSearchRPC, bySales) {
			q = bySales
		}
		steps[i] = e.byKeyword(KeywordStep+" of "+seed, e.forSeeds[i], q, &lists[i])
	}
	e.run(ctx, steps...)
	for i := range e.seeds {
		e.goods.add(&zhaohuov1.FoundBy{Step: KeywordStep}, e.criteria.admitted(lists[i])...)
	}
}

func withSort(q *zhaohuov1.KeywordSearchRequest, by zhaohuov1.SortOrder) *zhaohuov1.KeywordSearchRequest {
	q = proto.CloneOf(q)
	q.Sort = by
	return q
}

// followOn requests products related to the best sellers so far, and the top keywords of their category. If the dialect
// offers neither, the answer says so.
func (e *expansion) followOn(ctx context.Context) {
	leaders := e.choose(e.goods.all)
	if len(leaders) == 0 {
		return
	}
	lists := make([][]*zhaohuov1.Product, len(leaders))
	var steps []step
	for i, f := range leaders {
		q := &zhaohuov1.ListRelatedProductsRequest{}
		fields.Copy(q, e.criteria)
		q.Id, q.Page, q.PageSize = f.id(), proto.Int32(1), proto.Int32(relatedPage)
		if e.refused(relatedStep, relatedProductsRPC, q) {
			break
		}
		steps = append(steps, step{relatedStep + " of " + f.id(), e.forRelated[i], func(ctx context.Context) (int, *zhaohuov1.AnswerMeta, error) {
			answer, err := e.ports.Products.ListRelatedProducts(ctx, q)
			lists[i] = answer.GetProducts()
			return len(lists[i]), answer.GetMeta(), err
		}})
	}
	var hints []*zhaohuov1.TopKeyword
	category := e.category()
	// Whether the dialect offers it does not depend on the category, which may be unknown.
	q := &zhaohuov1.ListTopKeywordsRequest{CategoryId: cmp.Or(category, "1"), MaxStaleness: e.criteria.GetMaxStaleness()}
	if !e.refused(topKeywordsStep, topKeywordsRPC, q) && category != "" {
		steps = append(steps, step{topKeywordsStep, e.forKeywords, func(ctx context.Context) (int, *zhaohuov1.AnswerMeta, error) {
			answer, err := e.ports.Products.ListTopKeywords(ctx, q)
			hints = answer.GetKeywords()
			return len(hints), answer.GetMeta(), err
		}})
	}
	e.run(ctx, steps...)
	for i, f := range leaders {
		e.goods.add(&zhaohuov1.FoundBy{Step: relatedStep, ImageOf: f.id()}, e.criteria.admitted(lists[i])...)
	}
	for _, hint := range hints {
		if word := strings.TrimSpace(hint.GetKeyword()); word != "" && !slices.Contains(e.seeds, word) && !slices.Contains(e.keywords, word) {
			e.keywords = append(e.keywords, word)
		}
	}
}

// refused reports whether the dialect lacks a question, and notes that in the answer.
func (e *expansion) refused(name, rpc string, q proto.Message) bool {
	if e.ports.Offered == nil {
		return false
	}
	refused := e.ports.Offered(rpc, q) != nil
	if refused {
		e.inform(zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_STEP_NOT_OFFERED, name)
	}
	return refused
}

// category is the requested one, else that of most products, ties by id; empty for none.
func (e *expansion) category() string {
	if e.criteria.GetCategoryId() != "" {
		return e.criteria.GetCategoryId()
	}
	counts := map[string]int{}
	best := ""
	for _, f := range e.goods.all {
		path := f.product.GetCategoryIds()
		if len(path) == 0 {
			continue
		}
		id := path[len(path)-1]
		counts[id]++
		if n := counts[id]; best == "" || n > counts[best] || n == counts[best] && compareID(id, best) < 0 {
			best = id
		}
	}
	return best
}

// bestSellers are products by units sold, then by repurchase rate; unknown values last, ties by id.
func bestSellers(goods []*found) []*found {
	return slices.SortedFunc(slices.Values(goods), func(x, y *found) int { return compareSellers(x.product, y.product) })
}

func compareSellers(p, q *zhaohuov1.Product) int {
	return cmp.Or(
		compareKnown(soldRate(p), soldRate(q), true),
		compareKnown(p.RepurchaseRate, q.RepurchaseRate, true),
		compareID(p.GetId(), q.GetId()),
	)
}

// choose returns the best sellers that have an image, the same product once as far as images show.
func (e *expansion) choose(goods []*found) []*found {
	return e.lookIndex.distinct(bestSellers(goods), e.count)
}

// lookAtBest looks at the goods, the best sellers first. Which of the best are one photo decides which are chosen.
func (e *expansion) lookAtBest(ctx context.Context) {
	const spare = 3 // Some of the best may be one photo.
	best := bestSellers(e.goods.all)
	first := best[:min(spare*e.count, len(best))]
	e.lookIndex.anchors, e.lookIndex.among = first, first
	e.look(ctx, e.lookIndex, nil, best)
}

// searchPictures searches by the winners' images.
func (e *expansion) searchPictures(ctx context.Context) {
	lists := make([][]*zhaohuov1.Product, len(e.winners))
	steps := make([]step, len(e.winners))
	for i, w := range e.winners {
		steps[i] = e.byPicture(ImageStep+" of "+w.id(), e.forPictures[i], e.ports.imageQuestion(e.criteria, picturePage),
			Picture{URL: w.product.GetImageUrl()}, &lists[i])
	}
	e.run(ctx, steps...)
	for i, w := range e.winners {
		e.looked.add(&zhaohuov1.FoundBy{Step: ImageStep, ImageOf: w.id()}, e.criteria.admitted(unscored(lists[i]))...)
	}
	for _, f := range e.looked.all {
		if e.goods.get(f.id()) == nil {
			e.alike = append(e.alike, f)
		}
	}
}
