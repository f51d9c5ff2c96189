package picture

func cups(f *draft) {
	switch f.form {
	case 0: // bottle
		f.body(slab(0, 0.2, 0.38, 0.78, 0.12))
		f.metal(slab(0, -0.66, 0.3, 0.1, 0))
		f.first(slab(0, -0.84, 0.32, 0.14, 0.06))
	case 1: // mug with a handle
		f.second(band(0.1, point{0.45, -0.35}, point{0.95, -0.3}, point{0.92, 0.4}, point{0.42, 0.5}))
		f.body(slab(-0.1, 0.1, 0.6, 0.75, 0.12))
		f.dark(slab(-0.1, -0.7, 0.64, 0.12, 0.06))
	case 2: // tumbler with a straw
		f.pale(band(0.06, point{0.12, -0.6}, point{0.3, -0.98}))
		f.body([]point{{-0.56, -0.5}, {0.56, -0.5}, {0.4, 0.95}, {-0.4, 0.95}})
		f.first(slab(0, -0.54, 0.62, 0.12, 0.06))
	case 3: // bullet with a cup on top
		f.body(slab(0, 0.25, 0.4, 0.72, 0.06))
		f.second(blob(point{-0.4, -0.45}, point{-0.34, -0.8}, point{0, -0.98}, point{0.34, -0.8}, point{0.4, -0.45}))
		f.dark(slab(0.48, 0.0, 0.07, 0.45, 0.05))
	}
}

func knives(f *draft) {
	blade := rgb{196, 200, 208}
	switch f.form {
	case 0: // chef's
		f.plain(blade, blob(point{-0.35, -0.3}, point{0.5, -0.28}, point{0.98, 0.1}, point{0.3, 0.28}, point{-0.35, 0.3}))
		f.body(slab(-0.68, -0.08, 0.34, 0.2, 0.08))
		f.second(slab(-0.32, 0, 0.06, 0.3, 0))
	case 1: // cleaver
		f.plain(blade, slab(0.28, 0, 0.68, 0.5, 0.06))
		f.body(slab(-0.7, -0.25, 0.32, 0.17, 0.1))
		f.dark(oval(0.8, -0.32, 0.08, 0.08))
		f.first(slab(0.28, -0.42, 0.6, 0.08, 0))
	case 2: // three in a block
		f.body([]point{{-0.6, 0}, {0.6, -0.15}, {0.75, 0.95}, {-0.75, 0.95}})
		for i, x := range []float64{-0.38, 0, 0.38} {
			f.dark(slab(x, -0.42-0.12*float64(i), 0.13, 0.42, 0.06))
		}
		f.first(slab(0, 0.45, 0.35, 0.18, 0))
	case 3: // with its sheath
		f.plain(blade, blob(point{-0.3, -0.55}, point{0.5, -0.55}, point{0.95, -0.38}, point{0.4, -0.12}, point{-0.3, -0.12}))
		f.shade(slab(-0.64, -0.34, 0.34, 0.17, 0.1))
		f.body(slab(0.1, 0.48, 0.85, 0.3, 0.12))
		f.second(slab(-0.5, 0.48, 0.1, 0.3, 0))
	}
}

func pans(f *draft) {
	switch f.form {
	case 0: // from above
		f.first(slab(0.1, 0.78, 0.12, 0.24, 0.06))
		f.shade(oval(0, -0.15, 0.8, 0.76))
		f.body(oval(0, -0.15, 0.68, 0.64))
	case 1: // from the side
		f.body([]point{{-0.95, -0.05}, {0.35, -0.05}, {0.15, 0.55}, {-0.75, 0.55}})
		f.second(band(0.09, point{0.3, 0.05}, point{0.65, -0.15}, point{0.98, -0.35}))
		f.dark(slab(-0.3, 0.62, 0.42, 0.07, 0))
	case 2: // square
		f.shade(slab(0, 0.25, 0.72, 0.66, 0.08))
		f.body(slab(0, 0.25, 0.6, 0.54, 0.05))
		f.first(slab(0, -0.7, 0.13, 0.3, 0.06))
	case 3: // two handles and a lid
		f.both(f.first, slab(-0.82, 0.3, 0.16, 0.09, 0.04))
		f.body(slab(0, 0.4, 0.72, 0.4, 0.15))
		f.pale(blob(point{-0.72, -0.05}, point{0, -0.55}, point{0.72, -0.05}))
		f.dark(oval(0, -0.55, 0.14, 0.11))
	}
}

func boxes(f *draft) {
	switch f.form {
	case 0: // open crate, seen a little from above
		f.shade([]point{{-0.9, -0.4}, {-0.6, -0.75}, {0.6, -0.75}, {0.9, -0.4}})
		f.body(slab(0, 0.2, 0.9, 0.62, 0.06))
		f.dark(slab(0, -0.1, 0.25, 0.09, 0.08))
	case 1: // with a lid
		f.body(slab(0, 0.25, 0.8, 0.62, 0.1))
		f.first(slab(0, -0.48, 0.92, 0.16, 0.06))
		f.both(f.dark, slab(-0.86, -0.2, 0.07, 0.2, 0.02))
	case 2: // three drawers
		f.shade(slab(0, 0, 0.72, 0.97, 0.04))
		for _, y := range []float64{-0.62, 0, 0.62} {
			f.body(slab(0, y, 0.64, 0.26, 0.04))
			f.dark(slab(0, y, 0.18, 0.05, 0))
		}
	case 3: // hamper with handles
		f.second(band(0.08, point{-0.4, -0.35}, point{-0.35, -0.85}, point{0.35, -0.85}, point{0.4, -0.35}))
		f.body([]point{{-0.92, -0.4}, {0.92, -0.4}, {0.7, 0.85}, {-0.7, 0.85}})
		f.first(slab(0, -0.42, 0.95, 0.1, 0.05))
	}
}

func petBeds(f *draft) {
	switch f.form {
	case 0: // ring
		f.body(oval(0, 0.05, 0.98, 0.75))
		f.second(oval(0, 0, 0.6, 0.42))
	case 1: // cave
		f.body(blob(point{-0.85, 0.75}, point{-0.8, -0.2}, point{0, -0.95}, point{0.8, -0.2}, point{0.85, 0.75}))
		f.dark(oval(0.1, 0.35, 0.42, 0.42))
		f.first(oval(0.1, 0.62, 0.36, 0.16))
	case 2: // sofa
		f.body(slab(0, -0.25, 0.95, 0.45, 0.2))
		f.first(slab(0, 0.4, 0.7, 0.28, 0.1))
		f.both(f.shade, slab(-0.82, 0.3, 0.17, 0.42, 0.12))
	case 3: // tent
		f.body([]point{{0, -0.95}, {0.9, 0.7}, {-0.9, 0.7}})
		f.shade([]point{{0, -0.4}, {0.38, 0.7}, {-0.38, 0.7}})
		f.second(slab(0, 0.78, 0.95, 0.15, 0.1))
	}
}
