package imaging

// cost is the memory that decoding takes, in bits per pixel.
type cost struct {
	decoder int64 // the decoder's peak, including its result
	convert int64 // a copy in the form for encoding, if the result has another form
	copied  int64 // the part of convert that is copied out of the decoder's own memory
	fixed   int64 // bytes that the decoder takes at any size
	turn    int64 // a copy turned upright, if needed
}

// ycc420 is a picture whose two colour planes have half size: 1.5 bytes per pixel.
const ycc420 = 12

// DecodeCost is the peak memory of decoding this photo in bytes: everything live at once from the first pixel to the
// encoded result. It is an upper estimate from the header, for a memory budget. A photo that is passed through costs
// none of it.
//
// Bytes per pixel: JPEG 1.5 to 3, progressive JPEG five times that, GIF 2, PNG 1 to 8, WebP 1.5 to 10, HEIC 11 and AVIF
// 29, both plus 8 MB and twice the file. Converting colours adds 1.5; turning adds a second copy.
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

// blocks is the number of pixels in complete blocks: decoders round up. That matters for narrow pictures.
func (p *Picture) blocks() int64 {
	const block = 32
	w := (int64(p.info.Width) + block - 1) / block * block
	h := (int64(p.info.Height) + block - 1) / block * block
	return w * h
}
