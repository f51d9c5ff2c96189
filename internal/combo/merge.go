package combo

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// canonicalID is an offer's id in one form: the upstream sends numbers in some places and text in others.
func canonicalID(id string) string {
	id = strings.TrimSpace(id)
	if integer, fraction, ok := strings.Cut(id, "."); ok && integer != "" && strings.Trim(fraction, "0") == "" {
		id = integer
	}
	if digits := strings.TrimLeft(id, "0"); digits != "" {
		return digits
	}
	return id
}

// compareID orders ids as numbers of any length.
func compareID(a, b string) int {
	a, b = canonicalID(a), canonicalID(b)
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// found is one product, with all steps that found it.
type found struct {
	product *zhaohuov1.Product
	by      []*zhaohuov1.FoundBy
}

// id is the product's canonical id.
func (f *found) id() string { return f.product.GetId() }

// productsOf are the products of goods, in their order.
func productsOf(goods []*found) []*zhaohuov1.Product {
	products := make([]*zhaohuov1.Product, len(goods))
	for i, f := range goods {
		products[i] = f.product
	}
	return products
}

// goodsSet holds each product once, in the order they were first found.
type goodsSet struct {
	all []*found
	by  map[string]*found
}

// add appends a step's list in its order. by is copied for each product, with its rank. A product that is already there
// only gets fields that were unknown. Products without an id cannot be identified and are left out.
func (b *goodsSet) add(by *zhaohuov1.FoundBy, products ...*zhaohuov1.Product) {
	if b.by == nil {
		b.by = map[string]*found{}
	}
	for i, p := range products {
		id := canonicalID(p.GetId())
		if id == "" {
			continue
		}
		how := proto.CloneOf(by)
		how.Rank = int32(i + 1)
		known := b.by[id]
		if known == nil {
			known = &found{product: proto.CloneOf(p)}
			known.product.Id = id
			b.by[id] = known
			b.all = append(b.all, known)
		} else {
			learn(known.product.ProtoReflect(), p.ProtoReflect())
		}
		if n := len(known.by); n == 0 || known.by[n-1].GetStep() != how.GetStep() || known.by[n-1].GetImageOf() != how.GetImageOf() {
			known.by = append(known.by, how) // A repetition in one list counts at its first position.
		}
	}
}

// get is the product with an id; nil for none.
func (b *goodsSet) get(id string) *found { return b.by[canonicalID(id)] }

// together are groups of fields that belong together: all of them come from one answer.
var together = [][]protoreflect.Name{
	{"price", "price_max", "price_text"},
	{"sold_count", "sold_at_least", "sold_days"},
}

// learn copies fields that are absent in to and present in from, also in nested messages. Known fields stay unchanged.
func learn(to, from protoreflect.Message) {
	fields := from.Descriptor().Fields()
	from.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case partOf(field.Name()) != nil:
		case !to.Has(field):
			to.Set(field, copied(field, value, to))
		case field.Name() == "supplier":
			learn(to.Mutable(field).Message(), value.Message())
		}
		return true
	})
	for _, names := range together {
		lead := fields.ByName(names[0])
		if lead == nil || to.Has(lead) || !from.Has(lead) && knowsAny(to, names) {
			continue
		}
		for _, name := range names {
			field := fields.ByName(name)
			to.Clear(field)
			if from.Has(field) {
				to.Set(field, copied(field, from.Get(field), to))
			}
		}
	}
}

// knowsAny reports whether one of the fields is set.
func knowsAny(m protoreflect.Message, names []protoreflect.Name) bool {
	for _, name := range names {
		if field := m.Descriptor().Fields().ByName(name); field != nil && m.Has(field) {
			return true
		}
	}
	return false
}

// partOf is the group of fields that a field belongs to; nil for none.
func partOf(name protoreflect.Name) []protoreflect.Name {
	for _, names := range together {
		for _, n := range names {
			if n == name {
				return names
			}
		}
	}
	return nil
}

// copied is a deep copy of a value.
func copied(field protoreflect.FieldDescriptor, value protoreflect.Value, to protoreflect.Message) protoreflect.Value {
	switch {
	case field.IsList():
		list := to.NewField(field).List()
		for i := range value.List().Len() {
			list.Append(value.List().Get(i)) // Product has only lists of enums and texts.
		}
		return protoreflect.ValueOfList(list)
	case field.Message() != nil:
		return protoreflect.ValueOfMessage(proto.Clone(value.Message().Interface()).ProtoReflect())
	default:
		return value
	}
}

// rivals reports whether two offers are known to be of different suppliers. A supplier without a name may be any.
func rivals(a, b *zhaohuov1.Product) bool {
	if x, y := a.GetSupplier().GetId(), b.GetSupplier().GetId(); x != "" && y != "" {
		return x != y
	}
	x, y := supplierName(a), supplierName(b)
	return x != "" && y != "" && x != y
}

// supplierName is the supplier's name in one spelling; empty if unknown.
func supplierName(p *zhaohuov1.Product) string {
	return strings.Join(strings.Fields(p.GetSupplier().GetName()), "")
}
