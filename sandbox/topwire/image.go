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

// imageRows is the number of items of an image search, which has no paging.
const imageRows = 20

// imageSearch is the tutorial's search by photo. Exactly one of image_url and image_content must be sent.
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
	answer, err := market.AskNearest(c.R.Context(), c.Goods, c.Gallery, p.Fingerprint(), faultyQuestion(c, q))
	if err != nil {
		return payload{}, fmt.Errorf("asking the gallery: %w", err)
	}
	if c.Faults.Has(faultword.Empty) {
		answer.Offers = nil
	}
	list := items(c, answer.Offers)
	for i := range list {
		// If a fault word repeats an offer, it is the first.
		percent := math.Round(answer.Likeness[i%len(answer.Offers)]*1000) / 10
		list[i].Similarity = &percent
	}
	return payload{items: list}, nil
}

// askedPhoto returns the photo that the call names; q is the rest of the question. Nothing is fetched. Addresses other than
// the sandbox's own are refused. Where the tutorial's client is served, they mean the picture of some goods.
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
			p, err = c.placeholderPhoto(address, q)
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
