package picture

func sweatshirts(f *draft) {
	switch f.form {
	case 0: // hooded, with a pocket
		f.both(f.body, []point{{-0.42, -0.6}, {-0.98, 0.3}, {-0.78, 0.5}, {-0.42, 0}})
		f.body(slab(0, 0.2, 0.5, 0.75, 0.08))
		f.first(blob(point{-0.42, -0.5}, point{-0.3, -0.95}, point{0, -1}, point{0.3, -0.95}, point{0.42, -0.5}, point{0, -0.35}))
		f.shade([]point{{-0.22, 0.3}, {0.22, 0.3}, {0.36, 0.75}, {-0.36, 0.75}})
	case 1: // round neck, wide, with ribs at hem and cuffs
		f.both(f.body, []point{{-0.5, -0.75}, {-1, 0.35}, {-0.76, 0.5}, {-0.5, 0.1}})
		f.both(f.second, []point{{-1.02, 0.35}, {-0.76, 0.5}, {-0.82, 0.68}, {-1.06, 0.54}})
		f.body(slab(0, 0, 0.64, 0.76, 0.06))
		f.second(slab(0, 0.8, 0.6, 0.12, 0.02))
		f.first(oval(0, -0.74, 0.28, 0.12))
	case 2: // open zip
		f.both(f.first, []point{{-0.4, -0.8}, {-0.62, -0.65}, {-0.9, 0.7}, {-0.66, 0.76}, {-0.38, -0.1}})
		f.body(slab(0, 0.02, 0.5, 0.9, 0.05))
		f.metal(slab(0, 0.02, 0.04, 0.88, 0))
		f.both(f.dark, slab(-0.3, 0.45, 0.05, 0.24, 0))
		f.second([]point{{-0.3, -0.9}, {0.3, -0.9}, {0.12, -0.55}, {-0.12, -0.55}})
	case 3: // cropped, half zip, high collar
		f.both(f.body, []point{{-0.5, -0.5}, {-0.95, 0.55}, {-0.68, 0.66}, {-0.45, 0.15}})
		f.body(slab(0, 0.05, 0.6, 0.6, 0.12))
		f.second(slab(0, -0.68, 0.26, 0.22, 0.06))
		f.metal(slab(0, -0.42, 0.035, 0.46, 0))
	}
}

func jeans(f *draft) {
	waist := func(half float64) {
		f.shade(slab(0, -0.88, half, 0.1, 0.02))
		f.metal(oval(0, -0.88, 0.06, 0.06))
	}
	switch f.form {
	case 0: // straight
		f.both(f.body, []point{{-0.52, -0.8}, {0, -0.8}, {0, -0.3}, {-0.1, 0.98}, {-0.56, 0.98}})
		waist(0.52)
		f.both(f.second, []point{{-0.46, -0.74}, {-0.2, -0.74}, {-0.44, -0.4}})
	case 1: // wide legs
		f.both(f.body, []point{{-0.42, -0.8}, {0, -0.8}, {0, -0.25}, {-0.08, 0.95}, {-0.95, 0.95}})
		waist(0.42)
		f.both(f.first, slab(-0.5, 0.86, 0.42, 0.1, 0))
	case 2: // folded
		f.body(slab(0, -0.1, 0.62, 0.85, 0.1))
		f.shade(slab(0, -0.85, 0.62, 0.12, 0.04))
		f.first(slab(0.12, 0.4, 0.4, 0.36, 0.06))
		f.dark(slab(0, -0.38, 0.03, 0.36, 0))
		f.second(slab(0, 0.88, 0.66, 0.1, 0.06))
	case 3: // with pockets on the legs, cuffs turned up
		f.both(f.body, []point{{-0.5, -0.8}, {0, -0.8}, {0, -0.35}, {-0.16, 0.8}, {-0.6, 0.8}})
		waist(0.5)
		f.both(f.first, slab(-0.62, 0.15, 0.22, 0.26, 0.04))
		f.both(f.pale, slab(-0.4, 0.86, 0.26, 0.12, 0.02))
	}
}
