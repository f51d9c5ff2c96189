package picture

func mats(f *draft) {
	switch f.form {
	case 0: // half unrolled
		f.body([]point{{-0.3, -0.55}, {0.98, -0.55}, {0.98, 0.7}, {-0.3, 0.7}})
		f.shade(slab(-0.5, 0.05, 0.3, 0.75, 0.2))
		f.first(oval(-0.5, 0.72, 0.28, 0.2))
	case 1: // spread out
		f.body([]point{{-0.55, -0.9}, {0.98, -0.6}, {0.55, 0.9}, {-0.98, 0.6}})
		f.second(band(0.05, point{-0.2, -0.7}, point{-0.4, 0.6}))
	case 2: // folded
		for i, y := range []float64{0.55, 0.1, -0.35} {
			add := f.body
			if i == 1 {
				add = f.first
			}
			add(slab(0, y, 0.9, 0.2, 0.15))
		}
	case 3: // rolled, upright, with straps
		f.body(slab(0, 0.1, 0.4, 0.85, 0.06))
		f.shade(oval(0, -0.72, 0.4, 0.2))
		f.first(slab(0, -0.3, 0.42, 0.08, 0))
		f.first(slab(0, 0.5, 0.42, 0.08, 0))
		f.second(band(0.05, point{0.38, -0.3}, point{0.85, 0.1}, point{0.38, 0.5}))
	}
}

func rods(f *draft) {
	switch f.form {
	case 0: // with a reel
		f.body(band(0.1, point{-0.85, 0.9}, point{0, 0}, point{0.9, -0.92}))
		f.dark(band(0.15, point{-0.9, 0.95}, point{-0.45, 0.48}))
		f.metal(oval(-0.05, 0.42, 0.3, 0.3))
		f.first(oval(-0.05, 0.42, 0.15, 0.15))
	case 1: // parts side by side
		for i, x := range []float64{-0.75, -0.25, 0.25, 0.75} {
			f.body(slab(x, 0.1*float64(i)-0.1, 0.12, 0.82, 0.05))
			f.second(slab(x, 0.1*float64(i)+0.5, 0.15, 0.16, 0.03))
		}
	case 2: // bent
		f.body(band(0.11, point{-0.7, 0.95}, point{-0.6, 0}, point{-0.1, -0.7}, point{0.7, -0.75}, point{0.9, -0.3}))
		f.first(slab(-0.68, 0.6, 0.18, 0.34, 0.06))
		f.second(oval(0.88, 0.25, 0.13, 0.2))
	case 3: // with its bag
		f.first(slab(0.32, 0.05, 0.34, 0.9, 0.2))
		f.dark(slab(0.32, -0.3, 0.36, 0.06, 0))
		f.body(band(0.12, point{-0.5, 0.95}, point{-0.5, 0}, point{-0.42, -0.95}))
		f.second(slab(-0.5, 0.55, 0.17, 0.35, 0.05))
	}
}

func toys(f *draft) {
	face := func(y float64) {
		f.both(f.dark, oval(-0.17, y, 0.07, 0.08))
		f.dark(oval(0, y+0.18, 0.08, 0.06))
	}
	switch f.form {
	case 0: // bear
		f.both(f.first, oval(-0.38, -0.82, 0.2, 0.18))
		f.both(f.shade, oval(-0.55, 0.8, 0.28, 0.19))
		f.body(oval(0, 0.4, 0.6, 0.52))
		f.body(oval(0, -0.45, 0.48, 0.42))
		f.pale(oval(0, -0.3, 0.22, 0.17))
		face(-0.5)
	case 1: // rabbit
		f.both(f.body, oval(-0.24, -0.65, 0.14, 0.35))
		f.body(oval(0, 0.55, 0.42, 0.42))
		f.body(oval(0, -0.08, 0.46, 0.38))
		f.second(slab(0, 0.26, 0.4, 0.08, 0.05))
		face(-0.1)
	case 2: // lying
		f.shade(oval(0.8, -0.1, 0.2, 0.14))
		f.body(oval(0.2, 0.2, 0.75, 0.46))
		f.first(oval(-0.55, -0.05, 0.42, 0.42))
		f.dark(oval(-0.7, -0.1, 0.06, 0.07))
		f.dark(oval(-0.42, -0.1, 0.06, 0.07))
		f.second(oval(-0.2, 0.62, 0.2, 0.12))
	case 3: // dinosaur
		f.second([]point{{0.1, -0.6}, {0.5, -0.65}, {0.4, -0.2}, {0.85, -0.2}, {0.6, 0.2}, {1, 0.3}, {0.2, 0.6}})
		f.body(blob(point{-0.6, 0.9}, point{-0.45, 0}, point{-0.85, -0.3}, point{-0.75, -0.75}, point{-0.2, -0.9}, point{0.25, -0.5}, point{0.35, 0.1}, point{0.9, 0.7}, point{0.3, 0.92}))
		f.dark(oval(-0.45, -0.6, 0.08, 0.09))
	}
}

func notebooks(f *draft) {
	switch f.form {
	case 0: // closed, with a band
		f.shade(slab(0.06, 0.04, 0.68, 0.94, 0.05))
		f.body(slab(0, 0, 0.66, 0.94, 0.06))
		f.second(slab(0.45, 0, 0.06, 0.94, 0))
	case 1: // spiral
		f.body(slab(0.08, 0, 0.68, 0.92, 0.04))
		for i := range 7 {
			f.metal(oval(-0.62, -0.75+0.25*float64(i), 0.13, 0.06))
		}
		f.first(slab(0.12, -0.35, 0.36, 0.16, 0))
	case 2: // open
		f.body(slab(0, 0, 0.99, 0.68, 0.05))
		f.pale([]point{{-0.9, -0.58}, {0, -0.5}, {0, 0.62}, {-0.9, 0.56}})
		f.first([]point{{0.1, -0.5}, {0.85, -0.56}, {0.85, 0.1}, {0.1, 0.15}})
	case 3: // a stack and a pen
		f.second(slab(0.05, 0.5, 0.85, 0.16, 0.04))
		f.first(slab(-0.05, 0.16, 0.85, 0.16, 0.04))
		f.body(slab(0, -0.35, 0.82, 0.38, 0.05))
		f.dark(band(0.06, point{-0.5, -0.85}, point{0.6, -0.7}))
	}
}

func brushes(f *draft) {
	hair := f.palette.first.mix(rgb{90, 60, 40}, 0.5)
	brush := func(x, width, top float64) {
		f.plain(hair, blob(point{x - width*0.7, top + 0.45}, point{x - width, top + 0.2}, point{x, top}, point{x + width, top + 0.2}, point{x + width*0.7, top + 0.45}))
		f.metal(slab(x, top+0.52, width*0.7, 0.12, 0))
		f.body(slab(x, (top+0.64+0.95)/2, width*0.55, (0.95-top-0.64)/2, 0.06))
	}
	switch f.form {
	case 0: // one, broad
		brush(0, 0.42, -0.95)
	case 1: // fan
		f.plain(hair, []point{{-0.95, -0.75}, {0, -0.95}, {0.95, -0.75}, {0.16, -0.1}, {-0.16, -0.1}})
		f.metal(slab(0, 0, 0.17, 0.14, 0))
		f.body(slab(0, 0.52, 0.17, 0.42, 0.06))
	case 2: // three
		brush(-0.65, 0.28, -0.6)
		brush(0, 0.28, -0.95)
		brush(0.65, 0.28, -0.3)
	case 3: // short and thick
		f.plain(hair, oval(0, -0.35, 0.72, 0.55))
		f.metal(slab(0, 0.12, 0.5, 0.12, 0.03))
		f.body(slab(0, 0.55, 0.5, 0.38, 0.2))
	}
}
