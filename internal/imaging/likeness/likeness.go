// Package likeness measures how similar two pictures look, in two ways.
//
// A [Fingerprint] is coarse: it is computed and compared fast, and says how much the goods of two pictures look alike.
// What is round the goods, and how they are framed, counts for nothing. It chooses which pictures are worth a closer look,
// and ranks goods that look alike. It proves nothing.
//
// A [Print] is fine: comparing two of them decides whether two pictures are one photo, whatever a seller did to it: another
// size or compression, other light, cropped, mirrored, framed, under a watermark or a text band, or in a collage.
//
// Both are computed from a picture once and compared without it.
package likeness

import "errors"

const (
	// views is how many regions of a picture a fingerprint describes: all content, five parts of it in case one of two
	// pictures is cropped, and up to eight places where the goods may be instead.
	views     = 14
	partViews = 5
	// cells is the number of columns and of rows of a view.
	cells = 4
	// directions is in how many directions the gradients of a cell are counted.
	directions = 4

	viewBytes = directions*cells*cells + 3*cells*cells + cells*cells + 1
	// printVersion marks the binary form; a change of the algorithm needs a new version.
	printVersion = 2
)

// FingerprintBytes is the length of a fingerprint's binary form.
const FingerprintBytes = 1 + views*viewBytes

// ContentBytes is how many bytes of a fingerprint's binary form, from its beginning, describe all content of the picture. The
// others describe parts of it.
const ContentBytes = 1 + viewBytes

// Fingerprint describes a picture's look. Its zero value is similar to nothing, not even itself.
type Fingerprint struct {
	views [views]view
}

// view describes one region of a picture, cell by cell.
type view struct {
	// shape is the strength of the gradients in each direction: from left to right, falling, from top to bottom, rising.
	shape [directions * cells * cells]byte
	// layout is the mean brightness and two colours of the goods, normalised for light: three bytes per cell.
	layout [3 * cells * cells]byte
	// goods is how much of the cell shows goods, in sixteenths.
	goods [cells * cells]byte
	// aspect is the region's width by height: 128 for a square, 32 more per factor e.
	aspect byte
}

// mirrored is the view of the mirrored picture.
func (v *view) mirrored() view {
	m := view{aspect: v.aspect}
	for y := range cells {
		for x := range cells {
			to, from := y*cells+x, y*cells+cells-1-x
			m.goods[to] = v.goods[from]
			copy(m.layout[3*to:3*to+3], v.layout[3*from:3*from+3])
			for k := range directions {
				m.shape[directions*to+k] = v.shape[directions*from+(directions-k)%directions]
			}
		}
	}
	return m
}

// Likeness is how similar the goods of two pictures look: 1 for the same look, 0 for nothing in common, the higher of
// straight and mirrored. It is symmetric.
func (a Fingerprint) Likeness(b Fingerprint) float64 {
	q := newQuery(a)
	return toLikeness(q.distance(&b, worst))
}

func toLikeness(distance uint32) float64 { return 1 - float64(distance)/worst }

// IsZero reports that the fingerprint was never computed.
func (a Fingerprint) IsZero() bool { return a.views[0] == view{} }

// query is a fingerprint prepared for comparison with many: its views, straight and mirrored.
type query struct {
	blank    bool
	n        int
	straight [views]view
	mirrored [views]view
}

func newQuery(p Fingerprint) *query {
	q := &query{blank: p.IsZero(), n: p.count(), straight: p.views}
	for i := range q.n {
		q.mirrored[i] = p.views[i].mirrored()
	}
	return q
}

// count is the number of views that there are.
func (a *Fingerprint) count() int {
	n := len(a.views)
	for n > 0 && a.views[n-1].aspect == 0 {
		n--
	}
	return n
}

// distance compares the whole content with the whole of the other and with each part, then each part with the whole,
// straight and mirrored. It returns the smallest distance, or limit (at most worst) if none is smaller.
func (q *query) distance(p *Fingerprint, limit uint32) uint32 {
	if q.blank || p.views[0] == (view{}) {
		return limit
	}
	n := p.count()
	for _, from := range [2]*[views]view{&q.straight, &q.mirrored} {
		limit = from[0].distance(&p.views[0], 0, limit)
		for i := 1; i < n; i++ {
			limit = from[0].distance(&p.views[i], partial, limit)
		}
		for i := 1; i < q.n; i++ {
			limit = from[i].distance(&p.views[0], partial, limit)
		}
	}
	return limit
}

const (
	// worst is the distance at which likeness is 0.
	worst = 10_000
	// partial is added where only a part of one picture is compared: among many parts, one fits by chance.
	partial = 300
	// shapeCost is the cost of a step of shape, in 64ths; colourCost that of a step of the mean difference of the
	// layouts; aspectCost that of a step of aspect.
	shapeCost  = 140
	colourCost = 38
	aspectCost = 60
	// silhouette is the difference of a cell that shows goods in one picture only.
	silhouette = 70
)

// distance is the distance of two views, plus base, or limit if it is not smaller. Once a near candidate is known, the
// shape alone rejects most others.
func (v *view) distance(w *view, base, limit uint32) uint32 {
	d := base + apart(v.aspect, w.aspect)*aspectCost
	if d >= limit {
		return limit
	}
	const half = len(v.shape) / 2
	var sum uint32
	for i := range half {
		sum += apart(v.shape[i], w.shape[i])
	}
	if d+sum*shapeCost/64 >= limit {
		return limit
	}
	for i := half; i < len(v.shape); i++ {
		sum += apart(v.shape[i], w.shape[i])
	}
	if d += sum * shapeCost / 64; d >= limit {
		return limit
	}
	return min(d+v.colours(w)*colourCost, limit)
}

// colours is the mean difference of the layouts over the cells that show goods in either view.
func (v *view) colours(w *view) uint32 {
	var sum, n uint32
	for i := range v.goods {
		a, b := uint32(v.goods[i]), uint32(w.goods[i])
		both, either := min(a, b), max(a, b)
		n += either
		sum += (either - both) * silhouette
		if both > 0 {
			x, y := (*[3]byte)(v.layout[3*i:]), (*[3]byte)(w.layout[3*i:])
			sum += both * (apart(x[0], y[0]) + 2*(apart(x[1], y[1])+apart(x[2], y[2])))
		}
	}
	return sum / max(n, 1)
}

func apart(a, b byte) uint32 {
	d := int32(a) - int32(b)
	s := d >> 31
	return uint32((d ^ s) - s)
}

// MarshalBinary returns the fingerprint in [FingerprintBytes] bytes.
func (a Fingerprint) MarshalBinary() ([]byte, error) { return a.AppendBinary(nil) }

// AppendBinary appends the fingerprint's binary form.
func (a Fingerprint) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, printVersion)
	for i := range a.views {
		v := &a.views[i]
		b = append(append(append(b, v.shape[:]...), v.layout[:]...), v.goods[:]...)
		b = append(b, v.aspect)
	}
	return b, nil
}

// ErrFingerprint means that the bytes are not a fingerprint of this version.
var ErrFingerprint = errors.New("likeness: not a fingerprint of this version")

// UnmarshalBinary reads the output of [Fingerprint.MarshalBinary]; [ErrFingerprint] for anything else.
func (a *Fingerprint) UnmarshalBinary(b []byte) error {
	if len(b) != FingerprintBytes || b[0] != printVersion {
		return ErrFingerprint
	}
	b = b[1:]
	for i := range a.views {
		v := &a.views[i]
		b = b[copy(v.shape[:], b):]
		b = b[copy(v.layout[:], b):]
		b = b[copy(v.goods[:], b):]
		v.aspect, b = b[0], b[1:]
	}
	return nil
}
