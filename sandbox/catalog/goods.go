package catalog

import (
	"fmt"
	"strconv"
)

// These numbers shape the embedded catalogue. Every kind and colour has this many different goods, so that each has enough
// decoys. Some have several suppliers, some exactly one, some are off sale.
const (
	sharedGoods   = 5 // goods with several suppliers, per kind and colour
	singleGoods   = 3 // goods with one supplier, per kind and colour
	delistedGoods = 3 // goods with one supplier and off sale, per kind
	fewestSellers = 3
	mostSellers   = 8
)

// goods is what the offers of a goods group have in common, whoever sells it.
type goods struct {
	kind     *kind
	group    string
	look     Look
	colour   phrase
	model    string
	features []phrase
	scene    phrase
	// priceFen is the price at a priceLevel of 100.
	priceFen   int
	grams      int
	size       [3]int
	attributes []Attribute
	option     property
	delisted   bool
	sellers    []*firm
}

// goodsOfKind makes all goods of a kind.
func goodsOfKind(v *vocabulary, k *kind, firms []*firm) []*goods {
	var out []*goods
	add := func(colour string, sellerCount int, delisted bool) {
		d := newDice(fmt.Sprintf("goods %s %d", k.Name, len(out)))
		g := makeGoods(d, v, k, colour, len(out))
		g.sellers = sample(d, firms, sellerCount)
		g.delisted = delisted
		out = append(out, g)
	}
	for i, colour := range k.Colours {
		d := newDice(fmt.Sprintf("sellers %s %d", k.Name, i))
		for range sharedGoods {
			add(colour, d.between(fewestSellers, mostSellers), false)
		}
		for range singleGoods {
			add(colour, 1, false)
		}
	}
	for i := range delistedGoods {
		add(k.Colours[i%len(k.Colours)], 1, true)
	}
	return out
}

func makeGoods(d *dice, v *vocabulary, k *kind, colour string, ordinal int) *goods {
	g := &goods{
		kind:     k,
		group:    fmt.Sprintf("%s-%03d", k.Name, ordinal),
		look:     Look{Kind: k.Name, Colour: colour, Goods: d.next()<<16 | uint64(ordinal)},
		colour:   phrase{v.Colours[colour], colour},
		model:    modelNumber(k, ordinal),
		features: sample(d, k.Features, 3),
		scene:    pick(d, k.Scenes),
		grams:    d.between(k.Grams[0], k.Grams[1]),
		option:   pick(d, k.Options),
	}
	// Squaring makes most goods cheap, as on a wholesale market.
	r := d.between(0, 1000)
	g.priceFen = k.Price[0] + (k.Price[1]-k.Price[0])*r*r/1_000_000
	for i, mm := range k.Size {
		g.size[i] = max(1, mm*d.between(85, 115)/100)
	}
	g.attributes = attributes(d, g)
	return g
}

// modelNumber is unique within a kind.
func modelNumber(k *kind, ordinal int) string {
	return k.Model + "-" + string(rune('A'+ordinal%20)) + strconv.Itoa((ordinal*7+11)%90+10)
}

func attributes(d *dice, g *goods) []Attribute {
	out := []Attribute{
		attribute(phrase{"颜色", "colour"}, g.colour),
		attribute(phrase{"型号", "model number"}, phrase{g.model, g.model}),
	}
	for _, p := range g.kind.Attributes {
		out = append(out, attribute(p.name, pick(d, p.values)))
	}
	feature := g.features[0]
	return append(out, attribute(phrase{"特点", "feature"}, feature))
}

// attribute derives the id from the name, so that the same name has the same id everywhere.
func attribute(name, value phrase) Attribute {
	id := int64(newDice("attribute "+name[0]).next()%90_000_000) + 10_000_000
	return Attribute{ID: id, Name: name[0], NameEN: name[1], Value: value[0], ValueEN: value[1]}
}
