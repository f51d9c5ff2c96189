package cache

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"
)

// forgottenKind is the kind of the keys under which it is stored when a product was forgotten. No question has it.
const forgottenKind Kind = "forgotten"

// Forget has no answer used that was stored before now and whose question names one of the products: their details in any
// language and currency, and the goods related to them. It returns at once. Processes that share the store learn of it as they
// learn of a newer answer. Without a store that they share, it holds for this process.
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
	until := now.Add(max(c.lives[GetProduct].retention(), c.lives[ListRelatedProducts].retention(), time.Minute))
	for _, id := range products {
		c.tiers.put(c.forgottenKey(id), newEntry(shapeAnswer, 0, now, until, 0).sealed())
	}
}

func (c *Cache) forgottenKey(product string) Key { return keyOf(c.prefix, forgottenKind, product, nil) }

// productKey is the key of the product that a question names by its id; nil for none, or if nothing is forgotten.
func (c *Cache) productKey(kind Kind, q proto.Message) *Key {
	if !c.config.Forgets || kind != GetProduct && kind != ListRelatedProducts {
		return nil
	}
	named, ok := q.(interface{ GetId() string })
	if !ok || named.GetId() == "" {
		return nil
	}
	key := c.forgottenKey(named.GetId())
	return &key
}

// wasForgotten reports whether the product that a question names was forgotten after the entry was stored. It may read the store.
func (c *Cache) wasForgotten(ctx context.Context, q question, e entry) bool {
	return q.product != nil && !e.at().After(c.tiers.forgottenAt(ctx, *q.product))
}

// forgotten is wasForgotten as far as this process knows.
func (c *Cache) forgotten(q question, e entry) bool {
	if q.product == nil || e == nil {
		return false
	}
	h := c.tiers.inProcess(*q.product)
	return h != nil && !e.at().After(h.entry.at())
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
