package server

import (
	"context"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/photo"
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

// pictureOf is the picture that is named. It stays readable until it is released. drop is called once the content in the
// request is not needed any more.
func (p Photos) pictureOf(ctx context.Context, q named, drop func()) (_ upstream.Picture, release func(), err error) {
	var kept *photo.Kept
	switch {
	case q.GetImageUrl() != "":
		passed, err := p.Fetcher.Passed(q.GetImageUrl())
		if err != nil {
			return upstream.Picture{}, nil, err
		}
		if passed {
			return upstream.Picture{URL: q.GetImageUrl()}, func() {}, nil
		}
		kept, err = p.fetched(ctx, q.GetImageUrl())
		if err != nil {
			return upstream.Picture{}, nil, err
		}
	case q.GetImageId() != "":
		if kept, err = p.Keeper.Find(q.GetImageId()); err != nil {
			return upstream.Picture{}, nil, err
		}
	default:
		if kept, err = p.Keeper.KeepBytes(ctx, q.GetImageContent(), nil); err != nil {
			return upstream.Picture{}, nil, err
		}
		// The photo is kept now. While the upstream is asked, a second copy would only take up memory.
		drop()
	}
	picture := pictureOn(kept)
	picture.URL = q.GetImageUrl()
	return picture, kept.Release, nil
}

func pictureOn(kept *photo.Kept) upstream.Picture {
	return upstream.Picture{Photo: kept, Key: kept.Key()}
}

// fetched is the photo at an address, kept.
func (p Photos) fetched(ctx context.Context, address string) (*photo.Kept, error) {
	spool, err := p.Keeper.Spool(ctx)
	if err != nil {
		return nil, err
	}
	defer spool.Close() //nolint:errcheck // What it held is on the shelf, or not wanted.
	if err := p.Fetcher.Fetch(ctx, address, spool); err != nil {
		return nil, err
	}
	return p.Keeper.Keep(ctx, spool, nil)
}
