package combo

import (
	"context"
	"maps"
	"slices"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo/titles"
)

// The defaults of AnalyzeCompetitors.
const (
	competitorCalls    = 12
	competitorKeywords = 2
)

// competitorDetails is the maximum number of requested details.
const competitorDetails = 20

// AnalyzeCompetitors finds the products that look like the caller's image, searches by the words that a buyer would search
// them by, and describes the market of those goods. Lists that name no supplier, such as AOP's keyword results, are completed by details of the first
// products, within the budget.
func AnalyzeCompetitors(ctx context.Context, p Ports, q *zhaohuov1.AnalyzeCompetitorsRequest) (*zhaohuov1.AnalyzeCompetitorsResponse, error) {
	if p.Picture == nil {
		const rule, why = "REQUIRED", "an image must be given"
		return nil, fault.New(fault.InvalidField, "%s", why).WithField("image", rule, why)
	}
	trends := p.trendsAsked(q)
	a := &analysis{comboRun: begin(p, trends.budget(q.MaxUpstreamCalls, competitorCalls)), criteria: criteriaOf(q), lookIndex: newLookIndex(p)}
	a.allot(int(orElse(q.Keywords, competitorKeywords)), trends)
	a.withoutLikeness(q.GetSkipLikeness())
	a.noteWordsOnly(a.criteria)
	a.searchPicture(ctx)
	a.searchWords(ctx)
	a.chooseMarket()
	a.askDetails(ctx)
	recorded := a.askTrends(ctx, trends, a.bestSelling())
	meta, err := a.end()
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.AnalyzeCompetitorsResponse{
		Words: a.words, Market: marketOf(a.pricedGoods()), PartialFailures: a.failures, Meta: meta, Trends: recorded,
	}
	answer.Market.LeftOut = a.leftOutCounts()
	for _, s := range a.reading.Synonyms {
		answer.Synonyms = append(answer.Synonyms, s.Text)
	}
	for _, f := range a.competitors {
		answer.Competitors = append(answer.Competitors, &zhaohuov1.AlikeProduct{Product: f.product, Likeness: a.lookIndex.likenessToOwn(f.id())})
	}
	return answer, nil
}

// analysis is one run of AnalyzeCompetitors.
type analysis struct {
	*comboRun
	criteria  criteria
	lookIndex *lookIndex
	// seen is all goods that the searches found; market is those of them that are the goods of the image.
	seen        goodsSet
	market      []*found
	leftOut     map[zhaohuov1.LeftOutReason]int32
	competitors []*found
	// reading is what the competitors' titles say.
	reading titles.Reading
	words   []*zhaohuov1.DistinctiveWord
	tiers   map[string][]*zhaohuov1.PriceTier
	// The shares of the budget.
	forPicture          int
	forWords, forDetail []int
}

// allot divides the budget: the image, the words, the trends that were asked for, then three quarters of the rest for
// details; the remainder is for retries.
func (a *analysis) allot(keywords int, trends trendQuestion) {
	budget := int(a.meta.GetUpstreamCallBudget())
	requests := append([]callRequest{once(a.ports.Picture.cost())}, slices.Repeat([]callRequest{once(1)}, keywords)...)
	searches := len(requests)
	requests = append(requests, trends.requests(trends.products)...)
	left := max(0, budget-a.ports.Picture.cost()-len(requests)+1)
	details := len(requests)
	requests = append(requests, slices.Repeat([]callRequest{once(1)}, min(left-left/4, competitorDetails))...)
	shares := allot(budget, requests...)
	a.forPicture, a.forWords, a.forDetail = shares[0], shares[1:searches], shares[details:]
}

// searchPicture finds the competitors: products whose pictures look like the caller's, most alike first, ties by id; then
// products without a measured likeness, in the upstream's order. Without any measurement it keeps the upstream's first page.
func (a *analysis) searchPicture(ctx context.Context) {
	var listed []*zhaohuov1.Product
	a.run(ctx, a.byPicture(ImageStep, a.forPicture, a.ports.imageQuestion(a.criteria, wordsPage), *a.ports.Picture, &listed))
	by := &zhaohuov1.FoundBy{Step: ImageStep, ImageOf: CallersImage}
	a.seen.add(by, a.criteria.admitted(listed)...)
	if len(a.seen.all) > 0 {
		a.look(ctx, a.lookIndex, a.ports.Picture, a.seen.all)
		a.noteUnseen(a.lookIndex)
	}
	a.competitors = a.byLikeness(a.seen.all)
}

// byLikeness sorts the products that look like the picture.
func (a *analysis) byLikeness(goods []*found) []*found {
	var like, unseen []*found
	for _, f := range goods {
		switch m, ok := a.lookIndex.toOwn(f.id()); {
		case !ok:
			unseen = append(unseen, f)
		case m.alike:
			like = append(like, f)
		}
	}
	slices.SortFunc(like, a.lookIndex.byOwnLikeness)
	if len(unseen) == len(goods) {
		return unseen[:min(len(unseen), picturePage)]
	}
	return append(like, unseen...)
}

// searchWords reads the competitors' titles and searches by the words that a buyer would use. Titles of goods with the
// caller's photo are the goods' own, and count more.
func (a *analysis) searchWords(ctx context.Context) {
	var own, others []string
	for _, f := range a.competitors {
		if m, ok := a.lookIndex.toOwn(f.id()); ok && m.photo {
			own = append(own, f.product.GetTitle())
		} else {
			others = append(others, f.product.GetTitle())
		}
	}
	a.reading = titles.NewReader().ReadFor(own, others)
	a.words = searchWordsOf(a.reading, len(a.competitors), a.ports.AcceptLanguage)
	lists := make([][]*zhaohuov1.Product, min(len(a.words), len(a.forWords)))
	steps := make([]step, len(lists))
	for i := range steps {
		word := a.words[i].GetWord()
		steps[i] = a.byKeyword(KeywordStep+" of "+word, a.forWords[i], a.ports.keywordQuestion(word, a.criteria, wordsPage), &lists[i])
	}
	for i, succeeded := range a.run(ctx, steps...) {
		a.words[i].Searched = succeeded
		a.seen.add(&zhaohuov1.FoundBy{Step: KeywordStep}, a.criteria.admitted(lists[i])...)
	}
}

// chooseMarket divides the goods that were found: those whose title names the goods of the image, and those with its photo,
// are the market. Searches by words also find what only shares a word, and searches by image what only looks alike.
func (a *analysis) chooseMarket() {
	a.leftOut = map[zhaohuov1.LeftOutReason]int32{}
	for _, f := range a.seen.all {
		if in, reason := a.belongs(f); in {
			a.market = append(a.market, f)
		} else {
			a.leftOut[reason]++
		}
	}
}

// belongs reports whether a product is in the market, or why not.
func (a *analysis) belongs(f *found) (in bool, reason zhaohuov1.LeftOutReason) {
	call := a.reading.Call(f.product.GetTitle())
	m, measured := a.lookIndex.toOwn(f.id())
	switch {
	case call == titles.Named:
		return true, 0
	case call == titles.Beside:
		// A cup's lid is often shown with the whole cup, and is cheaper.
		return false, zhaohuov1.LeftOutReason_LEFT_OUT_REASON_ACCESSORY
	case measured && (m.photo || m.alike && a.reading.Head.Text == ""):
		return true, 0
	case measured && m.alike:
		return false, zhaohuov1.LeftOutReason_LEFT_OUT_REASON_ONLY_ALIKE
	case measured:
		return false, zhaohuov1.LeftOutReason_LEFT_OUT_REASON_UNLIKE
	}
	return false, zhaohuov1.LeftOutReason_LEFT_OUT_REASON_OTHER_NAME
}

// leftOutCounts are the goods that are not in the market, by reason.
func (a *analysis) leftOutCounts() []*zhaohuov1.LeftOutCount {
	var all []*zhaohuov1.LeftOutCount
	for _, reason := range slices.Sorted(maps.Keys(a.leftOut)) {
		all = append(all, &zhaohuov1.LeftOutCount{Reason: reason, Count: a.leftOut[reason]})
	}
	return all
}

// askDetails requests details of the first products without a known supplier.
func (a *analysis) askDetails(ctx context.Context) {
	name := sellerNames(productsOf(a.market))
	var unknown []*found
	for _, f := range a.market {
		if name(f.product) == "" {
			unknown = append(unknown, f)
		}
	}
	if len(unknown) > 0 && len(a.forDetail) == 0 {
		a.leaveOut(detailStep, noCallLeft(detailStep))
	}
	unknown = unknown[:min(len(unknown), len(a.forDetail))]
	a.tiers = a.details(ctx, a.criteria, unknown, a.forDetail)
}

// pricedGoods is the market's products with their price tiers.
func (a *analysis) pricedGoods() pricedGoods {
	w := pricedGoods{products: productsOf(a.market), tiers: map[string][]tier{}}
	currency := commonCurrency(w.products)
	for id, steps := range a.tiers {
		w.tiers[id] = tiersOf(steps, currency, false)
	}
	return w
}
