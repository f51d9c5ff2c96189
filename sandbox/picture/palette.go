package picture

import "math"

// palette holds the colours of the goods.
type palette struct {
	body rgb
	// first and second are the colours of patterns and parts. Both stand out from the body.
	first, second rgb
}

// body is one of the catalogue's colours.
type body struct {
	name   string
	colour rgb
}

var bodies = []body{
	{"black", rgb{38, 38, 42}},
	{"white", rgb{246, 246, 244}},
	{"pink", rgb{238, 158, 180}},
	{"blue", rgb{52, 98, 178}},
	{"green", rgb{62, 134, 86}},
	{"red", rgb{196, 44, 48}},
	{"grey", rgb{132, 136, 140}},
	{"beige", rgb{222, 202, 170}},
	{"brown", rgb{118, 78, 50}},
	{"purple", rgb{124, 84, 164}},
	{"yellow", rgb{240, 202, 70}},
	{"silver", rgb{190, 194, 200}},
}

var accents = []rgb{
	{250, 250, 248},
	{32, 32, 36},
	{214, 54, 50},
	{246, 196, 60},
	{40, 110, 190},
	{70, 156, 96},
	{240, 140, 60},
	{130, 90, 172},
	{236, 150, 176},
	{112, 74, 48},
	{60, 176, 184},
	{176, 180, 186},
}

func newPalette(name string, d *dice) palette {
	main := bodies[d.below(len(bodies))].colour
	for _, b := range bodies {
		if b.name == name {
			main = b.colour
		}
	}
	for i := range main {
		main[i] += d.between(-12, 12)
	}
	p := palette{body: main}
	p.first = pickApart(d, main)
	p.second = pickApart(d, main, p.first)
	return p
}

// pickApart draws an accent that stands out from all given colours.
func pickApart(d *dice, from ...rgb) rgb {
	for {
		a := accents[d.below(len(accents))]
		apart := true
		for _, c := range from {
			apart = apart && distance(a, c) > 110
		}
		if apart {
			return a
		}
	}
}

func distance(a, b rgb) float64 {
	return math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2])
}

func (c rgb) luminance() float64 { return 0.299*c[0] + 0.587*c[1] + 0.114*c[2] }

// backdrop is light, and a little darker for light goods.
func (p palette) backdrop(d *dice) rgb {
	tones := []rgb{{246, 246, 246}, {236, 240, 246}, {248, 240, 232}, {238, 246, 238}, {246, 236, 240}}
	tone := tones[d.below(len(tones))]
	if p.body.luminance() > 170 {
		tone = tone.scale(0.74)
	}
	return tone
}

// exchanged returns the palette of the same goods with body and first accent exchanged.
func (p palette) exchanged() palette { return palette{body: p.first, first: p.body, second: p.second} }
