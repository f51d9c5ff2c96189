package server

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// named is what names one picture.
type named interface {
	GetImageUrl() string
	GetImageContent() []byte
	GetImageId() string
}

// checkOnePicture refuses none and more than one. Of several the first is taken for the one that was meant.
// prefix stands before the fields' names.
func checkOnePicture(q named, prefix string) error {
	fields := []struct {
		name  string
		given bool
	}{
		{prefix + "image_url", q.GetImageUrl() != ""},
		{prefix + "image_content", len(q.GetImageContent()) > 0},
		{prefix + "image_id", q.GetImageId() != ""},
	}
	meant := ""
	var extra *fault.Fault
	for _, field := range fields {
		switch {
		case !field.given:
		case meant == "":
			meant = field.name
		case extra == nil:
			extra = fault.Invalid(field.name, ruleOnePicture, "must not be given beside %s", meant)
		default:
			extra = extra.WithField(field.name, ruleOnePicture, "must not be given beside "+meant)
		}
	}
	switch {
	case extra != nil:
		return extra
	case meant != "":
		return nil
	}
	none := fault.New(fault.InvalidField, "a picture is wanted: one of image_url, image_content and image_id")
	for _, field := range fields {
		none = none.WithField(field.name, ruleOnePicture, "one of image_url, image_content and image_id must be given")
	}
	return none
}

// pictureOf is the picture that is named, or what stands for the part of it. It stays readable until it is released. drop
// is called once the content in the request is not needed any more.
func (p Photos) pictureOf(ctx context.Context, q named, part *zhaohuov1.PictureRegion, drop func()) (_ upstream.Picture, release func(), err error) {
	kept, err := p.taken(ctx, q, part, drop)
	if err != nil {
		return upstream.Picture{}, nil, err
	}
	picture, uncut, err := p.pictureOn(ctx, kept, q.GetImageUrl(), part)
	if err != nil {
		kept.Release()
		return upstream.Picture{}, nil, err
	}
	return picture, func() {
		uncut()
		kept.Release()
	}, nil
}

// taken is the photo that is named, in our keeping; nil if it is enough to pass its address on.
func (p Photos) taken(ctx context.Context, q named, part *zhaohuov1.PictureRegion, drop func()) (*photo.Kept, error) {
	switch {
	case q.GetImageUrl() != "":
		passed, err := p.Addresses.Passed(q.GetImageUrl())
		switch {
		case err != nil || passed && part == nil:
			return nil, err
		case passed: // A part can be told only of a picture whose size is known here.
			return p.fetched(ctx, q.GetImageUrl(), p.Hosts)
		}
		return p.fetched(ctx, q.GetImageUrl(), p.Addresses)
	case q.GetImageId() != "":
		return p.Store.Find(interceptor.CallerName(ctx), q.GetImageId())
	}
	kept, err := p.Store.KeepBytes(ctx, interceptor.CallerName(ctx), q.GetImageContent())
	if err == nil {
		// The photo is kept now. While the upstream is asked, a second copy would only take up memory.
		drop()
	}
	return kept, err
}

// pictureOn is a kept photo, the part of it that is to be cut out, or what is at an address alone. The kept photo stays the
// caller's to let go, after release.
func (p Photos) pictureOn(ctx context.Context, kept *photo.Kept, address string, part *zhaohuov1.PictureRegion) (_ upstream.Picture, release func(), err error) {
	if kept == nil {
		return upstream.Picture{URL: address}, func() {}, nil
	}
	release = func() {}
	if part != nil && p.CutRegions {
		kept, err = p.Store.Crop(ctx, kept, imaging.Box{X0: part.GetLeft(), Y0: part.GetTop(), X1: part.GetRight(), Y1: part.GetBottom()})
		if err != nil {
			return upstream.Picture{}, nil, err
		}
		release = kept.Release
	}
	return upstream.Picture{URL: address, Photo: kept, Key: kept.Key(), Pixels: kept.Pixels()}, release, nil
}

// asked is what the upstream is asked beside the picture: nothing of a part that is cut out here.
func (p Photos) asked(question *zhaohuov1.ImageSearchRequest) *zhaohuov1.ImageSearchRequest {
	if p.CutRegions {
		question.Region = nil
	}
	return question
}

// fetched is the photo at an address, kept.
func (p Photos) fetched(ctx context.Context, address string, from Fetcher) (*photo.Kept, error) {
	spool, err := p.Store.Spool(ctx)
	if err != nil {
		return nil, err
	}
	defer spool.Close() //nolint:errcheck // What it held is on the shelf, or not wanted.
	if err := from.Fetch(ctx, address, spool); err != nil {
		return nil, err
	}
	return p.keep(ctx, spool)
}

// keep takes what was received into our keeping, for its caller: the name of the API key. Without keys all callers are one.
func (p Photos) keep(ctx context.Context, spool *photo.Spool) (*photo.Kept, error) {
	return p.Store.Keep(ctx, interceptor.CallerName(ctx), spool)
}
