package imaging

// usualSampling reports whether image/jpeg decodes these components; the slower package anyjpeg decodes the rest.
// image/jpeg needs equal factors for both chroma components that divide those of luma, or for four inks equal factors
// for the first and the last.
func usualSampling(components []jpegComponent) bool {
	for _, one := range components {
		if one.h == 3 || one.v == 3 {
			return false
		}
	}
	switch len(components) {
	case 3:
		y, cb, cr := components[0], components[1], components[2]
		return y.v != 4 && y.h%cb.h == 0 && y.v%cb.v == 0 && cb.h == cr.h && cb.v == cr.v
	case 4:
		c, m, y, k := components[0], components[1], components[2], components[3]
		return c.h == c.v && c.h <= 2 && m.h*m.v*y.h*y.v == 1 && k.h == c.h && k.v == c.v
	}
	return true
}

func (w *jpegWalk) decodeCost() cost {
	var sum, most int64
	for i, one := range w.components {
		if i < 3 {
			sum += int64(one.h) * int64(one.v)
		}
		most = max(most, int64(one.h)*int64(one.v))
	}
	if w.oddSampling {
		return w.oddCost()
	}
	pixels := (8*sum + most - 1) / most
	if len(w.components) == 1 {
		pixels = 8 // one component is never subsampled
	}
	c := cost{decoder: pixels, turn: pixels}
	coefficients := pixels
	switch {
	case len(w.components) == 4:
		coefficients += 8
		c = cost{decoder: pixels + 8 + 32, convert: ycc420, turn: ycc420}
	case w.rgb():
		c = cost{decoder: pixels + 32, convert: ycc420, turn: ycc420}
	}
	if w.progressive {
		c.decoder += 4 * coefficients // every coefficient is held as 32 bits until the last scan
	}
	return c
}

// rgb reports that the components are red, green and blue.
func (w *jpegWalk) rgb() bool {
	c := w.components
	ids := len(c) == 3 && c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B'
	return len(c) == 3 && !w.jfif && (w.adobe == 0 || ids)
}

// oddCost is the cost of package anyjpeg: 16-bit coefficients, full-size planes, one more while it works, and the
// result unless it is the planes themselves.
func (w *jpegWalk) oddCost() cost {
	var sum, hMost, vMost int64
	for _, one := range w.components {
		sum += int64(one.h) * int64(one.v)
		hMost, vMost = max(hMost, int64(one.h)), max(vMost, int64(one.v))
	}
	planes := 8 * int64(len(w.components))
	c := cost{decoder: 16*sum/(hMost*vMost) + 16 + planes + 8, turn: planes}
	if len(w.components) == 4 || w.rgb() {
		c = cost{decoder: c.decoder + 32, convert: ycc420, turn: ycc420}
	}
	return c
}
