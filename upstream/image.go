package upstream

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// ImageSearch implements [Searcher]. Where the dialect has photos sent before they are searched by, a photo is sent once
// and searched by its id; sent again once if the upstream forgot it. If the upstream does not take the photo, the
// picture's own address is tried where there is one; not for a part of the picture, since what is at the address need not
// have the photo's size.
func (c *Client) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p Picture) (*zhaohuov1.ImageSearchResponse, error) {
	ctx, bill := WithCallCount(ctx)
	answer, err := c.pictureSearch(ctx, q, p)
	if err != nil {
		return nil, withCalls(err, bill.Calls())
	}
	answer.Meta.UpstreamCalls = int32(bill.Calls())
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
	id, err := c.send(ctx, p)
	if err != nil {
		return nil, err
	}
	answer, err := c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, ID: id, Pixels: p.Pixels})
	if fault.KindOf(err) != fault.UpstreamImageForgotten {
		return answer, err
	}
	c.uploads.forget(p.Key, id)
	if id, err = c.send(ctx, p); err != nil {
		return nil, err
	}
	return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, ID: id, Pixels: p.Pixels})
}

// imageSearch asks once.
func (c *Client) imageSearch(ctx context.Context, q ImageQuestion) (*zhaohuov1.ImageSearchResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.ImageSearch, q)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// send gives the upstream's id of the photo. A photo without a key is like no other.
func (c *Client) send(ctx context.Context, p Picture) (string, error) {
	if p.Key == "" {
		return c.sendNow(ctx, p.Photo)
	}
	id, err := c.uploads.id(ctx, p.Key, p.Photo, c.sendNow)
	if err != nil {
		if call, unsayable := c.Dialect.UploadImage.Encode(p.Photo); unsayable == nil {
			err = c.annotate(err, call, fault.CallsOf(err), "")
		}
	}
	return id, err
}

func (c *Client) sendNow(ctx context.Context, p Photo) (string, error) {
	id, _, err := run(ctx, c, c.Dialect.UploadImage, p)
	return id, err
}

// withCalls says what a failure cost.
func withCalls(err error, calls int) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	return f.WithCalls(calls)
}
