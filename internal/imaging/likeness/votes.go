package likeness

// Evidence is what the score is made of: numbers of cells, unless it says otherwise.
type Evidence struct {
	// Good cells have the same structure and colour.
	Good float64
	// Open cells differ where a border, a text band or a price tag may be, or partly on the backdrop (these are Off).
	Open, Off float64
	// Closed cells differ where no overlay reaches, and so do cells that are connected with them.
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

// How far overlays reach into a picture, as shares of its width or height, to the middle of a cell: a border, a band of
// text above or below, a price tag in a corner, each with some reserve, as a border may lie round a band.
const (
	rimReach  = 0.12
	bandReach = 0.24
	tagReach  = 0.32
)

// overlaid reports that an overlay may reach a place of a picture with this frame.
func (b box) overlaid(x, y float64) bool {
	across := min(x-b.x0, b.x1-x) / b.w()
	down := min(y-b.y0, b.y1-y) / b.h()
	return min(across, down) < rimReach || down < bandReach || max(across, down) < tagReach
}

// open is how surely a region is an overlay, 0 to 1: it reaches the edge of the grid, and hardly farther in than overlays
// do; or it lies on the backdrop of one picture.
func (c *votes) open(region []int) float64 {
	edge, off, deep := false, 0, 0.0
	for _, i := range region {
		x, y := i%c.w, i/c.w
		edge = edge || x == 0 || y == 0 || x == c.w-1 || y == c.h-1
		switch {
		case c.cells[i].offGoods():
			off++
		case !c.cells[i].overlaid:
			deep += c.cells[i].bad()
		}
	}
	if !edge && off*3 < len(region) {
		return 0
	}
	return 1 - ramp(deep, 1.5, 5)
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

// scattered is how surely what differs is a watermark that is repeated all over the picture: several regions, far apart.
func (c *votes) scattered(regions [][]int) float64 {
	x0, y0, x1, y1 := c.w, c.h, 0, 0
	for _, region := range regions {
		for _, i := range region {
			x0, y0, x1, y1 = min(x0, i%c.w), min(y0, i/c.w), max(x1, i%c.w+1), max(y1, i/c.w+1)
		}
	}
	least := min(float64(x1-x0)/float64(c.w), float64(y1-y0)/float64(c.h))
	return ramp(float64(len(regions)), 1.5, 3) * ramp(least, 0.55, 0.75)
}

// print is how many cells of a closed region look like a print on the goods. Where regions are scattered, weak ones do not.
func (c *votes) print(region []int, scattered float64) float64 {
	var sum, unlike, tint float64
	x0, y0, x1, y1 := c.w, c.h, 0, 0
	for _, i := range region {
		v := &c.cells[i]
		sum += v.bad()
		unlike, tint = unlike+v.unlike, tint+v.tint
		x0, y0, x1, y1 = min(x0, i%c.w), min(y0, i/c.w), max(x1, i%c.w+1), max(y1, i/c.w+1)
	}
	n := float64(len(region))
	unlike, tint = unlike/n, tint/n
	strong := max(ramp(unlike, 4+5*scattered, 9+9*scattered), ramp(tint, 12+6*scattered, 20+10*scattered))
	wide := float64(x1-x0) / float64(y1-y0)
	wide = max(wide, 1/wide)
	// A line of text is long. Half-transparent white that is not is a print too.
	return sum * strong * (1 - 0.7*ramp(wide, 3, 5)) * (1 - c.veiled(region)*ramp(wide, 2, 3))
}

// score counts the votes.
func (c *votes) score() (float64, Evidence) {
	const (
		even    = 0.2 // the weight of a cell of the goods without structure that has the same colour
		overlay = 0.06
	)
	e := Evidence{Cover: c.cover}
	for i := range c.cells {
		v := &c.cells[i]
		e.Good += (v.structure*ramp(v.same, 0.3, 0.8) + even*v.goods*(1-v.structure)) * v.colour
		e.Recoloured += v.recoloured()
	}
	regions := c.regions()
	scattered := c.scattered(regions)
	for _, region := range regions {
		open := c.open(region)
		var on, off float64
		for _, i := range region {
			v := &c.cells[i]
			if v.offGoods() {
				off += v.bad()
			} else {
				on += v.bad()
			}
			if v.overlaid {
				e.Recoloured -= open * v.recoloured()
			}
		}
		e.Open += open * on
		e.Off += open * off
		e.Closed += (1 - open) * (on + off)
		e.Prints += (1 - open) * c.print(region, scattered)
	}
	e.Prints *= 1 - 0.8*c.clutter()
	// An overlay covers a part only.
	open := overlay + (1-overlay)*ramp(e.Open/(e.Good+e.Open+1), 0.4, 0.6)
	score := e.Good / (e.Good + overlay*e.Off + open*e.Open + e.Closed + 2*e.Recoloured + 2)
	return score * ramp(e.Cover, 0.2, 0.7) * (1 - 0.6*ramp(e.Prints, 0.8, 2.2)), e
}
