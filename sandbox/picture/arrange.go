package picture

// arrangements is the number of ways to show the goods.
const arrangements = 12

// arrange sets up the scene, from back to front. No arrangement is the mirror image of another: a search by picture accepts
// a mirrored photo as the same goods.
func arrange(d design) []item {
	one := figureOf(d)
	swapped := d
	swapped.palette = d.palette.exchanged()
	other := figureOf(swapped)
	s := d.scale
	// u and v shift things a little, differently for each goods group, so that a pair of mugs is not placed exactly like a
	// pair of socks.
	u, v := d.aside, d.above
	at := func(f figure, x, y, scale, degrees float64) item {
		return item{figure: f, place: placed(x, y, scale*s, degrees), shadow: degrees == 0}
	}
	switch d.arrangement {
	case 1: // tilted
		return []item{at(one, 0.5+0.04*u, 0.5+0.04*v, 0.4, 32+8*u)}
	case 2: // near
		return []item{at(one, 0.55+0.05*u, 0.62+0.05*v, 0.56, 0)}
	case 3: // a pair in two colours, one more to the fore
		return []item{at(one, 0.28, 0.48+0.12*v, 0.25+0.05*u, 0), at(other, 0.74, 0.5-0.12*v, 0.25-0.05*u, 0)}
	case 4: // a big one and a small one
		return []item{at(one, 0.37, 0.44, 0.36, 0), at(other, 0.8+0.04*u, 0.7+0.06*v, 0.18, 0)}
	case 5: // with its box
		return []item{prop(d, slab(0, 0, 0.9+0.2*u, 1+0.2*v, 0.05), 0.21, 0.68, 0.2), at(one, 0.64, 0.44, 0.36, 0)}
	case 6: // above two of the other colour
		return []item{at(one, 0.5+0.08*u, 0.34, 0.31, 0), at(other, 0.25, 0.82, 0.16+0.03*v, 0), at(other, 0.75, 0.82, 0.16-0.03*v, 0)}
	case 7: // three down the diagonal, growing or shrinking
		return []item{at(one, 0.24, 0.26, 0.2-0.06*u, 0), at(one, 0.5+0.07*v, 0.5, 0.2, 0), at(other, 0.76, 0.75, 0.2+0.06*u, 0)}
	case 8: // before a disc
		return []item{prop(d, oval(0, 0, 1, 1), 0.62+0.06*u, 0.38+0.06*v, 0.34), at(one, 0.45, 0.56, 0.37, 0)}
	case 9: // before a wall
		return []item{prop(d, slab(0, 0, 1, 4, 0), 0.05*u, 0.5, 0.34), at(one, 0.6, 0.5+0.04*v, 0.37, 0)}
	case 10: // lying
		return []item{at(one, 0.5, 0.5+0.06*v, 0.42, 90+6*u)}
	case 11: // two lying, one above the other
		return []item{at(one, 0.5+0.06*v, 0.27, 0.27+0.04*u, 82), at(other, 0.5-0.06*v, 0.74, 0.27-0.04*u, 98)}
	}
	return []item{at(one, 0.5+0.04*u, 0.5+0.04*v, 0.42, 0)}
}

// prop is a plain thing beside the goods, in a softened accent.
func prop(d design, outline []point, x, y, scale float64) item {
	colour := d.palette.second.mix(rgb{255, 255, 255}, 0.35)
	paint := func(at point) rgb { return lit(colour, at) }
	return item{figure: figure{{outline, paint}}, place: placed(x, y, scale, 0)}
}

// figureOf makes the figure of a design, in coordinates from about -1 to 1.
func figureOf(d design) figure {
	f := &draft{design: d}
	if paint := figures[d.kind]; paint != nil {
		paint(f)
	} else {
		parcel(f)
	}
	for _, p := range f.figure {
		for i := range p.outline {
			p.outline[i].x *= d.slim
		}
	}
	return f.figure
}

// parcel is drawn for goods of a kind that has no drawing.
func parcel(f *draft) {
	switch f.form {
	case 0:
		f.body(slab(0, 0, 0.9, 0.7, 0.05))
	case 1:
		f.body(oval(0, 0, 0.85, 0.85))
	case 2:
		f.body([]point{{0, -0.9}, {0.9, 0.8}, {-0.9, 0.8}})
	case 3:
		f.body(slab(0, 0.2, 0.6, 0.75, 0.2))
		f.first(oval(0, -0.6, 0.4, 0.3))
	}
}
