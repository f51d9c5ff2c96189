package catalog

import "strings"

// titles writes the titles of an offer as its supplier would: full of search words, different at every supplier, with the
// same features for the same goods.
func titles(d *dice, v *vocabulary, g *goods) (zh, en string) {
	var parts []phrase
	if d.chance(75) {
		parts = append(parts, pick(d, v.Openings))
	}
	if d.chance(50) {
		parts = append(parts, phrase{g.model, g.model})
	}
	parts = append(parts, sample(d, g.features, d.between(2, 3))...)
	if d.chance(45) {
		parts = append(parts, g.scene)
	}
	parts = append(parts, nouns(d, g.kind)...)
	if d.chance(25) {
		parts = append(parts, g.colour)
	}
	if d.chance(75) {
		parts = append(parts, pick(d, v.Wholesale))
	}
	if d.chance(35) {
		parts = append(parts, pick(d, v.Closings))
	}
	return write(d, parts)
}

// nouns draws what a supplier calls the goods: mostly the usual word, often another one too.
func nouns(d *dice, k *kind) []phrase {
	usual, others := k.Nouns[0], k.Nouns[1:]
	switch roll := d.below(100); {
	case roll < 8:
		return []phrase{pick(d, others)}
	case roll < 55:
		return []phrase{usual, pick(d, others)}
	}
	return []phrase{usual}
}

// write joins the parts. Chinese parts have a space between them now and then. Latin words always have one.
func write(d *dice, parts []phrase) (zh, en string) {
	var a, b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte(' ')
			if d.chance(25) || wordsWouldJoin(a.String(), p[0]) {
				a.WriteByte(' ')
			}
		}
		a.WriteString(p[0])
		b.WriteString(p[1])
	}
	return a.String(), strings.ToUpper(b.String()[:1]) + b.String()[1:]
}

// wordsWouldJoin reports whether two texts without a space between them would read as one Latin word.
func wordsWouldJoin(left, right string) bool {
	return left != "" && right != "" && left[len(left)-1] < 0x80 && right[0] < 0x80
}
