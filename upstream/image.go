package upstream

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

// ImageSearch implements [Searcher]. Where the dialect has photos sent before they are searched by, a photo is sent once
// and searched by its id; sent again once if the upstream forgot it. If the upstream does not take the photo, the
// picture's own address is tried where there is one; not for a part of the picture, since what is at the address need not
// have the photo's size.
func (c *Client) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p Picture) (*zhaohuov1.ImageSearchResponse, error) {
	before := 0
	if p.Photo != nil {
		answer, err := c.photoSearch(ctx, q, p)
		if fault.KindOf(err) != fault.UpstreamImageRefused || p.URL == "" || q.Region != nil {
			return answer, err
		}
		before = fault.CallsOf(err)
	}
	return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, URL: p.URL}, before)
}

func (c *Client) photoSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p Picture) (*zhaohuov1.ImageSearchResponse, error) {
	if !c.Dialect.UploadImage.Offered() {
		return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, Photo: p.Photo, Pixels: p.Pixels}, 0)
	}
	first, err := c.send(ctx, p)
	if err != nil {
		return nil, err
	}
	answer, err := c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, ID: first.id, Pixels: p.Pixels}, first.attempts)
	if fault.KindOf(err) != fault.UpstreamImageForgotten {
		return answer, err
	}
	c.uploads.forget(p.Key, first.id)
	spent := fault.CallsOf(err)
	again, err := c.send(ctx, p)
	if err != nil {
		return nil, addCalls(err, spent)
	}
	return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, ID: again.id, Pixels: p.Pixels}, spent+again.attempts)
}

// imageSearch asks once; before is what was spent on the question already.
func (c *Client) imageSearch(ctx context.Context, q ImageQuestion, before int) (*zhaohuov1.ImageSearchResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.ImageSearch, q)
	if err != nil {
		return nil, addCalls(err, before)
	}
	meta.UpstreamCalls += int32(before)
	answer.Meta = meta
	return answer, nil
}

// send gives the upstream's id of the photo. A photo without a key is like no other.
func (c *Client) send(ctx context.Context, p Picture) (sent, error) {
	if p.Key == "" {
		return c.sendNow(ctx, p.Photo)
	}
	got, err := c.uploads.id(ctx, p.Key, p.Photo, c.longestQuestion(), c.sendNow)
	if err != nil {
		if call, unsayable := c.Dialect.UploadImage.Encode(p.Photo); unsayable == nil {
			err = c.annotate(err, call, fault.CallsOf(err), "")
		}
	}
	return got, err
}

func (c *Client) sendNow(ctx context.Context, p Photo) (sent, error) {
	id, meta, err := run(ctx, c, c.Dialect.UploadImage, p)
	if err != nil {
		return sent{}, err
	}
	return sent{id: id, attempts: int(meta.GetUpstreamCalls())}, nil
}

// addCalls adds what was spent before to what a failure says it cost.
func addCalls(err error, before int) error {
	if before == 0 {
		return err
	}
	return withCalls(err, before+fault.CallsOf(err))
}
