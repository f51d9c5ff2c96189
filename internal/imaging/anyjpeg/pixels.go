package anyjpeg

import (
	"image"
	"image/color"
	"math"
)

// picture turns coefficients into pixels.
func (d *decoder) picture() (image.Image, error) {
	if d.components == nil {
		return nil, damaged("no frame header")
	}
	planes := make([]*image.Gray, len(d.components))
	for i := range d.components {
		c := &d.components[i]
		quant := d.quant[c.quant]
		if quant == nil || !c.seen {
			return nil, damaged("the pixels or the quantisation table of component %d are missing", i)
		}
		planes[i] = d.spread(c, transform(c, quant))
		c.coefficients = nil
	}
	bounds := image.Rect(0, 0, d.width, d.height)
	switch {
	case len(planes) == 1:
		return planes[0], nil
	case len(planes) == 4:
		return d.inks(planes), nil
	case d.isRGB():
		img := image.NewRGBA(bounds)
		for i := range planes[0].Pix {
			p := img.Pix[4*i : 4*i+4 : 4*i+4]
			p[0], p[1], p[2], p[3] = planes[0].Pix[i], planes[1].Pix[i], planes[2].Pix[i], 255
		}
		return img, nil
	}
	return &image.YCbCr{
		Y: planes[0].Pix, Cb: planes[1].Pix, Cr: planes[2].Pix,
		YStride: d.width, CStride: d.width, SubsampleRatio: image.YCbCrSubsampleRatio444, Rect: bounds,
	}, nil
}

// isRGB follows libjpeg: JFIF means YCbCr, otherwise Adobe's segment decides, otherwise the components' names.
func (d *decoder) isRGB() bool {
	if d.jfif {
		return false
	}
	if d.adobe >= 0 {
		return d.adobe == 0
	}
	return d.components[0].id == 'R' && d.components[1].id == 'G' && d.components[2].id == 'B'
}

// inks combines four planes. Inks are stored inverted. With Adobe's transform the first three are stored as YCbCr.
func (d *decoder) inks(planes []*image.Gray) *image.CMYK {
	img := image.NewCMYK(image.Rect(0, 0, d.width, d.height))
	for i := range planes[0].Pix {
		r, g, b := planes[0].Pix[i], planes[1].Pix[i], planes[2].Pix[i]
		if d.adobe > 0 {
			r, g, b = color.YCbCrToRGB(r, g, b)
		}
		p := img.Pix[4*i : 4*i+4 : 4*i+4]
		p[0], p[1], p[2], p[3] = 255-r, 255-g, 255-b, 255-planes[3].Pix[i]
	}
	return img
}

// spread enlarges a component's samples to the size of the picture, like libjpeg: it interpolates linearly along an
// axis with half as many samples as pixels, and repeats samples elsewhere.
func (d *decoder) spread(c *component, from *image.Gray) *image.Gray {
	to := image.NewGray(image.Rect(0, 0, d.width, d.height))
	across := places(d.width, int(c.h), d.hMax, over(d.width*int(c.h), d.hMax))
	down := places(d.height, int(c.v), d.vMax, over(d.height*int(c.v), d.vMax))
	for y, row := range down {
		upper, lower := from.Pix[row.first*from.Stride:], from.Pix[row.second*from.Stride:]
		out := to.Pix[y*to.Stride:][:d.width]
		for x, at := range across {
			top := int32(upper[at.first])*(unit-at.share) + int32(upper[at.second])*at.share
			bottom := int32(lower[at.first])*(unit-at.share) + int32(lower[at.second])*at.share
			out[x] = byte((top*(unit-row.share) + bottom*row.share + unit*unit/2) / (unit * unit))
		}
	}
	return to
}

// place is the two samples around a pixel, and the weight of the second in units.
type place struct {
	first, second int
	share         int32
}

const unit = 256

// places are the places of n pixels along an axis with factor samples per most pixels, samples in all.
func places(n, factor, most, samples int) []place {
	all := make([]place, n)
	for i := range all {
		if most != 2*factor {
			at := i * factor / most
			all[i] = place{first: at, second: at}
			continue
		}
		// The centre of pixel i, in samples, times 2 * most.
		centre := max((2*i+1)*factor-most, 0)
		first := min(centre/(2*most), samples-1)
		share := (centre%(2*most)*unit + most) / (2 * most)
		all[i] = place{first: first, second: min(first+1, samples-1), share: int32(share)}
	}
	return all
}

// transform is the inverse cosine transform of all blocks of a component.
func transform(c *component, quant *[64]uint16) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, 8*c.stride, 8*c.blocksY))
	waves := cosines()
	var scale [64]float32
	for k, q := range quant {
		scale[zigzag[k]] = float32(q)
	}
	for y := range c.blocksY {
		for x := range c.blocksX {
			inverse(out.Pix[8*y*out.Stride+8*x:], out.Stride, c.block(x, y), &scale, waves)
		}
	}
	return out
}

// cosines are the eight waves at the eight positions: [wave][position].
func cosines() *[8][8]float32 {
	var waves [8][8]float32
	for u := range waves {
		for x := range waves[u] {
			v := math.Cos(float64((2*x+1)*u)*math.Pi/16) / 2
			if u == 0 {
				v /= math.Sqrt2
			}
			waves[u][x] = float32(v)
		}
	}
	return &waves
}

// inverse transforms one block: rows, then columns.
func inverse(dst []byte, stride int, block []int16, scale *[64]float32, waves *[8][8]float32) {
	var rows [64]float32
	for v := range 8 {
		for u := range 8 {
			if block[8*v+u] == 0 {
				continue
			}
			value := float32(block[8*v+u]) * scale[8*v+u]
			for x, wave := range waves[u] {
				rows[8*v+x] += value * wave
			}
		}
	}
	var sums [64]float32
	for v := range 8 {
		for y, wave := range waves[v] {
			for x := range 8 {
				sums[8*y+x] += rows[8*v+x] * wave
			}
		}
	}
	for y := range 8 {
		out := dst[y*stride:][:8]
		for x := range out {
			out[x] = byte(min(max(sums[8*y+x]+128.5, 0), 255))
		}
	}
}
