package cache

import (
	"context"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Reach is which processes a purge holds for.
type Reach string

// The reaches.
const (
	// ReachProcess is this process, until it ends: it has no store, or the store failed.
	ReachProcess Reach = "process"
	// ReachStore is this process, and those that start later with its store. Others that share the store are not informed.
	ReachStore Reach = "store"
	// ReachReplicas is all processes that share the store. One that cannot reach it is informed when it can.
	ReachReplicas Reach = "replicas"
)

// PurgeAll makes the cache no longer use answers that were stored before now. It waits for the store until ctx ends. As with
// [Cache.Forget], the answer to a call that is under way counts as newer.
func (c *Cache) PurgeAll(ctx context.Context) Reach {
	c.tiers.memory.InvalidateAll()
	return c.purge(ctx, everything, nil)
}

// PurgeKeyword is PurgeAll for the answers to questions with these words: searches and their facets, with any filters, on any page. White
// space does not matter.
func (c *Cache) PurgeKeyword(ctx context.Context, keyword string) Reach {
	return c.purge(ctx, aboutKeyword, []string{words(keyword)})
}

// PurgeProducts is PurgeAll for the answers that are about one of the products or show it, whatever the question was. Unlike
// [Cache.Forget], it has every answer from before looked through when it is next asked for: a purge is rare, and pushes are not.
//
// An answer of an API called by its name with more than 100 different numbers counts as one that shows it.
func (c *Cache) PurgeProducts(ctx context.Context, ids []string) Reach {
	return c.purge(ctx, aboutShown, ids)
}

func (c *Cache) purge(ctx context.Context, topic string, names []string) Reach {
	var writes []*write
	c.forgetting.Lock()
	c.tiers.unpin(c.config.Now())
	mark := c.newMark()
	for _, key := range c.markKeys(topic, names) {
		writes = append(writes, c.tiers.mark(key, mark, true))
	}
	c.forgetting.Unlock()
	for _, w := range writes {
		if !w.wait(ctx) {
			return ReachProcess
		}
	}
	if c.tiers.changes.reporting.Load() {
		return ReachReplicas
	}
	return ReachStore
}

// shows reports whether a question names, or its answer shows, a product whose key is as looked for.
func (c *Cache) shows(q question, e entry, found func(Key) bool) bool {
	ids, known := productsShown(q.kind, e)
	if !known {
		return true
	}
	if q.topic.kind == aboutProduct {
		if q.topic.names == nil {
			return true
		}
		ids = append(ids, q.topic.names...)
	}
	return c.anyOf(aboutShown, ids, found)
}

// productsShown are the texts in an answer that can be ids of products. known is false if they are not known: too many, or the answer
// cannot be read.
func productsShown(kind Kind, e entry) (ids []string, known bool) {
	if e.notFound() {
		return nil, true
	}
	form, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName("zhaohuo.v1." + string(kind) + "Response"))
	if err != nil {
		return nil, false
	}
	answer := form.New()
	if err := proto.Unmarshal(e.body(), answer.Interface()); err != nil {
		return nil, false
	}
	all := map[string]bool{}
	err = protorange.Range(answer, func(at protopath.Values) error {
		text, ok := at.Index(-1).Value.Interface().(string)
		if ok && (kind == Call || isNumber(text)) {
			addNumbers(all, text)
		}
		return nil
	})
	if err != nil || kind == Call && len(all) > productsNamedMax {
		return nil, false
	}
	return slices.Collect(maps.Keys(all)), true
}

// isNumber reports whether a text is nothing but a number that can be the id of a product.
func isNumber(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}
