package picture

// figures are the drawings of all kinds, by the catalogue's names.
var figures = map[string]func(*draft){
	"earphones": earphones, "speakers": speakers, "power_banks": powerBanks, "data_cables": dataCables,
	"phone_cases": phoneCases, "watches": watches, "led_lamps": lamps,
	"silk_dresses": dresses, "tshirts": tshirts, "sweatshirts": sweatshirts, "jeans": jeans, "socks": socks, "caps": caps, "backpacks": backpacks,
	"sneakers": sneakers, "umbrellas": umbrellas,
	"thermos_cups": cups, "kitchen_knives": knives, "frying_pans": pans, "storage_boxes": boxes, "pet_beds": petBeds,
	"yoga_mats": mats, "fishing_rods": rods, "plush_toys": toys, "notebooks": notebooks, "makeup_brushes": brushes,
}

func earphones(f *draft) {
	switch f.form {
	case 0: // two buds with stems
		for _, x := range []float64{-0.5, 0.5} {
			f.body(slab(x, 0.3, 0.17, 0.65, 0.15))
			f.body(oval(x, -0.45, 0.42, 0.4))
			f.dark(oval(x*0.75, -0.45, 0.16, 0.18))
		}
	case 1: // neckband
		f.body(band(0.12, point{-0.75, 0.5}, point{-0.8, -0.2}, point{-0.5, -0.8}, point{0, -0.92}, point{0.5, -0.8}, point{0.8, -0.2}, point{0.75, 0.5}))
		for _, x := range []float64{-0.62, 0.62} {
			f.first(slab(x, 0.55, 0.2, 0.34, 0.15))
			f.dark(oval(x*0.7, 0.85, 0.17, 0.15))
		}
	case 2: // over the head
		f.body(band(0.11, point{-0.72, 0.2}, point{-0.68, -0.5}, point{0, -0.9}, point{0.68, -0.5}, point{0.72, 0.2}))
		for _, x := range []float64{-0.68, 0.68} {
			f.body(slab(x, 0.3, 0.28, 0.5, 0.25))
			f.dark(slab(x*0.72, 0.3, 0.12, 0.42, 0.1))
		}
	case 3: // in an open case
		f.body(slab(0, -0.5, 0.8, 0.42, 0.3))
		f.body(slab(0, 0.4, 0.85, 0.5, 0.35))
		f.dark(slab(0, 0.02, 0.8, 0.1, 0.08))
		f.both(f.pale, oval(-0.35, 0.0, 0.22, 0.26))
	}
}

func speakers(f *draft) {
	switch f.form {
	case 0: // barrel
		f.body(slab(0, 0, 0.98, 0.45, 0.3))
		f.both(f.dark, oval(-0.86, 0, 0.13, 0.42))
	case 1: // box with two cones
		f.body(slab(0, 0, 0.95, 0.6, 0.1))
		for _, x := range []float64{-0.45, 0.45} {
			f.dark(oval(x, 0.05, 0.36, 0.4))
			f.metal(oval(x, 0.05, 0.15, 0.17))
		}
	case 2: // ball
		f.body(oval(0, 0.05, 0.85, 0.85))
		f.dark(oval(0, 0.1, 0.42, 0.42))
		f.first(slab(0, -0.8, 0.2, 0.12, 0.05))
	case 3: // tower with a handle
		f.first(band(0.09, point{-0.4, -0.6}, point{-0.35, -0.95}, point{0.35, -0.95}, point{0.4, -0.6}))
		f.body(slab(0, 0.15, 0.58, 0.85, 0.12))
		f.dark(oval(0, 0.5, 0.4, 0.36))
		f.dark(oval(0, -0.25, 0.22, 0.2))
	}
}

func powerBanks(f *draft) {
	switch f.form {
	case 0: // slab with lamps
		f.body(slab(0, 0, 0.6, 0.95, 0.12))
		f.dark(slab(0, -0.85, 0.25, 0.05, 0))
	case 1: // with a screen
		f.body(slab(0, 0, 0.72, 0.9, 0.25))
		f.dark(slab(0, -0.45, 0.5, 0.3, 0.06))
		f.first(slab(-0.1, -0.45, 0.2, 0.16, 0))
	case 2: // capsule
		f.body(slab(0, 0.1, 0.42, 0.8, 0.4))
		f.metal(slab(0, -0.85, 0.16, 0.14, 0.02))
		f.first(slab(0, 0.62, 0.42, 0.06, 0))
	case 3: // with its own cable
		f.first(band(0.08, point{0.4, -0.8}, point{0.9, -0.85}, point{0.92, 0}, point{0.85, 0.75}))
		f.metal(slab(0.85, 0.82, 0.08, 0.12, 0))
		f.body(slab(-0.15, 0, 0.62, 0.88, 0.08))
		f.shade(slab(-0.15, 0.5, 0.3, 0.2, 0.05))
	}
}

func dataCables(f *draft) {
	plug := func(x, y float64) {
		f.dark(slab(x, y, 0.13, 0.2, 0.04))
		f.metal(slab(x, y+0.27, 0.08, 0.09, 0))
	}
	switch f.form {
	case 0: // coil
		f.body(oval(0, -0.1, 0.85, 0.78))
		f.pale(oval(0, -0.1, 0.5, 0.44))
		f.first(slab(0, 0.6, 0.16, 0.3, 0.03))
		plug(-0.6, 0.65)
		plug(0.6, 0.65)
	case 1: // wave
		f.body(band(0.15, point{-0.8, 0.5}, point{-0.75, -0.7}, point{-0.25, -0.7}, point{0, 0}, point{0.25, 0.7}, point{0.75, 0.7}, point{0.8, -0.5}))
		plug(-0.8, 0.6)
		plug(0.8, -0.6)
	case 2: // one to three
		f.body(band(0.15, point{0, -0.95}, point{0, -0.5}, point{0, -0.1}))
		for _, x := range []float64{-0.7, 0, 0.7} {
			f.body(band(0.11, point{0, -0.1}, point{x, 0.05}, point{x, 0.45}))
			plug(x, 0.55)
		}
		f.first(slab(0, -0.1, 0.28, 0.17, 0.06))
	case 3: // reel
		f.body(band(0.1, point{-0.95, 0.7}, point{-0.8, 0.3}, point{0, 0}, point{0.8, 0.3}, point{0.95, 0.7}))
		f.body(oval(0, -0.15, 0.62, 0.62))
		f.second(oval(0, -0.15, 0.2, 0.2))
		plug(-0.9, 0.6)
		plug(0.9, 0.6)
	}
}

func phoneCases(f *draft) {
	f.body(slab(0, 0, 0.52, 0.98, 0.16))
	switch f.form {
	case 0: // square camera
		f.dark(slab(-0.22, -0.66, 0.24, 0.24, 0.08))
		f.metal(oval(-0.31, -0.75, 0.08, 0.08))
		f.metal(oval(-0.13, -0.57, 0.08, 0.08))
	case 1: // camera bar
		f.dark(slab(0, -0.64, 0.46, 0.16, 0.1))
		f.metal(oval(-0.2, -0.64, 0.1, 0.1))
	case 2: // ring stand
		f.dark(slab(-0.24, -0.68, 0.2, 0.2, 0.06))
		f.second(oval(0, 0.25, 0.36, 0.36))
		f.body(oval(0, 0.25, 0.2, 0.2))
	case 3: // lanyard
		f.first(band(0.09, point{-0.4, -0.9}, point{-0.95, -0.5}, point{-0.9, 0.5}, point{-0.4, 0.92}))
		f.dark(oval(0, -0.55, 0.3, 0.3))
		f.metal(oval(0, -0.55, 0.14, 0.14))
	}
}

func watches(f *draft) {
	dial := func(outline []point, inner []point) {
		f.metal(outline)
		f.plain(f.palette.second, inner)
		f.dark(band(0.035, point{0, 0}, point{0.02, -0.25}))
		f.dark(band(0.035, point{0, 0}, point{0.2, 0.08}))
	}
	switch f.form {
	case 0: // round
		f.body(slab(0, 0, 0.3, 1, 0.1))
		dial(oval(0, 0, 0.55, 0.52), oval(0, 0, 0.42, 0.4))
	case 1: // square
		f.body(slab(0, 0, 0.36, 1, 0.06))
		dial(slab(0, 0, 0.52, 0.46, 0.1), slab(0, 0, 0.4, 0.35, 0.06))
	case 2: // stopwatch with three eyes
		f.body(slab(0, 0, 0.4, 1, 0.1))
		f.metal(slab(0.66, 0, 0.1, 0.09, 0))
		dial(oval(0, 0, 0.66, 0.62), oval(0, 0, 0.54, 0.5))
		f.both(f.pale, oval(-0.24, 0.05, 0.13, 0.13))
		f.pale(oval(0, 0.28, 0.13, 0.13))
	case 3: // closed bracelet
		f.body(oval(0, 0.1, 0.8, 0.85))
		f.pale(oval(0, 0.15, 0.55, 0.6))
		dial(slab(0, -0.62, 0.5, 0.32, 0.2), slab(0, -0.62, 0.38, 0.22, 0.15))
	}
}

func lamps(f *draft) {
	glow := rgb{255, 236, 170}
	switch f.form {
	case 0: // on an arm
		f.shade(oval(-0.2, 0.88, 0.5, 0.12))
		f.first(band(0.07, point{-0.2, 0.85}, point{-0.45, 0.1}, point{-0.1, -0.55}, point{0.4, -0.7}))
		f.body([]point{{0.1, -0.9}, {0.5, -0.95}, {0.95, -0.3}, {0.2, -0.25}})
		f.plain(glow, oval(0.57, -0.26, 0.36, 0.1))
	case 1: // mushroom
		f.shade(slab(0, 0.5, 0.22, 0.45, 0.1))
		f.second(oval(0, 0.9, 0.5, 0.12))
		f.body(blob(point{-0.9, 0.1}, point{-0.7, -0.6}, point{0, -0.95}, point{0.7, -0.6}, point{0.9, 0.1}, point{0, 0.2}))
	case 2: // globe
		f.plain(glow, oval(0, -0.3, 0.66, 0.64))
		f.body(oval(0, -0.15, 0.6, 0.5))
		f.first([]point{{-0.25, 0.3}, {0.25, 0.3}, {0.55, 0.95}, {-0.55, 0.95}})
	case 3: // bar
		f.body(slab(0, -0.78, 0.95, 0.17, 0.08))
		f.plain(glow, slab(0, -0.58, 0.85, 0.05, 0))
		f.first(slab(0, 0.1, 0.09, 0.75, 0))
		f.body(slab(0, 0.82, 0.55, 0.15, 0.06))
	}
}
