package imaging

// cost is what decoding takes, in bits a pixel.
type cost struct {
	decoder int64 // the decoder's own peak, its result included
	convert int64 // a copy in the form that is encoded, if the result is in another one
	copied  int64 // of that, what is taken out of a decoder's own memory
	fixed   int64 // bytes that the decoder takes whatever the size
	turn    int64 // a copy that is turned upright, if the photo is not
}

// ycc420 is what a picture takes with its two colour planes at half size: 1.5 bytes a pixel.
const ycc420 = 12

// DecodeCost is how many bytes decoding this photo takes at its peak: everything that is live at once from the
// first pixel to the encoded answer. It is an upper estimate from the header, for a budget; a photo that is passed
// through costs nothing of it.
//
// Bytes a pixel: JPEG 1.5 to 3, progressive JPEG five times that, GIF 2, PNG 1 to 8, WebP 1.5 to 10, HEIC 11
// and AVIF 29 beside 8 MB and the file, twice; plus 1.5 where
// the colours must be converted, or a second copy where the photo must be turned.
func (p *Picture) DecodeCost() int64 {
	bits := p.cost.decoder + p.cost.convert
	if p.info.Orientation != 1 {
		bits += max(p.cost.turn, ycc420)
	}
	cost := p.blocks()/8*bits + 2*p.limits.SendBytes
	if p.cost.fixed > 0 {
		cost += p.cost.fixed + 2*p.body.size() // the file is held twice: here and in the decoder's memory
	}
	return cost
}

// blocks is the number of pixels in whole blocks, to which decoders round up. That matters for narrow pictures.
func (p *Picture) blocks() int64 {
	const block = 32
	w := (int64(p.info.Width) + block - 1) / block * block
	h := (int64(p.info.Height) + block - 1) / block * block
	return w * h
}
