package server

import (
	"context"
	"io"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// found is an image to search with.
type found struct {
	// Picture is what the upstream gets.
	upstream.Picture

	// kept is the complete image on this server; nil if the upstream gets its address.
	kept *photo.Kept
	// release frees the held resources.
	release func()
}

// find gets the image of a source, or a region of it. The image is readable until it is released.
func (p Photos) find(ctx context.Context, image *zhaohuov1.ImageSource, region *zhaohuov1.ImageRegion) (*found, error) {
	url := image.GetUrl()
	// A region needs the image's size, which is known only if this server has the image.
	kept, err := p.taken(ctx, image, region != nil)
	if err != nil {
		return nil, err
	}
	picture, uncut, err := p.pictureOn(ctx, kept, url, region)
	if err != nil {
		kept.Release()
		return nil, err
	}
	return &found{picture, kept, func() {
		uncut()
		kept.Release()
	}}, nil
}

// taken stores the image of a source on this server; nil if the upstream can be given its address and here is false. It
// removes the content from the source: it would be a second copy in memory while the upstream is asked.
func (p Photos) taken(ctx context.Context, image *zhaohuov1.ImageSource, here bool) (*photo.Kept, error) {
	switch source := image.GetSource().(type) {
	case *zhaohuov1.ImageSource_Url:
		passed, err := p.Addresses.Passed(source.Url)
		switch {
		case err != nil || passed && !here:
			return nil, err
		case passed:
			return p.fetched(ctx, source.Url, p.Hosts)
		}
		return p.fetched(ctx, source.Url, p.Addresses)
	case *zhaohuov1.ImageSource_Id:
		return p.Store.Find(interceptor.CallerName(ctx), source.Id)
	}
	kept, err := p.Store.KeepBytes(ctx, interceptor.CallerName(ctx), image.GetContent())
	if err == nil {
		image.Source = nil
	}
	return kept, err
}

// pinned is the image of a source, as it would be sent to the upstream.
func (p Photos) pinned(ctx context.Context, image *zhaohuov1.ImageSource) ([]byte, error) {
	kept, err := p.taken(ctx, image, true)
	if err != nil {
		return nil, err
	}
	defer kept.Release()
	content := make([]byte, kept.Size())
	if _, err := io.ReadFull(kept.Open(), content); err != nil {
		return nil, fault.New(fault.Internal, "the image cannot be read back").WithCause(err)
	}
	return content, nil
}

// withID is the answer with the id of the stored image; unchanged if there is none. It shares the answer's lists and
// changes nothing in it: several callers may share it.
func withID(answer *zhaohuov1.ImageSearchResponse, kept *photo.Kept) *zhaohuov1.ImageSearchResponse {
	if kept == nil {
		return answer
	}
	own := &zhaohuov1.ImageSearchResponse{}
	answer.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		own.ProtoReflect().Set(field, value)
		return true
	})
	own.ImageId, own.ExpireTime = kept.ID(), timestamppb.New(kept.Expires())
	return own
}

// pictureOn is a stored photo, a region of it that is cropped here, or an address. The caller still releases the stored
// photo, after release.
func (p Photos) pictureOn(ctx context.Context, kept *photo.Kept, address string, part *zhaohuov1.ImageRegion) (_ upstream.Picture, release func(), err error) {
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

// asked is the request for the upstream: without a region that is cropped here.
func (p Photos) asked(question *zhaohuov1.ImageSearchRequest) *zhaohuov1.ImageSearchRequest {
	if p.CutRegions {
		question.Region = nil
	}
	return question
}

// fetched fetches the photo at an address and stores it.
func (p Photos) fetched(ctx context.Context, address string, from Fetcher) (*photo.Kept, error) {
	spool, err := p.Store.Spool(ctx)
	if err != nil {
		return nil, err
	}
	defer spool.Close() //nolint:errcheck // The photo was stored, or is not needed.
	if err := from.Fetch(ctx, address, spool); err != nil {
		return nil, err
	}
	return p.keep(ctx, spool)
}

// keep stores a received image for its caller: the name of the API key. Without keys all callers are one.
func (p Photos) keep(ctx context.Context, spool *photo.Spool) (*photo.Kept, error) {
	return p.Store.Keep(ctx, interceptor.CallerName(ctx), spool)
}
