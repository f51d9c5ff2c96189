package combo

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
)

const (
	// looksMax bounds how many images one answer compares.
	looksMax = 250
	// looksTime bounds the time for comparing if the caller sets no deadline.
	looksTime = 15 * time.Second
	// looksWidth is how many images of one answer are fetched at once. The process bounds the sum.
	looksWidth = 64
)

// CallersImage stands for the caller's own image in evidence and in the names of steps.
const CallersImage = "caller"

// lookIndex holds the looks of one answer's images.
type lookIndex struct {
	thresholds Thresholds
	own        *Look
	looks      map[string]Look // by product
	// pictures are the images by their hash, and products their products.
	pictures map[string]Picture
	products map[string][]string
	// prints are the fine prints by hash; photos has how surely two images are one photo, by their hashes in order.
	prints map[string]Print
	photos map[[2]string]float64
	// anchors are the goods whose images are compared finely with those of among, if there is no image of the caller; nil
	// means all with all.
	anchors, among []*found
	seen           map[string]bool // the products that were tried
	tried          int
	// imagesBounded: more images were there than one answer looks at. pairsBounded: more pairs look alike than it compares
	// finely.
	imagesBounded, pairsBounded bool
	// trouble is, by kind, the images that could not be compared, with the first cause.
	trouble []trouble
}

type trouble struct {
	kind  fault.Kind
	cause error
	of    []string
}

func newLookIndex(p Ports) *lookIndex {
	return &lookIndex{
		thresholds: p.Thresholds, looks: map[string]Look{}, seen: map[string]bool{}, pictures: map[string]Picture{},
		products: map[string][]string{}, prints: map[string]Print{}, photos: map[[2]string]float64{},
	}
}

// subject is an image to compare, and the products that have it.
type subject struct {
	picture Picture
	of      []string
}

// look computes the looks of the caller's image, if wanted, and of products without one, in order, up to the bound, and
// verifies which of them are one photo. Images with equal addresses are fetched once. It uses at most half of the
// remaining time to fetch, and half of the rest to verify.
func (c *comboRun) look(ctx context.Context, a *lookIndex, own *Picture, goods []*found) {
	if c.ports.Pictures == nil {
		return
	}
	if subjects := a.subjects(own, goods); len(subjects) > 0 {
		ended := c.progress.began(LikenessStep)
		found, err := c.fetchLooks(ctx, a, subjects)
		defer func() { ended(0, found, err) }() // Verifying is a part of the step.
	}
	// Images that hang must not take the time for verifying the others.
	ctx, cancel := context.WithTimeout(ctx, looksFor(ctx))
	defer cancel()
	c.verify(ctx, a)
}

// fetchLooks computes the looks of images, up to the bound. It returns how many have one, and if none has, the first error.
func (c *comboRun) fetchLooks(ctx context.Context, a *lookIndex, subjects []subject) (got int, err error) {
	if left := max(looksMax-a.tried, 0); len(subjects) > left {
		a.imagesBounded = true
		subjects = subjects[:left]
	}
	ctx, cancel := context.WithTimeout(ctx, looksFor(ctx))
	defer cancel()
	looks, errs := make([]Look, len(subjects)), make([]error, len(subjects))
	parallel.Each(len(subjects), looksWidth, func(i int) {
		looks[i], errs[i] = c.ports.Pictures.Look(ctx, subjects[i].picture)
	})
	a.tried += len(subjects)
	for i, s := range subjects {
		switch {
		case errs[i] != nil:
			a.miss(s.of, errs[i])
			err = cmp.Or(err, errs[i])
			continue
		case s.of[0] == CallersImage:
			a.own = &looks[i]
		default:
			for _, id := range s.of {
				a.looks[id] = looks[i]
			}
		}
		if looks[i].Fetched {
			c.meta.ImagesFetched++
		}
		got++
		hash := looks[i].Hash
		a.pictures[hash] = s.picture
		a.products[hash] = append(a.products[hash], s.of...)
	}
	if got > 0 {
		err = nil
	}
	return got, err
}

func looksFor(ctx context.Context) time.Duration {
	if end, ok := ctx.Deadline(); ok {
		return time.Until(end) / 2
	}
	return looksTime
}

// subjects are the images that the index does not have yet.
func (a *lookIndex) subjects(own *Picture, goods []*found) []subject {
	var all []subject
	if own != nil {
		all = append(all, subject{*own, []string{CallersImage}})
	}
	at := map[string]int{}
	for _, g := range goods {
		url := g.product.GetImageUrl()
		if url == "" || a.seen[g.id()] {
			continue
		}
		a.seen[g.id()] = true
		i, known := at[url]
		if !known {
			i = len(all)
			at[url] = i
			all = append(all, subject{picture: Picture{URL: url}})
		}
		all[i].of = append(all[i].of, g.id())
	}
	return all
}

func (a *lookIndex) miss(of []string, err error) {
	kind := fault.KindOf(err)
	i := slices.IndexFunc(a.trouble, func(t trouble) bool { return t.kind == kind })
	if i < 0 {
		i = len(a.trouble)
		a.trouble = append(a.trouble, trouble{kind: kind, cause: err})
	}
	for _, id := range of {
		if !slices.Contains(a.trouble[i].of, id) {
			a.trouble[i].of = append(a.trouble[i].of, id)
		}
	}
}

// withoutLikeness measures no likeness if the request says so. If the server's settings say so, the answer reports it.
func (c *comboRun) withoutLikeness(asked bool) {
	switch {
	case asked:
		c.ports.Pictures = nil
	case c.ports.Pictures == nil:
		c.inform(zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_LIKENESS_OFF)
	}
}

// noteUnseen lists the images that could not be compared, by cause, and says which bounds were reached.
func (c *comboRun) noteUnseen(a *lookIndex) {
	if a.imagesBounded {
		c.inform(zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_IMAGES_BOUNDED)
	}
	if a.pairsBounded {
		c.inform(zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_PAIRS_BOUNDED)
	}
	for _, t := range a.trouble {
		c.lack(LikenessStep+" of "+strings.Join(t.of, ", "), t.cause)
	}
}

// measured is what comparing two images shows.
type measured struct {
	// value is how surely they are one photo, where photo is set; else how alike they look.
	value float64
	// photo: both are the same photo. bytes: with equal bytes.
	photo, bytes bool
	// alike: the goods look alike. The same photo always does.
	alike bool
}

// compare orders by strength, the stronger first: the same photo, then what looks more alike.
func (m measured) compare(n measured) int {
	return cmp.Or(trueFirst(m.photo, n.photo), cmp.Compare(n.value, m.value))
}

// between compares two products' images; false if one has no look.
func (a *lookIndex) between(x, y string) (measured, bool) {
	p, known := a.looks[x]
	q, also := a.looks[y]
	if !known || !also {
		return measured{}, false
	}
	return a.compare(p, q), true
}

// toOwn compares a product's image with the caller's; false if one has no look.
func (a *lookIndex) toOwn(id string) (measured, bool) {
	p, known := a.looks[id]
	if !known || a.own == nil {
		return measured{}, false
	}
	return a.compare(*a.own, p), true
}

// byOwnLikeness orders products by likeness to the caller's image, the strongest first, ties by id.
func (a *lookIndex) byOwnLikeness(x, y *found) int {
	m, _ := a.toOwn(x.id())
	n, _ := a.toOwn(y.id())
	return cmp.Or(m.compare(n), compareID(x.id(), y.id()))
}

// compare skips the comparison for equal bytes: they are one photo even if their fingerprint is blank.
func (a *lookIndex) compare(l, m Look) measured {
	if l.Hash != "" && l.Hash == m.Hash {
		return measured{value: 1, photo: true, bytes: true, alike: true}
	}
	if a.onePhoto(l.Hash, m.Hash) {
		return measured{value: a.photos[inOrder(l.Hash, m.Hash)], photo: true, alike: true}
	}
	if l.Fingerprint == nil || m.Fingerprint == nil {
		return measured{}
	}
	likeness := l.Fingerprint.Likeness(m.Fingerprint)
	return measured{value: likeness, alike: likeness >= a.thresholds.LooksAlike}
}

// distinct is the first n of goods that have an image, each photo once as far as it was compared.
func (a *lookIndex) distinct(goods []*found, n int) []*found {
	var chosen []*found
	for _, f := range goods {
		if len(chosen) == n {
			break
		}
		known := slices.ContainsFunc(chosen, func(g *found) bool {
			m, ok := a.between(f.id(), g.id())
			return ok && m.photo
		})
		if !known && f.product.GetImageUrl() != "" {
			chosen = append(chosen, f)
		}
	}
	return chosen
}
