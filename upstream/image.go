package upstream

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// ImageSearch implements [Searcher]. In a dialect with uploads, a photo is uploaded once and searched for by its id. It is
// uploaded once more if the upstream forgot it, or if the account that uploaded it cannot search. If the upstream refuses the photo, the picture's URL is tried, if there is
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
	sent, err := c.upload(ctx, p)
	if err != nil {
		return nil, err
	}
	answer, err := c.sentSearch(ctx, q, p, sent, len(c.Accounts) > 1)
	if fault.KindOf(err) != fault.UpstreamImageForgotten && (len(c.Accounts) == 1 || !ofAccount(err)) {
		return answer, err
	}
	c.uploads.forget(uploadKey(ctx, p.Key), sent)
	if sent, err = c.upload(ctx, p); err != nil {
		return nil, err
	}
	return c.sentSearch(ctx, q, p, sent, false)
}

// sentSearch searches by the id of an uploaded photo, through the account that uploaded it. optional: the photo is uploaded
// anew if that account cannot.
func (c *Client) sentSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, p Picture, sent sentPhoto, optional bool) (*zhaohuov1.ImageSearchResponse, error) {
	return c.imageSearchBy(ctx, ImageQuestion{ImageSearchRequest: q, ID: sent.id, Pixels: p.Pixels}, way{account: sent.account, optional: optional})
}

// imageSearch makes one search call through any account.
func (c *Client) imageSearch(ctx context.Context, q ImageQuestion) (*zhaohuov1.ImageSearchResponse, error) {
	return c.imageSearchBy(ctx, q, way{})
}

func (c *Client) imageSearchBy(ctx context.Context, q ImageQuestion, by way) (*zhaohuov1.ImageSearchResponse, error) {
	answer, meta, _, err := runBy(ctx, c, c.Dialect.ImageSearch, q, by)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// upload returns the upstream's id of the photo. A photo without a key is never shared.
func (c *Client) upload(ctx context.Context, p Picture) (sentPhoto, error) {
	if p.Key == "" {
		return c.uploadNow(ctx, p.Photo)
	}
	sent, err := c.uploads.id(ctx, uploadKey(ctx, p.Key), p.Photo, c.uploadNow)
	if err != nil {
		if call, encodeErr := c.Dialect.UploadImage.Encode(p.Photo); encodeErr == nil {
			err = c.annotate(err, call, fault.CallsOf(err), Credential{})
		}
	}
	return sent, err
}

// uploadKey is the key of a photo for the callers of ctx. Callers of other accounts upload it themselves: an id is taken to
// be valid only for the App Key that it was given to.
func uploadKey(ctx context.Context, key string) string {
	if accounts := DemandOf(ctx).Accounts; key != "" && accounts != "" {
		return key + "@" + accounts
	}
	return key
}

// uploadNow uploads the photo through an account that may search for it too.
func (c *Client) uploadNow(ctx context.Context, p Photo) (sentPhoto, error) {
	by := way{}
	if len(c.Accounts) > 1 {
		search, err := c.Dialect.ImageSearch.Encode(ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}, ID: "0"})
		if err != nil {
			return sentPhoto{}, err
		}
		by.with = search.API
	}
	id, _, account, err := runBy(ctx, c, c.Dialect.UploadImage, p, by)
	return sentPhoto{id: id, account: account}, err
}

// withCalls adds to a fault the number of calls that were made.
func withCalls(err error, calls int) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	return f.WithCalls(calls)
}
