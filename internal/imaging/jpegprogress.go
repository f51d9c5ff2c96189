package imaging

// maxScanHeader is the longest scan header: four components and three bytes, after the number of components.
const maxScanHeader = 1 + 2*4 + 3

// jpegProgress records which coefficients of which component have full precision after the scans so far, one bit each.
type jpegProgress struct {
	components int
	exact      [4]uint64
}

// scan records a scan by its header (ITU-T T.81, B.2.3). An unreadable header counts for nothing; the decoder will
// report it.
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

// complete reports that no further scan is needed.
func (p *jpegProgress) complete() bool {
	for _, exact := range p.exact[:p.components] {
		if exact != ^uint64(0) {
			return false
		}
	}
	return p.components > 0
}
