package titles

// noun is a name of goods at one place of a title.
type noun struct {
	// key is the name; it is the words from..to of the title.
	key      string
	from, to int
	// weight is how sure it is that the name stands for the goods that are sold, 0 to 1.
	weight float64
	// sure is the weight but for the place in the title.
	sure float64
}

// How sure a name stands for the goods that are sold, by how it was recognised.
const (
	sureGoods  = 1.0
	sureFound  = 0.8
	sureObject = 0.5
	sureSuffix = 0.6
	sureLoose  = 0.3
	// sureCompound is more than sureLoose, so that the second part of a compound is preferred to the first.
	sureCompound = 0.45
	sureGeneric  = 0.1
	sureForeign  = 0.05
	// beforeGoods is the part of the weight that other goods right behind it leave: it may say only what they are like.
	beforeGoods = 0.6
	// later is the part of the weight that each name before it in the title leaves. Sellers begin with the goods.
	later = 0.9
	// latest is the least part that is left.
	latest = 0.5
)

// nounsOf are the names of goods in a title, in their order. Chinese names end in their head: a cover for suitcases is
// 行李箱保护套. So goods before an accessory that touches them only say what it is for.
func nounsOf(pieces []piece) []noun {
	var all []noun
	place := 1.0
	for i := range pieces {
		n := nounAt(pieces, i)
		if n.weight == 0 {
			continue
		}
		n.sure = n.weight
		n.weight *= place
		all = append(all, n)
		if n.weight > sureGeneric {
			place = max(latest, place*later)
		}
	}
	return all
}

// nounAt is the name of goods that ends with the word at a position; its weight is 0 if there is none.
func nounAt(pieces []piece, i int) noun {
	p := pieces[i]
	n := noun{key: p.key, from: i, to: i + 1}
	switch {
	case isUnit(pieces, i):
	case p.is(goods|accessory) && p.length > 1:
		n.weight = goodsWeight(pieces, i)
	case p.is(found):
		n.weight = sureLoose
		if p.is(suffix) && !p.is(weak) {
			n.weight = sureFound
		}
	case p.is(suffix) && p.length == 1 && i > 0 && !p.gap && mayCompose(pieces[i-1]):
		return noun{key: pieces[i-1].key + p.key, from: i - 1, to: i + 1, weight: suffixWeight(pieces, i)}
	case p.is(generic):
		n.weight = sureGeneric
	case p.class == 0 && !p.han && !p.isNumber():
		n.weight = sureForeign
	}
	return n
}

// isUnit reports whether a word is the unit of the number before it.
func isUnit(pieces []piece, i int) bool {
	return i > 0 && !pieces[i].gap && pieces[i-1].isNumber() && pieces[i].class&^found == 0
}

// goodsWeight is how sure a name of the lexicon stands for the goods; 0 if it only says what an accessory is for.
func goodsWeight(pieces []piece, i int) float64 {
	p := pieces[i]
	weight := sureGoods
	switch {
	case modifies(pieces, i):
		return 0
	case p.is(generic):
		weight = sureGeneric
	case p.is(object | scene | feature | material):
		weight = sureObject
	}
	if next, ok := touching(pieces, i); ok && next.is(goods) && next.length > 1 && last(p.key) != last(next.key) {
		weight *= beforeGoods
	}
	return weight
}

// modifies reports whether the goods at a position only say what the accessory behind them is for.
func modifies(pieces []piece, i int) bool {
	p := pieces[i]
	next, ok := touching(pieces, i)
	if !ok {
		return false
	}
	if p.is(object) && next.is(goods|accessory) && next.length > 1 {
		return true
	}
	if next.key == onlyFor && i+2 < len(pieces) && !pieces[i+2].gap {
		return true
	}
	return next.is(accessory) && last(p.key) != last(next.key)
}

// onlyFor stands between what goods are for and their name: 空气炸锅专用纸.
const onlyFor = "专用"

// touching is the word that touches a position's word from behind.
func touching(pieces []piece, i int) (next piece, ok bool) {
	if i+1 >= len(pieces) || pieces[i+1].gap {
		return piece{}, false
	}
	return pieces[i+1], true
}

// suffixWeight is how sure the word at a position and the one before it are a name that the lexicon does not have.
func suffixWeight(pieces []piece, i int) float64 {
	p, before := pieces[i], pieces[i-1]
	switch next, ok := touching(pieces, i); {
	case ok && next.is(suffix) && next.length == 1:
		return sureLoose * beforeGoods // The name goes on: 画册.
	case ok && next.han && next.length == 1 && !next.is(audience|trade|season):
		return sureLoose // The name may go on.
	case p.is(weak):
		return sureLoose // The character ends many other words too.
	case p.is(accessory) && before.is(object) && before.length > 1:
		return sureGoods
	}
	return sureSuffix
}

// mayCompose reports whether a word can be the first part of a name.
func mayCompose(p piece) bool {
	if p.length == 1 {
		return p.han && !p.is(audience|trade|season)
	}
	return p.han && !p.is(audience|trade|season|weak|common)
}
