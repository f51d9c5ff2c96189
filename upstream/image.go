package upstream

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// ImageSearch implements [Searcher]. In a dialect with uploads, a photo is uploaded once and searched for by its id. It is
// uploaded once more if the upstream forgot it. If the upstream refuses the photo, the picture's URL is tried, if there is
// one; but not for a region, since the image at the URL need not have the photo's size.
func (c *Client) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p Picture) (*zhaohuov1.ImageSearchResponse, error) {
	ctx, calls := WithCallCount(ctx)
	answer, err := c.pictureSearch(ctx, q, p)
	if err != nil {
		return nil, withCalls(err, calls.Calls())
	}
	answer.Meta.UpstreamCalls = int32(calls.Calls())
	return answer, nil
}

func (c *Client) pictureSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p Picture) (*zhaohuov1.ImageSearchResponse, error) {
	if p.Photo != nil {
		answer, err := c.photoSearch(ctx, q, p)
		if fault.KindOf(err) != fault.UpstreamImageRefused || p.URL == "" || q.Region != nil {
			return answer, err
		}
	}
	return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, URL: p.URL})
}

func (c *Client) photoSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p Picture) (*zhaohuov1.ImageSearchResponse, error) {
	if !c.Dialect.UploadImage.Offered() {
		return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, Photo: p.Photo, Pixels: p.Pixels})
	}
	id, err := c.upload(ctx, p)
	if err != nil {
		return nil, err
	}
	answer, err := c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, ID: id, Pixels: p.Pixels})
	if fault.KindOf(err) != fault.UpstreamImageForgotten {
		return answer, err
	}
	c.uploads.forget(p.Key, id)
	if id, err = c.upload(ctx, p); err != nil {
		return nil, err
	}
	return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, ID: id, Pixels: p.Pixels})
}

// imageSearch makes one search call.
func (c *Client) imageSearch(ctx context.Context, q ImageQuestion) (*zhaohuov1.ImageSearchResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.ImageSearch, q)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// upload returns the upstream's id of the photo. A photo without a key is never shared.
func (c *Client) upload(ctx context.Context, p Picture) (string, error) {
	if p.Key == "" {
		return c.uploadNow(ctx, p.Photo)
	}
	id, err := c.uploads.id(ctx, p.Key, p.Photo, c.uploadNow)
	if err != nil {
		if call, encodeErr := c.Dialect.UploadImage.Encode(p.Photo); encodeErr == nil {
			err = c.annotate(err, call, fault.CallsOf(err), "")
		}
	}
	return id, err
}

func (c *Client) uploadNow(ctx context.Context, p Photo) (string, error) {
	id, _, err := run(ctx, c, c.Dialect.UploadImage, p)
	return id, err
}

// withCalls adds to a fault the number of calls that were made.
func withCalls(err error, calls int) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	return f.WithCalls(calls)
}
