package cache

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// prepared is a question in its canonical form, with its key. It does not change, so it may be asked any number of times and at the
// same time.
type prepared[Q questionMessage, A answerMessage] struct {
	cache *Cache
	life  Life
	kind  Kind
	key   Key
	// topic is as in [question].
	topic topic
	photo upstream.Photo
	// staleness is the question's max_staleness.
	staleness *durationpb.Duration
	ask       fetchFunc
}

// draft is the part of a question that is the same each time it is asked, and whatever it is about beside its message.
type draft[Q questionMessage, A answerMessage] struct {
	cache *Cache
	kind  Kind
	// q is canonical, and text its encoding for the key.
	q         Q
	text      []byte
	staleness *durationpb.Duration
	// topic is as in [question].
	topic topic
}

func newDraft[Q questionMessage, A answerMessage](c *Cache, f form, q Q) (*draft[Q, A], error) {
	d := &draft[Q, A]{cache: c, kind: f.kind, staleness: proto.CloneOf(q.GetMaxStaleness()), q: canonical(q, f)}
	d.topic = c.topicOf(f.kind, d.q)
	var err error
	if d.text, err = withDefaults(f, d.q.ProtoReflect()); err != nil {
		return nil, fault.New(fault.Internal, "").WithCause(err)
	}
	return d, nil
}

// about is the question about a subject.
func (d *draft[Q, A]) about(to subject, next func(context.Context, Q, upstream.Photo) (A, error)) *prepared[Q, A] {
	c := d.cache
	p := &prepared[Q, A]{
		cache: c, life: c.lives[d.kind], kind: d.kind, photo: to.photo, staleness: d.staleness, key: keyOf(c.prefix, d.kind, to.extra, d.text),
		topic: d.topic,
	}
	p.ask = func(ctx context.Context, photo upstream.Photo) outcome {
		a, err := next(ctx, d.q, photo)
		if err != nil {
			c.storeNotFound(p.key, err, p.life)
			return outcome{err: err}
		}
		e, err := encodeAnswer(a, p.life, c.config.Now())
		if err != nil {
			return outcome{err: fault.New(fault.Internal, "").WithCause(err)}
		}
		return outcome{stored: c.store(p.key, e, p.life)}
	}
	return p
}

// answer is the one path of all questions: stored, joined to an equal call in progress, or fetched. Each caller gets
// the number of calls made for it.
func answer[Q questionMessage, A answerMessage](
	ctx context.Context, c *Cache, f form, about subject, q Q, next func(context.Context, Q, upstream.Photo) (A, error),
) (A, error) {
	var got, none A
	d, err := newDraft[Q, A](c, f, q)
	if err != nil {
		return none, err
	}
	err = d.about(about, next).resolve(ctx, func(s served) (err error) {
		got, err = decodeAnswer[A](s.stored.entry, s.meta())
		return err
	})
	if err != nil {
		return none, err
	}
	return got, nil
}

// encoded is answer without decoding what is stored.
func (p *prepared[Q, A]) encoded(ctx context.Context) (*encoded.Message, error) {
	var got *encoded.Message
	err := p.resolve(ctx, func(s served) (err error) {
		got, err = encodedAnswer[A](p.cache, p.key, s)
		return err
	})
	return got, err
}

// resolve finds or fetches the answer and has it taken. A stored value that cannot be taken is not an answer, whoever wrote it: it
// is asked for anew.
func (p *prepared[Q, A]) resolve(ctx context.Context, take func(served) error) error {
	c := p.cache
	w := policyOf(ctx, p.staleness)
	ctx, calls := upstream.WithCallCount(ctx)
	to := question{kind: p.kind, key: p.key, topic: p.topic, photo: p.photo, calls: calls, ask: p.ask}
	got, err := c.resolve(ctx, to, w)
	if err == nil {
		broken := take(got)
		if broken == nil || fault.KindOf(broken) == fault.ProductNotFound {
			c.answered(ctx, to, got.by)
			return broken
		}
		c.tiers.memory.Invalidate(p.key)
		if got, err = c.resolve(ctx, to, policy{limited: true}); err == nil {
			c.answered(ctx, to, got.by)
			return take(got)
		}
	}
	c.answered(ctx, to, ByNobody)
	return err
}

// answered tells those who count it what a question was answered by.
func (c *Cache) answered(ctx context.Context, q question, by By) {
	c.config.Observer.Answered(q.kind, by)
	c.counts[by].Add(1)
	if bill := upstream.BillOf(ctx); bill != nil {
		bill.Answered(string(by), q.key.String())
	}
}

// encodedAnswer is a stored answer with its meta. What was not encoded by this process is decoded once, to see that it can be.
func encodedAnswer[A answerMessage](c *Cache, key Key, s served) (*encoded.Message, error) {
	h := s.stored
	if h.entry.notFound() {
		return nil, h.entry.fault()
	}
	if !h.sound.Load() {
		if _, err := decodeAnswer[A](h.entry, nil); err != nil {
			return nil, err
		}
		h.sound.Store(true)
	}
	m := &encoded.Message{Body: h.entry.body(), New: newMessage[A]}
	if !s.repeats() {
		head, err := encodeMeta[A](s.meta())
		m.Head = head
		return m, err
	}
	// All callers who get the answer from the cache without a call get the same meta.
	kept := h.repeated.Load()
	if kept == nil {
		head, err := encodeMeta[A](s.meta())
		if err != nil {
			return nil, err
		}
		h.repeated.CompareAndSwap(nil, &repeated{head, encoded.NewForms(func() { c.tiers.reweigh(key, h) })})
		kept = h.repeated.Load()
	}
	m.Head, m.Forms = kept.head, kept.forms
	return m, nil
}

// repeated is what all callers get who are answered from the cache without a call.
type repeated struct {
	// head is the encoded meta.
	head  []byte
	forms *encoded.Forms
}

func newMessage[A answerMessage]() proto.Message {
	var none A
	return none.ProtoReflect().New().Interface()
}

// encodeMeta encodes an answer that has nothing but its meta.
func encodeMeta[A answerMessage](meta *zhaohuov1.AnswerMeta) ([]byte, error) {
	a := newMessage[A]().(A)
	setMeta(a, meta)
	head, err := proto.Marshal(a)
	if err != nil {
		return nil, fault.New(fault.Internal, "").WithCause(err)
	}
	return head, nil
}

// encodedQuestion prepares a question whose answers stay encoded.
func encodedQuestion[Q questionMessage, A answerMessage](
	c *Cache, f form, q Q, next func(context.Context, Q) (A, error),
) (encoded.Question, error) {
	d, err := newDraft[Q, A](c, f, q)
	if err != nil {
		return nil, err
	}
	return d.about(subject{}, withoutPhoto(next)).encoded, nil
}

// PrepareKeywordSearch is KeywordSearch for any number of callers, with encoded answers; as are the other methods here. They keep
// nothing of q.
func (c *Cache) PrepareKeywordSearch(q *zhaohuov1.KeywordSearchRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: KeywordSearch, defaults: listDefaults(20)}, q, c.next.KeywordSearch)
}

// PrepareImageSearch prepares an ImageSearch. What it returns may be asked about any picture.
func (c *Cache) PrepareImageSearch(q *zhaohuov1.ImageSearchRequest) (func(context.Context, upstream.Picture) (*encoded.Message, error), error) {
	d, err := newDraft[*zhaohuov1.ImageSearchRequest, *zhaohuov1.ImageSearchResponse](c, imageForm(), q)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, picture upstream.Picture) (*encoded.Message, error) {
		about, ok := subjectOf(picture)
		if ok {
			return d.about(about, c.searchBy(picture)).encoded(ctx)
		}
		answer, err := c.next.ImageSearch(ctx, d.q, picture)
		if err != nil {
			return nil, err
		}
		return encoded.Of(answer)
	}, nil
}

// PrepareGetProduct prepares a GetProduct.
func (c *Cache) PrepareGetProduct(q *zhaohuov1.GetProductRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: GetProduct}, q, c.next.GetProduct)
}

// PrepareListSellerProducts prepares a ListSellerProducts.
func (c *Cache) PrepareListSellerProducts(q *zhaohuov1.ListSellerProductsRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: ListSellerProducts, defaults: listDefaults(20)}, q, c.next.ListSellerProducts)
}

// PrepareListSearchFacets prepares a ListSearchFacets.
func (c *Cache) PrepareListSearchFacets(q *zhaohuov1.ListSearchFacetsRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: ListSearchFacets}, q, c.next.ListSearchFacets)
}

// PrepareListTopKeywords prepares a ListTopKeywords.
func (c *Cache) PrepareListTopKeywords(q *zhaohuov1.ListTopKeywordsRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: ListTopKeywords}, q, c.next.ListTopKeywords)
}

// PrepareListRelatedProducts prepares a ListRelatedProducts.
func (c *Cache) PrepareListRelatedProducts(q *zhaohuov1.ListRelatedProductsRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: ListRelatedProducts, defaults: listDefaults(10)}, q, c.next.ListRelatedProducts)
}

// PrepareFindCategories prepares a FindCategories.
func (c *Cache) PrepareFindCategories(q *zhaohuov1.FindCategoriesRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: FindCategories}, q, c.next.FindCategories)
}

// PrepareGetCategory prepares a GetCategory.
func (c *Cache) PrepareGetCategory(q *zhaohuov1.GetCategoryRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: GetCategory}, q, c.next.GetCategory)
}

// PrepareEstimateFreight prepares an EstimateFreight.
func (c *Cache) PrepareEstimateFreight(q *zhaohuov1.EstimateFreightRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: EstimateFreight}, q, c.next.EstimateFreight)
}

// PrepareListTopProducts prepares a ListTopProducts.
func (c *Cache) PrepareListTopProducts(q *zhaohuov1.ListTopProductsRequest) (encoded.Question, error) {
	return encodedQuestion(c, form{kind: ListTopProducts}, q, c.next.ListTopProducts)
}
