package imaging

// maxScanHeader is the longest scan header: four components and three bytes, after the number of components.
const maxScanHeader = 1 + 2*4 + 3

// jpegProgress is which coefficients of which component the scans so far have brought to full precision, one bit each.
type jpegProgress struct {
	components int
	exact      [4]uint64
}

// scan notes a scan by its header (ITU-T T.81, B.2.3). A header that cannot be read brings nothing; the decoder will say so.
func (p *jpegProgress) scan(components []jpegComponent, header []byte) {
	p.components = len(components)
	if len(header) == 0 {
		return
	}
	n := int(header[0])
	if n > 4 || len(header) < 1+2*n+3 {
		return
	}
	spectral := header[1+2*n:]
	first, last, low := int(spectral[0]), int(spectral[1]), spectral[2]&15
	if first > last || last > 63 || low != 0 {
		return // a later scan refines these coefficients
	}
	bits := ^uint64(0) >> (63 - last) & (^uint64(0) << first)
	for i := range n {
		for j, one := range components {
			if j < len(p.exact) && one.id == header[1+2*i] {
				p.exact[j] |= bits
			}
		}
	}
}

// complete tells that nothing is left for another scan.
func (p *jpegProgress) complete() bool {
	for _, exact := range p.exact[:p.components] {
		if exact != ^uint64(0) {
			return false
		}
	}
	return p.components > 0
}
