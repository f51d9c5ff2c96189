package combo

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
)

// The thresholds of likeness, measured on the 3,756 images of the sandbox. Of 8,460 pairs of different photos of the
// same product, 93.5 % have a likeness of at least 0.78 and all of at least 0.64. The most similar pair of different
// products has 0.77; 5 % of the products have another product at 0.65.
const (
	// confirmed and above: two images show the same product.
	confirmed = 0.78
	// akin and above: very similar, but no proof.
	akin = 0.60
)

const (
	// looksMax bounds how many images one answer compares.
	looksMax = 250
	// looksTime bounds the time for comparing if the caller sets no deadline.
	looksTime = 15 * time.Second
)

// CallersImage stands for the caller's own image in evidence and in the names of steps.
const CallersImage = "caller"

// lookIndex holds the looks of one answer's images.
type lookIndex struct {
	own   *Look
	looks map[string]Look // by product
	seen  map[string]bool // the products that were tried
	tried int
	// trouble is, by kind, the images that could not be compared, with the first cause.
	trouble []trouble
}

type trouble struct {
	kind  fault.Kind
	cause error
	of    []string
}

func newLookIndex() *lookIndex { return &lookIndex{looks: map[string]Look{}, seen: map[string]bool{}} }

// subject is an image to compare, and the products that have it.
type subject struct {
	picture Picture
	of      []string
}

// look computes the looks of the caller's image, if wanted, and of products without one, in order, up to the bound.
// Images with equal addresses are fetched once. It uses at most half of the remaining time.
func (c *comboRun) look(ctx context.Context, a *lookIndex, own *Picture, goods []*found) {
	if c.ports.Pictures == nil {
		return
	}
	subjects := a.subjects(own, goods)
	ctx, cancel := context.WithTimeout(ctx, looksFor(ctx))
	defer cancel()
	looks, errs := make([]Look, len(subjects)), make([]error, len(subjects))
	parallel.Each(len(subjects), width, func(i int) {
		if a.tried+i >= looksMax {
			errs[i] = fault.New(fault.BudgetExhausted, "one answer looks at %d images at most", looksMax)
			return
		}
		looks[i], errs[i] = c.ports.Pictures.Look(ctx, subjects[i].picture)
	})
	a.tried += len(subjects)
	for i, s := range subjects {
		switch {
		case errs[i] != nil:
			a.miss(s.of, errs[i])
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
	}
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
	a.trouble[i].of = append(a.trouble[i].of, of...)
}

// withoutLikeness measures no likeness if the request says so. If the server's settings say so, the answer reports it.
func (c *comboRun) withoutLikeness(asked bool) {
	switch {
	case asked:
		c.ports.Pictures = nil
	case c.ports.Pictures == nil:
		c.note(LikenessStep, fault.New(fault.ImageFetchRefused, "this server is set to measure no likeness"))
	}
}

// noteUnseen lists the images that could not be compared, by cause.
func (c *comboRun) noteUnseen(a *lookIndex) {
	for _, t := range a.trouble {
		c.note(LikenessStep+" of "+strings.Join(t.of, ", "), t.cause)
	}
}

// between is the likeness of two products' images; false if one has no look.
func (a *lookIndex) between(x, y string) (likeness float64, sameBytes, ok bool) {
	p, known := a.looks[x]
	q, also := a.looks[y]
	if !known || !also {
		return 0, false, false
	}
	likeness, sameBytes = p.compare(q)
	return likeness, sameBytes, true
}

// distinct is the first n of goods that have an image, each image once as far as it was compared.
func (a *lookIndex) distinct(goods []*found, n int) []*found {
	var chosen []*found
	for _, f := range goods {
		if len(chosen) == n {
			break
		}
		known := slices.ContainsFunc(chosen, func(g *found) bool {
			likeness, _, ok := a.between(f.id(), g.id())
			return ok && likeness >= confirmed
		})
		if !known && f.product.GetImageUrl() != "" {
			chosen = append(chosen, f)
		}
	}
	return chosen
}

// toOwn is the likeness of a product's image to the caller's; false if one has no look.
func (a *lookIndex) toOwn(id string) (likeness float64, sameBytes, ok bool) {
	p, known := a.looks[id]
	if !known || a.own == nil {
		return 0, false, false
	}
	likeness, sameBytes = a.own.compare(p)
	return likeness, sameBytes, true
}

// compare skips the comparison for equal bytes: they are alike even if their fingerprint is blank.
func (l Look) compare(m Look) (likeness float64, sameBytes bool) {
	if l.Hash != "" && l.Hash == m.Hash {
		return 1, true
	}
	if l.Fingerprint == nil || m.Fingerprint == nil {
		return 0, false
	}
	return l.Fingerprint.Likeness(m.Fingerprint), false
}
