package anyjpeg

// zigzag is the natural position of each coefficient, in stored order.
var zigzag = [64]byte{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// pass is the content of a scan: coefficients first to last, down to bit low, after an earlier scan down to bit high.
type pass struct{ first, last, high, low int }

// scan reads a scan header and the compressed pixels after it.
func (d *decoder) scan(body []byte) error {
	if d.components == nil {
		return damaged("pixels before the frame header")
	}
	if len(body) < 1 || len(body) != 4+2*int(body[0]) || body[0] < 1 || body[0] > 4 {
		return damaged("a scan header of %d bytes", len(body))
	}
	in, err := d.scanned(body)
	if err != nil {
		return err
	}
	p, err := d.pass(body[len(body)-3:], len(in))
	if err != nil {
		return err
	}
	for _, c := range in {
		c.seen = c.seen || p.first == 0
	}
	return d.walk(in, p)
}

// scanned returns the components of a scan, each with its Huffman tables.
func (d *decoder) scanned(body []byte) ([]*component, error) {
	var in []*component
	blocks := 0
	for i := range int(body[0]) {
		c := d.byID(body[1+2*i])
		if c == nil {
			return nil, damaged("a scan of an unknown component")
		}
		c.dc, c.ac = body[2+2*i]>>4, body[2+2*i]&15
		if c.dc > 3 || c.ac > 3 {
			return nil, damaged("a scan's tables are out of range")
		}
		in = append(in, c)
		blocks += int(c.h) * int(c.v)
	}
	if len(in) > 1 && blocks > 10 {
		return nil, damaged("more than 10 blocks in an MCU")
	}
	return in, nil
}

// pass reads the content of a scan with that many components.
func (d *decoder) pass(tail []byte, components int) (pass, error) {
	if !d.progressive {
		return pass{last: 63}, nil
	}
	p := pass{first: int(tail[0]), last: int(tail[1]), high: int(tail[2] >> 4), low: int(tail[2] & 15)}
	mixed := p.first == 0 && p.last != 0 || p.first > 0 && components > 1
	if p.first > p.last || p.last > 63 || p.low > 13 || p.high > 13 || mixed {
		return pass{}, damaged("a scan's range is invalid")
	}
	return p, nil
}

func (d *decoder) byID(id byte) *component {
	for i := range d.components {
		if d.components[i].id == id {
			return &d.components[i]
		}
	}
	return nil
}

// walk reads all MCUs of a scan and the restarts between them.
func (d *decoder) walk(in []*component, p pass) error {
	d.begin()
	columns, rows := d.mcusX, d.mcusY
	if len(in) == 1 {
		columns, rows = in[0].blocksX, in[0].blocksY
	}
	for i := range columns * rows {
		if d.restart > 0 && i > 0 && i%d.restart == 0 {
			if err := d.resume(i/d.restart - 1); err != nil {
				return err
			}
		}
		x, y := i%columns, i/columns
		if len(in) == 1 {
			if err := d.block(in[0], in[0].block(x, y), p); err != nil {
				return err
			}
			continue
		}
		if err := d.mcu(in, x, y, p); err != nil {
			return err
		}
	}
	d.align()
	return nil
}

func (d *decoder) mcu(in []*component, x, y int, p pass) error {
	for _, c := range in {
		for v := range int(c.v) {
			for h := range int(c.h) {
				if err := d.block(c, c.block(x*int(c.h)+h, y*int(c.v)+v), p); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// begin resets the state at a restart.
func (d *decoder) begin() {
	d.align()
	d.eobRun = 0
	for i := range d.components {
		d.components[i].predicted = 0
	}
}

// resume reads the n-th restart marker, which must be the next thing.
func (d *decoder) resume(n int) error {
	if d.n >= 8 {
		return damaged("a restart marker comes too late")
	}
	marker, err := d.nextMarker()
	if err != nil {
		return err
	}
	if marker != 0xd0+byte(n%8) {
		return damaged("a restart marker is missing")
	}
	d.begin()
	return nil
}

func (d *decoder) block(c *component, block []int16, p pass) error {
	switch {
	case !d.progressive:
		if err := d.dcFirst(c, block, 0); err != nil {
			return err
		}
		p.first = 1
		return d.acFirst(c, block, p)
	case p.first == 0 && p.high == 0:
		return d.dcFirst(c, block, p.low)
	case p.first == 0:
		bit, err := d.get(1)
		block[0] |= int16(bit << p.low)
		return err
	case p.high == 0:
		return d.acFirst(c, block, p)
	}
	return d.acRefine(c, block, p)
}

func (d *decoder) dcFirst(c *component, block []int16, low int) error {
	size, err := d.decode(d.dc[c.dc])
	if err != nil {
		return err
	}
	if size > 15 {
		return damaged("a difference is too large")
	}
	diff, err := d.signed(int(size))
	c.predicted += diff
	block[0] = int16(c.predicted << low)
	return err
}

// acFirst reads the coefficients of a block for the first time.
func (d *decoder) acFirst(c *component, block []int16, p pass) error {
	if d.eobRun > 0 {
		d.eobRun--
		return nil
	}
	for k := p.first; k <= p.last; k++ {
		symbol, err := d.decode(d.ac[c.ac])
		if err != nil {
			return err
		}
		run, size := int(symbol>>4), int(symbol&15)
		switch {
		case size > 0:
			k += run
			if k > p.last {
				return damaged("a block has too many coefficients")
			}
			v, err := d.signed(size)
			if err != nil {
				return err
			}
			block[zigzag[k]] = int16(v << p.low)
		case run == 15:
			k += 15
		default:
			return d.endOfBand(run, 1)
		}
	}
	return nil
}

// endOfBand records that this block and, in progressive pictures, some after it have no more coefficients; done of them
// are already counted.
func (d *decoder) endOfBand(size, done int) error {
	if !d.progressive && size > 0 {
		return damaged("a symbol that only progressive images have")
	}
	more, err := d.get(size)
	d.eobRun = 1<<size + more - done
	return err
}

// acRefine reads one more bit of the existing coefficients of a block, and adds new ones.
func (d *decoder) acRefine(c *component, block []int16, p pass) error {
	k := p.first
	for d.eobRun == 0 && k <= p.last {
		symbol, err := d.decode(d.ac[c.ac])
		if err != nil {
			return err
		}
		run, value := int(symbol>>4), int16(0)
		switch symbol & 15 {
		case 0:
			if run < 15 {
				if err := d.endOfBand(run, 0); err != nil {
					return err
				}
				continue
			}
		case 1:
			bit, err := d.get(1)
			if err != nil {
				return err
			}
			value = int16((2*bit - 1) << p.low)
		default:
			return damaged("a refinement of more than one bit")
		}
		if k, err = d.refine(block, k, p, run); err != nil {
			return err
		}
		if value != 0 {
			if k > p.last {
				return damaged("a block has too many coefficients")
			}
			block[zigzag[k]] = value
		}
		k++
	}
	if d.eobRun > 0 {
		d.eobRun--
		_, err := d.refine(block, k, p, 64)
		return err
	}
	return nil
}

// refine reads a bit for each coefficient from k on, until it has passed run zero ones; it returns the position of the
// next zero one.
func (d *decoder) refine(block []int16, k int, p pass, run int) (int, error) {
	for ; k <= p.last; k++ {
		v := &block[zigzag[k]]
		if *v == 0 {
			if run == 0 {
				break
			}
			run--
			continue
		}
		bit, err := d.get(1)
		if err != nil {
			return k, err
		}
		switch {
		case bit == 0:
		case *v > 0:
			*v += 1 << p.low
		default:
			*v -= 1 << p.low
		}
	}
	return k, nil
}
