package uploads

import (
	"cmp"
	"image"
	"slices"
	"strconv"
	"strings"
)

// Region is a part of a photo in its pixels, from X0 and Y0 to X1 and Y1, which are excluded.
type Region struct{ X0, X1, Y0, Y1 int }

// String writes the platform's order, which is not the usual one: x0,x1,y0,y1.
func (r Region) String() string {
	n := strconv.Itoa
	return n(r.X0) + "," + n(r.X1) + "," + n(r.Y0) + "," + n(r.Y1)
}

// ParseRegion reads what String writes; false for anything else and for a region without pixels.
func ParseRegion(text string) (Region, bool) {
	parts := strings.Split(text, ",")
	if len(parts) != 4 {
		return Region{}, false
	}
	var n [4]int
	for i, part := range parts {
		v, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || v < 0 || v > 1e6 {
			return Region{}, false
		}
		n[i] = v
	}
	r := Region{n[0], n[1], n[2], n[3]}
	return r, r.X0 < r.X1 && r.Y0 < r.Y1
}

func (r Region) area() int { return (r.X1 - r.X0) * (r.Y1 - r.Y0) }

// Square returns a square around the region, as far as the photo has space for one.
func (p *Photo) Square(r Region) Region {
	side := min(max(r.X1-r.X0, r.Y1-r.Y0), p.Width, p.Height)
	around := func(low, high, end int) (int, int) {
		from := min(max((low+high-side)/2, 0), end-side)
		return from, from + side
	}
	var s Region
	s.X0, s.X1 = around(r.X0, r.X1, p.Width)
	s.Y0, s.Y1 = around(r.Y0, r.Y1, p.Height)
	return s
}

const (
	// regionGrid is the number of cells a side in which regions are looked for.
	regionGrid = 48
	// maxRegions is the largest number of regions that are returned.
	maxRegions = 3
)

// Regions returns the parts that stand out from the background, the largest first: at least one, which may be the entire
// photo.
func (p *Photo) Regions() []Region {
	var found []Region
	m := p.standingOut()
	for at := range m {
		if !m[at] {
			continue
		}
		box, cells := m.take(at)
		if cells*100 < regionGrid*regionGrid {
			continue // A speck.
		}
		found = append(found, Region{
			X0: box.Min.X * p.Width / regionGrid, X1: box.Max.X * p.Width / regionGrid,
			Y0: box.Min.Y * p.Height / regionGrid, Y1: box.Max.Y * p.Height / regionGrid,
		})
	}
	found = slices.DeleteFunc(found, func(r Region) bool { return r.area() == 0 })
	if len(found) == 0 {
		return []Region{{X1: p.Width, Y1: p.Height}}
	}
	slices.SortStableFunc(found, func(a, b Region) int { return cmp.Compare(b.area(), a.area()) })
	return found[:min(len(found), maxRegions)]
}

// mask marks cells of the grid, row by row.
type mask [regionGrid * regionGrid]bool

// standingOut marks the cells that differ from the photo's edge.
func (p *Photo) standingOut() *mask {
	b := p.thumb.Bounds()
	var colours [regionGrid * regionGrid][3]int
	var edge [3][]int
	for y := range regionGrid {
		for x := range regionGrid {
			r, g, bl, _ := p.thumb.At(b.Min.X+x*b.Dx()/regionGrid, b.Min.Y+y*b.Dy()/regionGrid).RGBA()
			c := [3]int{int(r >> 8), int(g >> 8), int(bl >> 8)}
			colours[y*regionGrid+x] = c
			if x == 0 || y == 0 || x == regionGrid-1 || y == regionGrid-1 {
				for i := range c {
					edge[i] = append(edge[i], c[i])
				}
			}
		}
	}
	var ground [3]int
	for i := range edge {
		slices.Sort(edge[i])
		ground[i] = edge[i][len(edge[i])/2]
	}
	var m mask
	for at, c := range colours {
		apart := 0
		for i := range c {
			apart += (c[i] - ground[i]) * (c[i] - ground[i])
		}
		m[at] = apart > 40*40
	}
	return &m
}

// take unmarks all cells connected to one, and returns their bounds and their number.
func (m *mask) take(at int) (frame image.Rectangle, cells int) {
	m[at] = false
	for open := []int{at}; len(open) > 0; {
		at, open = open[len(open)-1], open[:len(open)-1]
		cells++
		x, y := at%regionGrid, at/regionGrid
		frame = frame.Union(image.Rect(x, y, x+1, y+1))
		for _, next := range [4]image.Point{{X: x - 1, Y: y}, {X: x + 1, Y: y}, {X: x, Y: y - 1}, {X: x, Y: y + 1}} {
			if next.In(image.Rect(0, 0, regionGrid, regionGrid)) && m[next.Y*regionGrid+next.X] {
				m[next.Y*regionGrid+next.X] = false
				open = append(open, next.Y*regionGrid+next.X)
			}
		}
	}
	return frame, cells
}
