package cache

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// forgottenKind is the kind of the keys under which it is stored when a product was forgotten. No question has it.
const forgottenKind Kind = "forgotten"

// productsNamedMax is how many products the parameters of an API called by its name may name if its answer is stored. Each of them
// is looked up whenever the answer is.
const productsNamedMax = 100

// Forget has no answer used that was stored before now and whose question names one of the products: their details in any
// language and currency, the goods related to them, their freight, and what APIs called by their names answered about them. It
// returns at once. Processes that share the store learn of it as they learn of a newer answer. Without a store that they share, it
// holds for this process.
//
// Answers to searches and lists of a supplier's goods stay, though a product may be in them: their keys are made of words,
// filters and photos, so finding those with a product would take reading all of them, and each has up to 50 goods of which most
// have not changed. They are used for minutes.
//
// What is stored is not removed but dated: an answer counts if it was given after its product was forgotten. A call that is
// under way at that moment is taken for newer.
func (c *Cache) Forget(products []string) {
	if !c.config.Forgets {
		return
	}
	now := c.config.Now()
	retention := time.Minute
	for _, kind := range []Kind{GetProduct, ListRelatedProducts, EstimateFreight, Call} {
		retention = max(retention, c.lives[kind].retention())
	}
	until := now.Add(retention)
	for _, id := range products {
		c.tiers.put(c.forgottenKey(id), newEntry(shapeAnswer, 0, now, until, 0).sealed())
	}
}

func (c *Cache) forgottenKey(product string) Key { return keyOf(c.prefix, forgottenKind, product, nil) }

// productKeys are the keys of the products that a question names by their ids; none if nothing is forgotten.
func (c *Cache) productKeys(kind Kind, q proto.Message) []Key {
	if !c.config.Forgets {
		return nil
	}
	var ids []string
	switch kind {
	case GetProduct, ListRelatedProducts, EstimateFreight:
		if named, ok := q.(interface{ GetId() string }); ok && named.GetId() != "" {
			ids = []string{named.GetId()}
		}
	case Call:
		if call, ok := q.(*zhaohuov1.CallRequest); ok {
			ids = productsNamed(call)
		}
	}
	keys := make([]Key, len(ids))
	for i, id := range ids {
		keys[i] = c.forgottenKey(id)
	}
	return keys
}

// productsNamed are the products that parameters of an API called by its name may name, each once, in order. APIs name products in
// parameters of many names, and within JSON, lists and addresses. So each number that can be the id of a product counts as one: a
// number that is none costs a look into memory, while a product that is missed would be answered with what is no longer so.
func productsNamed(q *zhaohuov1.CallRequest) []string {
	named := map[string]bool{}
	for _, value := range q.GetParameters() {
		for _, digits := range strings.FieldsFunc(value, func(r rune) bool { return r < '0' || r > '9' }) {
			if digits[0] != '0' && len(digits) <= productIDDigits {
				named[digits] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(named))
}

// productIDDigits is how many digits the contract allows an id of a product.
const productIDDigits = 19

// wasForgotten reports whether a product that a question names was forgotten after the entry was stored. It may read the store.
func (c *Cache) wasForgotten(ctx context.Context, q question, e entry) bool {
	return slices.ContainsFunc(q.products, func(product Key) bool { return !e.at().After(c.tiers.forgottenAt(ctx, product)) })
}

// forgotten is wasForgotten as far as this process knows.
func (c *Cache) forgotten(q question, e entry) bool {
	return e != nil && slices.ContainsFunc(q.products, func(product Key) bool {
		h := c.tiers.inProcess(product)
		return h != nil && !e.at().After(h.entry.at())
	})
}

// forgottenAt is when the product of a key was forgotten last; long ago if it never was, or if the store does not answer. That it
// never was is kept in memory too, until the store reports a change.
func (s *tiers) forgottenAt(ctx context.Context, key Key) time.Time {
	h := s.inProcess(key)
	if s.guard != nil && (h == nil || !s.changes.confirmed(h)) {
		if r := s.guard.readMarked(ctx, key, s.changes.mark); r.answered {
			e, ok := entryOf(r.value)
			if !ok {
				e = newEntry(shapeAnswer, 0, time.Unix(0, 0), time.Unix(0, 0), 0).sealed()
			}
			h = s.newest(key, e, r.mark)
		}
	}
	if h == nil {
		return time.Time{}
	}
	return h.entry.at()
}
