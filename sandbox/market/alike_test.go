package market

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

// wall is a gallery in which offers with lower numbers are more alike, and a catalogue of the same offers that knows only
// prices.
type wall []*catalog.Offer

func (w wall) Warm()    {}
func (w wall) Len() int { return len(w) }

func (w wall) Photo(_ context.Context, id int64) (*uploads.Photo, error) {
	if id < 1 || id > int64(len(w)) {
		return nil, ErrNoPicture
	}
	return &uploads.Photo{Width: int(id)}, nil
}

func (w wall) Nearest(_ context.Context, _ likeness.Fingerprint, n int, wanted func(int64) bool) ([]Alike, error) {
	var found []Alike
	for _, o := range w {
		if len(found) < n && (wanted == nil || wanted(o.ID)) {
			found = append(found, Alike{o, 1 / float64(o.ID)})
		}
	}
	return found, nil
}

func (w wall) Search(_ context.Context, q catalog.Query) (catalog.Page, error) {
	found := slices.DeleteFunc(slices.Clone(w), func(o *catalog.Offer) bool {
		return q.PriceMinFen != nil && (o.PriceFen == nil || *o.PriceFen < *q.PriceMinFen)
	})
	from := min(q.Offset, len(found))
	return catalog.Page{Total: len(found), Offers: found[from:min(from+q.Limit, len(found))]}, nil
}

func (wall) Offer(int64) (*catalog.Offer, bool)  { return nil, false }
func (wall) Related(int64, int) []*catalog.Offer { return nil }
func (wall) Categories() []catalog.Category      { return nil }
func (wall) TopKeywords(int64) []catalog.Keyword { return nil }

// A page is a part of the nearest offers that meet the bound, within the window. It is ordered only within itself.
func TestAskNearestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := make(wall, rapid.SampledFrom([]int{0, 1, 49, 1999, 2000, 2001, 2600}).Draw(t, "offers"))
		for i := range w {
			w[i] = &catalog.Offer{ID: int64(i + 1), PriceFen: new(int64(i * 7919 % 1000))}
			if i%10 == 9 {
				w[i].PriceFen = nil
			}
		}
		q := Question{Page: rapid.IntRange(1, 60).Draw(t, "page"), PageSize: rapid.IntRange(1, 60).Draw(t, "size")}
		meets := func(*catalog.Offer) bool { return true }
		if rapid.Bool().Draw(t, "bounded") {
			q.PriceMinFen = new(int64(500))
			meets = func(o *catalog.Offer) bool { return o.PriceFen != nil && *o.PriceFen >= 500 }
		}
		if rapid.Bool().Draw(t, "sieved") {
			q.Also = append(q.Also, func(o *catalog.Offer) bool { return o.ID%3 == 0 })
			bound := meets
			meets = func(o *catalog.Offer) bool { return bound(o) && o.ID%3 == 0 }
		}
		var all []*catalog.Offer
		for _, o := range w {
			if meets(o) && len(all) < Window {
				all = append(all, o)
			}
		}
		size := min(q.PageSize, MaxPageSize)
		from := min((q.Page-1)*size, len(all))
		want := slices.Clone(all[from:min(from+size, len(all))])
		if rapid.Bool().Draw(t, "sorted") {
			q.Sort = catalog.SortPrice
			slices.SortStableFunc(want, func(a, b *catalog.Offer) int {
				value := func(o *catalog.Offer) int64 {
					if o.PriceFen == nil {
						return 1 << 40
					}
					return *o.PriceFen
				}
				return int(value(a) - value(b))
			})
		}
		a, err := AskNearest(t.Context(), w, w, likeness.Fingerprint{}, q)
		if err != nil || a.Total != len(all) || a.PageSize != size || !slices.Equal(a.Offers, want) || len(a.Likeness) != len(want) {
			t.Fatalf("total %d, want %d; %d rows, want %d; %v", a.Total, len(all), len(a.Offers), len(want), err)
		}
		for i, like := range a.Likeness {
			if like != 1/float64(want[i].ID) {
				t.Fatalf("row %d is alike by %v", i, like)
			}
		}
	})
}

func TestPhotoAt(t *testing.T) {
	w := make(wall, 3)
	for address, want := range map[string]int{
		"http://a/img/2.jpg": 2, "https://b/img/3.jpg": 3, "http://a/img/4.jpg": 0, "https://a/img/2.jpg": 0,
		"http://a.evil/img/2.jpg": 0, "http://a/img/02.jpg": 0, "http://a/img/2.jpg/": 0, "http://a/img/+2.jpg": 0, "": 0, "/img/2.jpg": 0,
	} {
		p, err := PhotoAt(t.Context(), w, address, "http://a", "https://b")
		if want == 0 {
			if !errors.Is(err, ErrNoPicture) {
				t.Errorf("%s: %v, %v", address, p, err)
			}
			continue
		}
		if err != nil || p.Width != want {
			t.Errorf("%s: %v, %v", address, p, err)
		}
	}
}
