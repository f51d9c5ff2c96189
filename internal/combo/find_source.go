package combo

import (
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// The defaults of FindSource.
const (
	sourceCalls    = 8
	sourcePictures = 3
)

// How many products a search requests. A page costs one call at any size; each of its images is compared.
const (
	wordsPage   = 50
	picturePage = 20
)

// The names of steps. Those of one product end with " of " and its id; a likeness step may name several, and [CallersImage].
const (
	KeywordStep = "keyword_search"
	ImageStep   = "image_search"
	// LikenessStep looks at images and compares them.
	LikenessStep = "measure_likeness"
	relatedStep  = "related"
)

// FindSource finds sellers of the same product: first by keyword and by the caller's image, then by the images of the
// best candidates. It groups products that are surely the same, by likenesses measured between images of different
// suppliers.
func FindSource(ctx context.Context, p Ports, q *zhaohuov1.FindSourceRequest) (*zhaohuov1.FindSourceResponse, error) {
	words := strings.TrimSpace(q.GetKeyword())
	if words == "" && p.Picture == nil {
		return nil, nothingAsked()
	}
	learned := newDetailSet()
	s := &sourcing{
		comboRun: begin(p, orElse(q.MaxUpstreamCalls, sourceCalls+freightCalls(q.GetFreight()))), criteria: criteriaOf(q), words: words,
		verify: int(orElse(q.VerifyImages, sourcePictures)), quantity: q.GetQuantity(), lookIndex: newLookIndex(p), learned: learned, now: time.Now(),
		freights: freightsOf(q.GetFreight(), q.GetQuantity(), q.GetMaxStaleness(), learned),
	}
	s.withoutLikeness(q.GetSkipLikeness())
	s.noteWordsOnly(s.criteria)
	s.allot()
	s.search(ctx)
	s.look(ctx, s.lookIndex, p.Picture, s.goods.all)
	s.verifyBy(ctx, s.candidates())
	s.look(ctx, s.lookIndex, nil, s.goods.all)
	s.noteUnseen(s.lookIndex)
	s.reserve(s.freights, len(s.goods.all))
	meta, err := s.end()
	if err != nil {
		return nil, err
	}
	answer := s.answer(ctx)
	answer.PartialFailures, answer.Meta = s.failures, meta
	return answer, nil
}

// nothingAsked refuses a request with neither words nor an image.
func nothingAsked() error {
	const rule, why = "WORDS_OR_IMAGE", "words or an image must be given"
	return fault.New(fault.InvalidField, "%s", why).WithField("keyword", rule, why).WithField("image", rule, why)
}

// orElse is a number, or its default.
func orElse(n *int32, absent int32) int32 {
	if n == nil {
		return absent
	}
	return *n
}

// sourcing is one run of FindSource.
type sourcing struct {
	*comboRun
	criteria  criteria
	words     string
	verify    int
	quantity  int64
	lookIndex *lookIndex
	learned   *detailSet
	// freights is nil if freight is not asked for.
	freights *freights
	// now is when the run began; promotions that ended before are over.
	now   time.Time
	goods goodsSet
	// byWords are the keyword results.
	byWords []*found
	// The shares of the budget.
	forWords, forPicture int
	forVerify            []int
}

// allot divides the budget: the request's own searches first, then the images of candidates, in order.
func (s *sourcing) allot() {
	var requests []callRequest
	if s.words != "" {
		requests = append(requests, once(1))
	}
	if s.ports.Picture != nil {
		requests = append(requests, once(s.ports.Picture.cost()))
	}
	for range s.verify {
		requests = append(requests, once(1))
	}
	shares := allot(int(s.meta.GetUpstreamCallBudget()), requests...)
	if s.words != "" {
		s.forWords, shares = shares[0], shares[1:]
	}
	if s.ports.Picture != nil {
		s.forPicture, shares = shares[0], shares[1:]
	}
	s.forVerify = shares
}

// search runs the request's own searches.
func (s *sourcing) search(ctx context.Context) {
	var byWords, byPicture []*zhaohuov1.Product
	var steps []step
	if s.words != "" {
		steps = append(steps, s.byKeyword(KeywordStep, s.forWords, s.ports.keywordQuestion(s.words, s.criteria, wordsPage), &byWords))
	}
	if s.ports.Picture != nil {
		steps = append(steps, s.byPicture(ImageStep, s.forPicture, s.ports.imageQuestion(s.criteria, picturePage), *s.ports.Picture, &byPicture))
	}
	s.run(ctx, steps...)
	s.goods.add(&zhaohuov1.FoundBy{Step: KeywordStep}, s.criteria.admitted(byWords)...)
	s.byWords = slices.Clone(s.goods.all)
	s.goods.add(&zhaohuov1.FoundBy{Step: ImageStep, ImageOf: CallersImage}, s.criteria.admitted(byPicture)...)
}

// candidates are the products whose pictures are searched by, most promising first. With a caller's picture they are the
// products that look like it, most alike first. Without one they are the keyword results, with products of the same
// picture merged.
func (s *sourcing) candidates() []*found {
	if s.lookIndex.own != nil {
		return s.byOwn()
	}
	return s.lookIndex.distinct(s.byWords, s.verify)
}

// byOwn are the products that look like the caller's image, each image once, without the caller's own image.
func (s *sourcing) byOwn() []*found {
	like := s.lookIndex.asOwn(s.goods.all)
	slices.SortStableFunc(like, s.lookIndex.byOwnLikeness)
	seen := map[string]bool{s.lookIndex.own.Hash: true}
	var chosen []*found
	for _, f := range like {
		if hash := s.lookIndex.looks[f.id()].Hash; len(chosen) < s.verify && !seen[hash] {
			seen[hash] = true
			chosen = append(chosen, f)
		}
	}
	return chosen
}

// verifyBy searches by the images of products.
func (s *sourcing) verifyBy(ctx context.Context, candidates []*found) {
	lists := make([][]*zhaohuov1.Product, len(candidates))
	steps := make([]step, len(candidates))
	for i, f := range candidates {
		steps[i] = s.byPicture(ImageStep+" of "+f.id(), s.forVerify[i], s.ports.imageQuestion(s.criteria, picturePage),
			Picture{URL: f.product.GetImageUrl()}, &lists[i])
	}
	s.run(ctx, steps...)
	for i, f := range candidates {
		s.goods.add(&zhaohuov1.FoundBy{Step: ImageStep, ImageOf: f.id()}, s.criteria.admitted(unscored(lists[i]))...)
	}
}

// unscored removes the upstream's own likeness, which is to an image that is not in the request.
func unscored(products []*zhaohuov1.Product) []*zhaohuov1.Product {
	plain := make([]*zhaohuov1.Product, len(products))
	for i, p := range products {
		plain[i] = p
		if p.Similarity != nil {
			plain[i] = proto.CloneOf(p)
			plain[i].Similarity = nil
		}
	}
	return plain
}

// answer groups the results and ranks each group. Details that decide a rank are asked for with what is left of the
// budget, first for the first group.
func (s *sourcing) answer(ctx context.Context) *zhaohuov1.FindSourceResponse {
	answer := &zhaohuov1.FindSourceResponse{ConfirmThreshold: s.ports.Thresholds.SamePhoto}
	rest := s.goods.all
	settle := func(same []*found) {
		group, settled := s.groupOf(same)
		if group != nil {
			s.rank(ctx, group, standingOf)
			answer.Groups = append(answer.Groups, group)
			rest = without(rest, settled)
		}
	}
	switch {
	case s.lookIndex.own != nil:
		settle(s.lookIndex.asOwn(rest))
	default:
		// A product found only by the caller's image starts no group if that image could not be compared.
		for _, f := range s.byWords {
			if slices.Contains(rest, f) {
				settle(s.lookIndex.sameAs(f, rest))
			}
		}
	}
	for _, f := range rest {
		answer.Unconfirmed = append(answer.Unconfirmed, s.lookIndex.offerOf(f, s.goods.all))
	}
	s.price(answer.GetUnconfirmed(), PricesOf(productsOf(rest), s.quantity, s.now))
	if s.freights != nil {
		s.land(ctx, answer)
	}
	return answer
}

// groupOf is the group of products that show the same, and the confirmed ones of them, in the order of its offers; nil if
// there is none.
func (s *sourcing) groupOf(same []*found) (*zhaohuov1.SourceGroup, []*found) {
	group := &zhaohuov1.SourceGroup{}
	var settled []*found
	for _, f := range same {
		confirmations := s.lookIndex.confirmations(f, same)
		if len(confirmations) == 0 {
			continue
		}
		offer := s.lookIndex.offerOf(f, s.goods.all)
		offer.Confirmations = confirmations
		group.Offers = append(group.Offers, offer)
		settled = append(settled, f)
	}
	if len(settled) == 0 {
		return nil, nil
	}
	return group, settled
}

// byKeyword is the keyword search step.
func (c *comboRun) byKeyword(name string, share int, q *zhaohuov1.KeywordSearchRequest, into *[]*zhaohuov1.Product) step {
	return step{name: name, share: share, ask: func(ctx context.Context) (int, *zhaohuov1.AnswerMeta, error) {
		answer, err := c.ports.Searcher.KeywordSearch(ctx, q)
		if err != nil {
			return 0, nil, err
		}
		*into = answer.GetProducts()
		return len(*into), answer.GetMeta(), nil
	}}
}

// byPicture is the image search step.
func (c *comboRun) byPicture(name string, share int, q *zhaohuov1.ImageSearchRequest, picture Picture, into *[]*zhaohuov1.Product) step {
	return step{name: name, share: share, ask: func(ctx context.Context) (int, *zhaohuov1.AnswerMeta, error) {
		answer, err := c.ports.Searcher.ImageSearch(ctx, q, picture)
		if err != nil {
			return 0, nil, err
		}
		*into = answer.GetProducts()
		return len(*into), answer.GetMeta(), nil
	}}
}
