package topwire

import (
	"errors"
	"fmt"
	"math"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

// imageRows is how many items an image search has: no paging is given for it.
const imageRows = 20

// imageSearch is the tutorial's search by photo: exactly one of image_url and image_content names it.
func imageSearch(c *call) (payload, error) {
	if c.Gallery == nil {
		return payload{}, &errMethodInvalid
	}
	words, _ := faultword.Split(flatKeyword(c.params.Values))
	q := market.Question{Query: catalog.Query{Words: words}, Page: 1, PageSize: imageRows}
	f := form{values: c.params.Values}
	if id := f.count("category_id", "categoryId", 0); id != 0 {
		q.CategoryIDs = []int64{int64(id)}
	}
	if f.bad != nil {
		return payload{}, f.bad
	}
	c.onlyPriced(&q)
	p, err := askedPhoto(c, q.Query)
	if err != nil {
		return payload{}, err
	}
	answer, err := market.AskAlike(c.R.Context(), c.Goods, c.Gallery, p.Fingerprint(), spoilQuestion(c, q))
	if err != nil {
		return payload{}, fmt.Errorf("asking the gallery: %w", err)
	}
	if c.Faults.Has(faultword.Empty) {
		answer.Offers = nil
	}
	list := items(c, answer.Offers)
	for i := range list {
		// An offer that a fault word repeats is the first.
		percent := math.Round(answer.Likeness[i%len(answer.Offers)]*1000) / 10
		list[i].Similarity = &percent
		if !c.tutorial { // Its client reads both in rows by photo too.
			list[i].SaleCount, list[i].Location = nil, ""
		}
	}
	return payload{items: list}, nil
}

// askedPhoto is the photo that the call names; q is what else is asked. Nothing is fetched: addresses other than the
// sandbox's own are refused, or stand for the picture of some goods where the tutorial's client is served.
func askedPhoto(c *call, q catalog.Query) (*uploads.Photo, error) {
	address, content := c.params.Values["image_url"], c.params.Values["image_content"]
	switch {
	case address == "" && content == "":
		return nil, missingArgument("image_url")
	case address != "" && content != "":
		return nil, badArgument("image_content")
	case address != "":
		p, err := market.PhotoAt(c.R.Context(), c.Gallery, address, c.Base, c.Origin)
		if errors.Is(err, market.ErrNoPicture) && c.tutorial {
			p, err = c.standIn(address, q)
		}
		if errors.Is(err, market.ErrNoPicture) {
			return nil, badArgument("image_url")
		}
		return p, err
	}
	if c.Faults.Has(faultword.RefuseImage) || c.Uploads.Refuses() {
		return nil, &errUpload
	}
	p, err := c.Photos.ReadBase64(c.R.Context(), content)
	if errors.Is(err, uploads.ErrRefused) {
		return nil, &errUpload
	}
	return p, err
}
