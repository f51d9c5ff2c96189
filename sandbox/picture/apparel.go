package picture

func dresses(f *draft) {
	switch f.form {
	case 0: // wide skirt
		f.body([]point{{-0.28, -0.95}, {0.28, -0.95}, {0.3, -0.25}, {0.85, 0.95}, {-0.85, 0.95}, {-0.3, -0.25}})
		f.second(slab(0, -0.25, 0.32, 0.07, 0))
	case 1: // straight with straps
		f.both(f.first, band(0.04, point{-0.2, -0.98}, point{-0.25, -0.6}))
		f.body(blob(point{-0.36, -0.65}, point{0, -0.5}, point{0.36, -0.65}, point{0.32, 0}, point{0.45, 0.9}, point{-0.45, 0.9}, point{-0.32, 0}))
	case 2: // long sleeves
		f.both(f.body, []point{{-0.3, -0.9}, {-0.5, -0.8}, {-0.95, 0.2}, {-0.72, 0.28}, {-0.28, -0.4}})
		f.body([]point{{-0.3, -0.92}, {0.3, -0.92}, {0.34, -0.1}, {0.6, 0.95}, {-0.6, 0.95}, {-0.34, -0.1}})
		f.pale([]point{{-0.14, -0.92}, {0.14, -0.92}, {0, -0.6}})
	case 3: // short with puffed sleeves
		f.both(f.first, oval(-0.5, -0.62, 0.26, 0.28))
		f.body(slab(0, -0.4, 0.42, 0.48, 0.1))
		f.body(blob(point{-0.42, 0}, point{0.42, 0}, point{0.95, 0.62}, point{0, 0.8}, point{-0.95, 0.62}))
	}
}

func tshirts(f *draft) {
	switch f.form {
	case 0: // usual
		f.both(f.body, []point{{-0.4, -0.8}, {-0.98, -0.3}, {-0.75, 0.05}, {-0.4, -0.25}})
		f.body(slab(0, 0.05, 0.52, 0.85, 0.05))
		f.shade(oval(0, -0.8, 0.22, 0.12))
	case 1: // wide
		f.both(f.body, []point{{-0.5, -0.7}, {-1, -0.1}, {-0.9, 0.3}, {-0.5, 0.2}})
		f.body(slab(0, 0.05, 0.68, 0.78, 0.05))
		f.first(oval(0, -0.73, 0.26, 0.13))
	case 2: // long sleeves
		f.both(f.first, []point{{-0.4, -0.85}, {-0.6, -0.7}, {-0.95, 0.6}, {-0.7, 0.68}, {-0.38, -0.2}})
		f.body(slab(0, 0, 0.46, 0.9, 0.05))
		f.pale([]point{{-0.16, -0.9}, {0.16, -0.9}, {0, -0.6}})
	case 3: // with a collar
		f.both(f.body, []point{{-0.42, -0.72}, {-0.95, -0.35}, {-0.8, 0.02}, {-0.42, -0.2}})
		f.body(slab(0, 0.1, 0.5, 0.85, 0.05))
		f.both(f.second, []point{{0, -0.62}, {-0.12, -0.92}, {-0.42, -0.75}, {-0.25, -0.45}})
		f.second(slab(0, -0.4, 0.06, 0.3, 0))
	}
}

func socks(f *draft) {
	sock := func(x, top, width float64) {
		f.body(blob(point{x - width, top}, point{x + width, top}, point{x + width, 0.35}, point{x + width + 0.42, 0.6}, point{x + width + 0.35, 0.92}, point{x - width, 0.88}))
		f.first(slab(x, top+0.02, width+0.06, 0.1, 0.04))
	}
	switch f.form {
	case 0: // one, wide
		sock(-0.2, -0.85, 0.33)
		f.second(oval(-0.28, 0.75, 0.22, 0.18))
	case 1: // a pair
		sock(-0.6, -0.8, 0.22)
		sock(0.35, -0.6, 0.22)
	case 2: // low, a pair behind each other
		sock(-0.5, 0.0, 0.36)
		f.second(slab(0.45, -0.5, 0.45, 0.28, 0.2))
	case 3: // long, upright, three
		for _, x := range []float64{-0.72, 0, 0.72} {
			f.body(slab(x, -0.05, 0.27, 0.85, 0.12))
			f.second(slab(x, 0.75, 0.29, 0.2, 0.15))
		}
	}
}

func caps(f *draft) {
	switch f.form {
	case 0: // from the side
		f.body(blob(point{-0.85, 0.3}, point{-0.75, -0.4}, point{-0.1, -0.75}, point{0.5, -0.3}, point{0.5, 0.3}, point{-0.2, 0.36}))
		f.first(blob(point{0.3, 0.1}, point{0.98, 0.42}, point{0.9, 0.6}, point{0.2, 0.4}))
	case 1: // from the front
		f.body(blob(point{-0.7, 0.2}, point{-0.6, -0.55}, point{0, -0.85}, point{0.6, -0.55}, point{0.7, 0.2}))
		f.second(blob(point{-0.75, 0.2}, point{0, 0.1}, point{0.75, 0.2}, point{0.6, 0.65}, point{0, 0.8}, point{-0.6, 0.65}))
		f.first(slab(0, -0.3, 0.22, 0.2, 0.05))
	case 2: // flat brim, high crown
		f.body(slab(0, -0.3, 0.68, 0.6, 0.3))
		f.shade(slab(0, 0.42, 0.98, 0.15, 0.1))
		f.second(oval(0, -0.9, 0.1, 0.07))
	case 3: // visor
		f.first(band(0.16, point{-0.8, 0.1}, point{-0.5, -0.4}, point{0, -0.55}, point{0.5, -0.4}, point{0.8, 0.1}))
		f.body(blob(point{-0.85, 0.1}, point{0, -0.25}, point{0.85, 0.1}, point{0.55, 0.75}, point{-0.55, 0.75}))
	}
}

func backpacks(f *draft) {
	f.shade(band(0.08, point{-0.2, -0.75}, point{-0.18, -0.97}, point{0.18, -0.97}, point{0.2, -0.75}))
	switch f.form {
	case 0: // one pocket
		f.body(slab(0, 0.05, 0.68, 0.85, 0.35))
		f.first(slab(0, 0.5, 0.48, 0.3, 0.12))
	case 1: // flap with two straps
		f.body(slab(0, 0.1, 0.74, 0.8, 0.15))
		f.second(blob(point{-0.78, -0.7}, point{0.78, -0.7}, point{0.7, 0.15}, point{0, 0.25}, point{-0.7, 0.15}))
		f.both(f.dark, slab(-0.35, 0.2, 0.07, 0.35, 0))
	case 2: // many pockets
		f.both(f.first, slab(-0.78, 0.35, 0.18, 0.4, 0.1))
		f.body(slab(0, 0, 0.62, 0.92, 0.25))
		f.shade(slab(0, -0.3, 0.42, 0.22, 0.08))
		f.second(slab(0, 0.45, 0.46, 0.36, 0.08))
	case 3: // rolled top
		f.body(slab(0, 0.25, 0.58, 0.7, 0.08))
		f.first(slab(0, -0.58, 0.66, 0.2, 0.12))
		f.dark(slab(0, -0.1, 0.06, 0.5, 0))
	}
}

func sneakers(f *draft) {
	sole := func(top, bottom float64, add func([]point)) {
		add(blob(point{-0.95, top}, point{0, top + 0.05}, point{0.95, top}, point{0.98, bottom}, point{0, bottom}, point{-0.92, bottom}))
	}
	switch f.form {
	case 0: // low
		f.body(blob(point{-0.9, 0.35}, point{-0.85, -0.35}, point{-0.35, -0.3}, point{0.1, -0.1}, point{0.85, 0.15}, point{0.9, 0.4}))
		sole(0.35, 0.6, f.pale)
		f.second(band(0.07, point{-0.2, -0.1}, point{0.15, 0.2}))
	case 1: // high
		f.body(blob(point{-0.85, 0.4}, point{-0.8, -0.85}, point{-0.2, -0.9}, point{-0.05, -0.2}, point{0.8, 0.15}, point{0.9, 0.45}))
		sole(0.42, 0.65, f.first)
		f.pale(oval(-0.5, -0.35, 0.2, 0.2))
	case 2: // thick sole
		f.body(blob(point{-0.88, 0.1}, point{-0.8, -0.6}, point{-0.3, -0.5}, point{0.15, -0.3}, point{0.85, -0.05}, point{0.9, 0.15}))
		sole(0.08, 0.68, f.second)
		f.first(blob(point{-0.7, 0}, point{-0.1, -0.25}, point{0.1, 0.05}))
	case 3: // two from above
		for _, x := range []float64{-0.45, 0.45} {
			f.body(blob(point{x - 0.32, -0.5}, point{x, -0.95}, point{x + 0.32, -0.5}, point{x + 0.25, 0.3}, point{x + 0.3, 0.8}, point{x, 0.98}, point{x - 0.3, 0.8}, point{x - 0.25, 0.3}))
			f.dark(oval(x, 0.55, 0.19, 0.3))
			f.pale(slab(x, -0.1, 0.13, 0.25, 0.05))
		}
	}
}

func umbrellas(f *draft) {
	switch f.form {
	case 0: // open
		f.dark(band(0.045, point{0, -0.4}, point{0, 0.75}, point{0.12, 0.92}, point{0.26, 0.8}))
		f.body(blob(point{-0.98, 0.05}, point{-0.7, -0.55}, point{0, -0.9}, point{0.7, -0.55}, point{0.98, 0.05}, point{0.5, -0.05}, point{0, 0.05}, point{-0.5, -0.05}))
	case 1: // closed, long
		f.body(blob(point{-0.3, -0.6}, point{0.3, -0.6}, point{0.1, 0.6}, point{0, 0.95}, point{-0.1, 0.6}))
		f.first(band(0.09, point{0, -0.6}, point{0, -0.85}, point{0.2, -0.97}, point{0.35, -0.8}))
		f.second(slab(0, -0.05, 0.26, 0.07, 0))
	case 2: // folded, short, with its sleeve
		f.body(slab(-0.4, -0.05, 0.28, 0.75, 0.15))
		f.dark(slab(-0.4, 0.82, 0.16, 0.17, 0.06))
		f.first(slab(0.45, 0.05, 0.32, 0.68, 0.08))
	case 3: // from above
		f.body([]point{{0.38, -0.92}, {0.92, -0.38}, {0.92, 0.38}, {0.38, 0.92}, {-0.38, 0.92}, {-0.92, 0.38}, {-0.92, -0.38}, {-0.38, -0.92}})
		f.both(f.shade, []point{{0, 0}, {0.92, -0.38}, {0.92, 0.38}})
		f.dark(oval(0, 0, 0.08, 0.08))
	}
}
