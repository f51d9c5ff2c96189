package likeness

// Evidence is what the score is made of: numbers of cells, unless it says otherwise.
type Evidence struct {
	// Good cells have the same structure and colour.
	Good float64
	// Open cells differ where an overlay may be: at the edge, or partly on the backdrop (these are Off).
	Open, Off float64
	// Closed cells differ in the middle of the goods.
	Closed float64
	// Prints are the closed cells that look like another print on the goods, and not like a watermark.
	Prints float64
	// Recoloured cells have the same structure in another colour.
	Recoloured float64
	// Cover is how much of a picture's content lies in the overlap, 0 to 1; the larger of the two.
	Cover float64
}

// bad is how surely a cell shows something else, 0 to 1.
func (c *cell) bad() float64 {
	return max(c.structure*(1-ramp(c.same, 0.3, 0.7)), c.goods*(1-c.colour))
}

// regions are the connected parts of the cells that differ.
func (c *votes) regions() [][]int {
	var out [][]int
	seen := make([]bool, len(c.cells))
	for start := range c.cells {
		if seen[start] || c.cells[start].bad() < 0.5 {
			continue
		}
		seen[start] = true
		part := []int{start}
		for k := 0; k < len(part); k++ {
			x, y := part[k]%c.w, part[k]/c.w
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					if x+dx < 0 || x+dx >= c.w || y+dy < 0 || y+dy >= c.h {
						continue
					}
					to := (y+dy)*c.w + x + dx
					if !seen[to] && c.cells[to].bad() >= 0.5 {
						seen[to] = true
						part = append(part, to)
					}
				}
			}
		}
		out = append(out, part)
	}
	return out
}

// open reports that a region reaches the edge of the grid, or lies on the backdrop of one picture.
func (c *votes) open(region []int) bool {
	off := 0
	for _, i := range region {
		x, y := i%c.w, i/c.w
		if x == 0 || y == 0 || x == c.w-1 || y == c.h-1 {
			return true
		}
		if c.cells[i].offGoods() {
			off++
		}
	}
	return off*3 >= len(region)
}

func (c *cell) offGoods() bool { return min(c.goodsA, c.goodsB) < 0.2 }

// recoloured is how surely a cell shows the same structure in another colour, which no overlay does.
func (c *cell) recoloured() float64 {
	return c.goods * c.structure * ramp(c.same, 0.6, 0.8) * (1 - c.colour)
}

// clutter is how surely an overlay lies all over the picture: the share of the backdrop's cells on which only one picture
// has something.
func (c *votes) clutter() float64 {
	var n, marked float64
	for i := range c.cells {
		if v := &c.cells[i]; max(v.goodsA, v.goodsB) < 0.2 {
			n++
			marked += ramp(v.rough, 1.5, 3) * (1 - ramp(v.smooth, 0.7, 1.5))
		}
	}
	return ramp(marked/(n+4), 0.1, 0.3)
}

// veiled is how surely a region differs by half-transparent white only, as under a watermark.
func (c *votes) veiled(region []int) float64 {
	var lighter, darker, veil, tint float64
	for _, i := range region {
		v := &c.cells[i]
		lighter, darker = lighter+v.lighter, darker+v.darker
		veil, tint = max(veil, v.veil), max(tint, v.veilTint)
	}
	oneWay := 1 - ramp(min(lighter, darker)/(max(lighter, darker)+1), 0.03, 0.1)
	return oneWay * (1 - ramp(veil, 0.6, 0.75)) * (1 - ramp(tint, 7, 14))
}

// print is how many cells of a closed region look like a print on the goods.
func (c *votes) print(region []int) float64 {
	var sum, unlike, tint float64
	x0, y0, x1, y1 := c.w, c.h, 0, 0
	for _, i := range region {
		v := &c.cells[i]
		sum += v.bad()
		unlike, tint = unlike+v.unlike, tint+v.tint
		x0, y0, x1, y1 = min(x0, i%c.w), min(y0, i/c.w), max(x1, i%c.w+1), max(y1, i/c.w+1)
	}
	n := float64(len(region))
	strong := max(ramp(unlike/n, 9, 18), ramp(tint/n, 18, 30))
	wide := float64(x1-x0) / float64(y1-y0)
	// A line of text is long.
	compact := 1 - 0.7*ramp(max(wide, 1/wide), 3, 5)
	return sum * strong * compact * (1 - c.veiled(region))
}

// score counts the votes.
func (c *votes) score() (float64, Evidence) {
	e := Evidence{Cover: c.cover}
	for i := range c.cells {
		v := &c.cells[i]
		e.Good += v.structure * ramp(v.same, 0.3, 0.8) * v.colour
		e.Recoloured += v.recoloured()
	}
	for _, region := range c.regions() {
		var on, off float64
		for _, i := range region {
			if c.cells[i].offGoods() {
				off += c.cells[i].bad()
			} else {
				on += c.cells[i].bad()
			}
		}
		if c.open(region) {
			e.Open += on
			e.Off += off
		} else {
			e.Closed += on + off
			e.Prints += c.print(region)
		}
	}
	e.Prints *= 1 - 0.8*c.clutter()
	// An overlay covers a part only: what differs over much of the goods is no overlay.
	open := 0.25 + 0.75*ramp(e.Open/(e.Good+e.Open+1), 0.3, 0.5)
	score := e.Good / (e.Good + 0.1*e.Off + open*e.Open + e.Closed + 2*e.Recoloured + 2)
	return score * ramp(e.Cover, 0.2, 0.7) * (1 - 0.6*ramp(e.Prints, 0.8, 2.2)), e
}
