package upstream

import (
	"context"
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

// ImageSearch implements [Searcher]. Where the dialect has photos sent before they are searched by, a photo is sent once
// and searched by its id; sent again once if the upstream forgot it; and if the upstream does not take it, the
// picture's own address is tried where there is one.
func (c *Client) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p Picture) (*zhaohuov1.ImageSearchResponse, error) {
	if p.Photo == nil || !c.Dialect.UploadImage.Offered() {
		return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, URL: p.URL, Photo: p.Photo}, 0)
	}
	first, err := c.send(ctx, p)
	if err != nil {
		if fault.KindOf(err) == fault.UpstreamImageRefused && p.URL != "" {
			return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, URL: p.URL}, first.attempts)
		}
		return nil, err
	}
	answer, err := c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, ID: first.id}, first.attempts)
	if fault.KindOf(err) != fault.UpstreamImageForgotten || err == nil {
		return answer, err
	}
	c.uploads.forget(p.Key, first.id)
	spent := callsOf(err)
	again, err := c.send(ctx, p)
	if err != nil {
		return nil, addCalls(err, spent)
	}
	return c.imageSearch(ctx, ImageQuestion{ImageSearchRequest: q, ID: again.id}, spent+again.attempts)
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

// send gives the upstream's id of the photo. A failure tells its attempts beside the error.
func (c *Client) send(ctx context.Context, p Picture) (sent, error) {
	return c.uploads.id(ctx, p.Key, c.longestQuestion(), func(ctx context.Context) (sent, error) {
		id, meta, err := run(ctx, c, c.Dialect.UploadImage, p.Photo)
		if err != nil {
			return sent{attempts: callsOf(err)}, err
		}
		return sent{id: id, attempts: int(meta.GetUpstreamCalls())}, nil
	})
}

// callsOf is what a failed question had cost.
func callsOf(err error) int {
	f, ok := fault.As(err)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(f.Meta[fault.MetaUpstreamCalls])
	if err != nil {
		return 0
	}
	return n
}

// addCalls adds what was spent before to what a failure says it cost.
func addCalls(err error, before int) error {
	f, ok := fault.As(err)
	if !ok || before == 0 {
		return err
	}
	return f.WithMeta(fault.MetaUpstreamCalls, strconv.Itoa(before+callsOf(err)))
}
