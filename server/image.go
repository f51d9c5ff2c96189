package server

import (
	"context"
	"io"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server/pace"
)

// Photos is what image searches need.
type Photos struct {
	// Store receives and stores photos.
	Store *photo.Store
	// Addresses fetches images at callers' addresses.
	Addresses Addresses
	// Hosts fetches from the upstream's own image hosts. Their addresses are passed on unless the image's size is
	// needed here.
	Hosts Fetcher
	// IdleTimeout is how long an upload may send nothing; 15 seconds by default.
	IdleTimeout time.Duration
	// RateMin is the lowest average rate of an upload after that, in bytes per second; 0 for no bound.
	RateMin int64
	// CutRegions makes this server crop the searched region: the upstream's dialect has no regions.
	CutRegions bool
}

const defaultIdleTimeout = 15 * time.Second

// pace is the required pace of one image.
func (p Photos) pace() pace.Pace { return pace.Pace{Min: p.RateMin, Grace: p.IdleTimeout} }

func (p Photos) withDefaults() Photos {
	if p.IdleTimeout <= 0 {
		p.IdleTimeout = defaultIdleTimeout
	}
	return p
}

// Addresses classifies addresses and fetches images from them.
type Addresses interface {
	// Passed reports whether the URL is passed to the upstream unchanged. An invalid URL is a fault.
	Passed(address string) (bool, error)
	Fetcher
}

// Fetcher fetches images from addresses.
type Fetcher interface {
	// Fetch writes the image at an address to a writer. It must return when ctx ends, and return the writer's errors
	// unchanged.
	Fetch(ctx context.Context, address string, into io.Writer) error
}

// The rules that are checked here.
const (
	ruleFirst    = "FIRST"
	ruleOnce     = "ONCE"
	ruleRequired = "REQUIRED"
)

// ImageSearch implements [zhaohuov1.SearchServiceServer]. The searcher gets page and page size with the defaults, if
// the dialect has them.
func (s *Search) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest) (*zhaohuov1.ImageSearchResponse, error) {
	question, err := s.imageQuestion(q)
	if err != nil {
		return nil, err
	}
	image, err := s.photos.find(ctx, q.GetImage(), q.GetRegion())
	if err != nil {
		return nil, err
	}
	defer image.release()
	answer, err := s.searcher.ImageSearch(ctx, s.photos.asked(question), image.Picture)
	if err != nil {
		return nil, err
	}
	return withID(answer, image.kept), nil
}

// imageQuestion checks what is asked beside the image, and returns the request without the image.
func (s *Search) imageQuestion(q *zhaohuov1.ImageSearchRequest) (*zhaohuov1.ImageSearchRequest, error) {
	if err := s.offered.Check(imageSearchRPC, q); err != nil {
		return nil, err
	}
	question := withoutPicture(q)
	// A default must not request a feature that the dialect lacks.
	paged := &zhaohuov1.ImageSearchRequest{Page: proto.Int32(defaultPage), PageSize: proto.Int32(defaultPageSize)}
	if s.offered.Check(imageSearchRPC, paged) == nil {
		question.Page, question.PageSize = orDefault(q.Page, defaultPage), orDefault(q.PageSize, defaultPageSize)
	}
	if err := s.checkBounds(question); err != nil {
		return nil, err
	}
	return question, nil
}

// withoutPicture is q without its image. It shares q's lists and copies no image.
func withoutPicture(q *zhaohuov1.ImageSearchRequest) *zhaohuov1.ImageSearchRequest {
	plain := &zhaohuov1.ImageSearchRequest{}
	q.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Name() != "image" {
			plain.ProtoReflect().Set(field, value)
		}
		return true
	})
	return plain
}
