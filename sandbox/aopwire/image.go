package aopwire

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

const (
	// refusedImage is the id of a failed upload, in an answer that says success.
	refusedImage = "0"
	// imageUnknown is the code for an id that was never issued or has expired. The platform's code is not published; this
	// one is invented.
	imageUnknown = "IMAGE_NOT_EXIST"
	// imageUnreachable is the code for an address that is not the platform's own, as a similar API has it.
	imageUnreachable = "SYSTEM_ERROR"
)

// imageUpload keeps a photo. Whatever is wrong with it, the answer says success and the id is "0".
func imageUpload(c *call) (result, error) {
	if c.Gallery == nil {
		return result{}, &errAPIUnsupported
	}
	text, _ := c.args.text("imageBase64")
	if c.Faults.Has(faultword.RefuseImage) || c.Uploads.Refuses() {
		return result{payload: refusedImage}, nil
	}
	p, err := c.Photos.ReadBase64(c.R.Context(), text) // a "data:" prefix is not base64
	switch {
	case errors.Is(err, uploads.ErrRefused):
		return result{payload: refusedImage}, nil
	case err != nil:
		return result{}, fmt.Errorf("reading a photo: %w", err)
	}
	c.Gallery.Warm() // the caller is about to search by it
	return result{payload: c.Uploads.Keep(c.Arrived, c.App, p)}, nil
}

// regions are the requested region, or else a square around what stands out most, and all regions that stand out. Their
// sides come as x0,x1,y0,y1 in the photo's pixels.
type regions struct {
	Current string `json:"currentRegion"`
	Found   string `json:"yoloCropRegion"`
}

// imageQuery lists the goods nearest to a photo.
func imageQuery(c *call) (result, error) {
	if c.Gallery == nil {
		return result{}, &errAPIUnsupported
	}
	q, refused := question(c)
	if refused != nil {
		return result{refused: refused}, nil
	}
	title, _ := c.args.text("itemTitle")
	auxiliary, _ := c.args.text("auxiliaryText")
	q.Hint = strings.TrimSpace(title + " " + auxiliary)
	language, _ := c.args.text("country")
	if !market.Supports(language) {
		return refusedBy(badArgument, "不支持的语言: "+language), nil
	}
	full, refused, err := askedPhoto(c)
	if err != nil || refused != nil {
		return result{refused: refused}, err
	}
	part, seen, refused := askedRegion(c, full)
	if refused != nil {
		return result{refused: refused}, nil
	}
	answer, err := market.AskNearest(c.R.Context(), c.Goods, c.Gallery, part.Fingerprint(), faultyQuestion(c, q))
	if err != nil {
		return result{}, err
	}
	page := pageOf(c, answer, q.Page, func(o *catalog.Offer) row { return imageRow(c, o, language) })
	page.Regions = seen
	return result{payload: page, page: page}, nil
}

// askedPhoto returns the photo that the id names, or else the address.
func askedPhoto(c *call) (*uploads.Photo, *business, error) {
	if c.args.has("imageId") {
		id, _ := c.args.text("imageId")
		if c.Acts(faultword.ForgetImage) {
			c.Uploads.Forget(c.App, id)
		}
		if p, ok := c.Uploads.Find(c.Arrived, c.App, id); ok {
			return p, nil, nil
		}
		return nil, &business{imageUnknown, "image not exist"}, nil
	}
	if !c.args.has("imageAddress") {
		missing := paramMissing("imageId")
		return nil, nil, &missing
	}
	address, _ := c.args.text("imageAddress")
	p, err := market.PhotoAt(c.R.Context(), c.Gallery, address, c.Base, c.Origin)
	switch {
	case errors.Is(err, market.ErrNoPicture):
		return nil, &business{imageUnreachable, "handle image error with url " + address}, nil
	case err != nil:
		return nil, nil, fmt.Errorf("looking at an image: %w", err)
	}
	return p, nil, nil
}

// askedRegion returns the part of a photo to search by: the region that the caller named, else all of it. A region outside
// the photo is refused.
func askedRegion(c *call, p *uploads.Photo) (*uploads.Photo, *regions, *business) {
	found := p.Regions()
	texts := make([]string, len(found))
	for i, r := range found {
		texts[i] = r.String()
	}
	seen := &regions{Current: p.Square(found[0]).String(), Found: strings.Join(texts, ";")}
	text, _ := c.args.text("region")
	if text == "" {
		return p, seen, nil
	}
	r, ok := uploads.ParseRegion(text)
	if ok {
		if part, on := p.Crop(r); on {
			seen.Current = r.String()
			return part, seen, nil
		}
	}
	return nil, nil, &business{badArgument, "region格式错误"}
}
