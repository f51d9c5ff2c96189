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

// forgottenKind is the kind of the keys under which it is stored when something was forgotten. No question has it.
const forgottenKind Kind = "forgotten"

// What can be forgotten, beside all. The key of a topic says when one of its kind was forgotten last, whichever, so that a question need
// not look up its own topics while nothing of their kind was forgotten since it was answered. In the same way, the key of anything saves
// looking up the topics.
const (
	anything     = "anything"
	everything   = "all"
	aboutProduct = "product"
	aboutKeyword = "keyword"
	// aboutShown is what an answer shows, whatever its question was about.
	aboutShown = "shown"
)

// productsNamedMax is how many products the parameters of an API called by its name may name to be looked up one by one. An answer
// about more is forgotten whenever any product is.
const productsNamedMax = 100

// Forget makes the cache no longer use answers that were stored before now and whose question names one of the products: their details
// in any language and currency, the goods related to them, their freight, and what APIs called by their names answered about them. It
// returns at once. Processes that share the store learn of it as they learn of a newer answer. Without a store that they share, it
// holds for this process.
//
// Answers to searches and lists of a supplier's goods stay, though a product may be in them: their keys are made of words,
// filters and photos, so finding those with a product would take reading all of them, and each has up to 50 goods of which most
// have not changed. They are used for minutes.
//
// What is stored is not removed but dated: an answer counts if it was given after its product was forgotten. The answer
// to a call that is under way at that moment counts as newer.
func (c *Cache) Forget(products []string) { c.forget(aboutProduct, products) }

func (c *Cache) forget(topic string, names []string) {
	c.forgetting.Lock()
	defer c.forgetting.Unlock()
	mark, keys := c.newMark(), c.markKeys(topic, names)
	for i, key := range keys {
		c.tiers.mark(key, mark, i >= len(names))
	}
}

// newMark says that something was forgotten now.
func (c *Cache) newMark() entry {
	retention := time.Minute
	for _, life := range c.lives {
		retention = max(retention, life.retention())
	}
	now := c.config.Now()
	return newEntry(shapeAnswer, 0, now, now.Add(retention), 0).sealed()
}

// markKeys are the keys that say that names of a topic were forgotten, in the order in which they are written: who finds that anything
// was forgotten finds the topic, and then the name.
func (c *Cache) markKeys(topic string, names []string) []Key {
	keys := make([]Key, 0, len(names)+2)
	for _, name := range names {
		keys = append(keys, c.forgottenKey(topic, name))
	}
	return append(keys, c.forgottenKey(topic, ""), c.lastAny)
}

// forgottenKey is the key of a topic's name, or with no name of the topic.
func (c *Cache) forgottenKey(topic, name string) Key {
	return keyOf(c.prefix, forgottenKind, topic, []byte(name))
}

// topic is what a question is about and can be forgotten for. The zero topic is none.
type topic struct {
	// last is the key of the topic.
	last Key
	kind string
	// names are the products or words that it names; nil if it names too many, so that any counts.
	names []string
}

// topicOf is what a question is about; the zero topic if it names neither products nor words.
func (c *Cache) topicOf(kind Kind, q proto.Message) topic {
	switch kind {
	case GetProduct, ListRelatedProducts, EstimateFreight:
		if named, ok := q.(interface{ GetId() string }); ok && named.GetId() != "" {
			return topic{c.lastProduct, aboutProduct, []string{named.GetId()}}
		}
	case GetProductTrends: // What is pushed does not change days that are over.
		if named, ok := q.(interface{ GetId() string }); ok && named.GetId() != "" {
			return topic{c.lastShown, aboutShown, []string{named.GetId()}}
		}
	case Call:
		if call, ok := q.(*zhaohuov1.CallRequest); ok {
			switch ids := productsNamed(call); {
			case len(ids) > productsNamedMax:
				return topic{c.lastProduct, aboutProduct, nil}
			case len(ids) > 0:
				return topic{c.lastProduct, aboutProduct, ids}
			}
		}
	default:
		if named, ok := q.(interface{ GetKeyword() string }); ok && named.GetKeyword() != "" {
			return topic{c.lastKeyword, aboutKeyword, []string{named.GetKeyword()}}
		}
	}
	return topic{}
}

// productsNamed are the products that parameters of an API called by its name may name, each once, in order. APIs name products in
// parameters of many names, and within JSON, lists and addresses. So each number that can be the id of a product counts as one: a
// number that is none costs a look into memory, while a product that is missed would be answered with what is no longer so.
func productsNamed(q *zhaohuov1.CallRequest) []string {
	named := map[string]bool{}
	for _, value := range q.GetParameters() {
		addNumbers(named, value)
	}
	return slices.Sorted(maps.Keys(named))
}

// addNumbers adds each number in a text that can be the id of a product.
func addNumbers(to map[string]bool, text string) {
	for digits := range strings.FieldsFuncSeq(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if digits[0] != '0' && len(digits) <= productIDDigits {
			to[digits] = true
		}
	}
}

// productIDDigits is how many digits the contract allows an id of a product.
const productIDDigits = 19

// wasForgotten reports whether what a question is about, or what the entry shows, was forgotten after the entry was stored. It may read
// the store.
func (c *Cache) wasForgotten(ctx context.Context, q question, e entry) bool {
	return c.forgottenSince(q, e, func(key Key) time.Time { return c.tiers.forgottenAt(ctx, key) })
}

// forgotten is wasForgotten as far as this process knows.
func (c *Cache) forgotten(q question, e entry) bool {
	return e != nil && c.forgottenSince(q, e, c.tiers.forgottenHere)
}

// forgottenSince is wasForgotten by when the topic or name of a key was forgotten last.
func (c *Cache) forgottenSince(q question, e entry, at func(Key) time.Time) bool {
	since := e.at()
	older := func(key Key) bool { return !since.After(at(key)) }
	if !older(c.lastAny) {
		return false
	}
	t := q.topic
	switch {
	case older(c.lastAll):
		return true
	case t.kind != "" && older(t.last) && (t.names == nil || c.anyOf(t.kind, t.names, older)):
		return true
	}
	return older(c.lastShown) && c.shows(q, e, older)
}

// anyOf reports whether the key of any of a topic's names is as looked for.
func (c *Cache) anyOf(topic string, names []string, found func(Key) bool) bool {
	return slices.ContainsFunc(names, func(name string) bool { return found(c.forgottenKey(topic, name)) })
}

// forgottenAt is when the topic or name of a key was forgotten last; long ago if it never was, or if the store does not answer. That it
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

// forgottenHere is forgottenAt as far as this process knows.
func (s *tiers) forgottenHere(key Key) time.Time {
	if h := s.inProcess(key); h != nil {
		return h.entry.at()
	}
	return time.Time{}
}
