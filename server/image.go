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

// Photos are what searches by picture need.
type Photos struct {
	// Store takes photos in and keeps them.
	Store *photo.Store
	// Addresses fetches what callers name by its address.
	Addresses Addresses
	// Hosts fetches from the upstream's own picture hosts, whose addresses are passed on unless the picture's size has to
	// be known here.
	Hosts Fetcher
	// IdleTimeout is how long an upload may send nothing; 15 seconds by default.
	IdleTimeout time.Duration
	// RateMin is the fewest bytes a second at which an upload may come after that, on average; 0 is no bound.
	RateMin int64
	// CutRegions has the part of a picture that is searched by cut out here: the upstream's dialect has no regions.
	CutRegions bool
}

const defaultIdleTimeout = 15 * time.Second

// pace is how one picture has to come in.
func (p Photos) pace() pace.Pace { return pace.Pace{Min: p.RateMin, Grace: p.IdleTimeout} }

func (p Photos) withDefaults() Photos {
	if p.IdleTimeout <= 0 {
		p.IdleTimeout = defaultIdleTimeout
	}
	return p
}

// Addresses tells addresses apart and gets pictures from them.
type Addresses interface {
	// Passed reports whether the URL is passed to the upstream unchanged. An invalid URL is a fault.
	Passed(address string) (bool, error)
	Fetcher
}

// Fetcher gets pictures from addresses.
type Fetcher interface {
	// Fetch writes the picture at an address into a writer. It must return before ctx ends, or as soon as it does, and
	// hand on the writer's errors as they are.
	Fetch(ctx context.Context, address string, into io.Writer) error
}

// The rules that are checked here.
const (
	ruleFirst    = "FIRST"
	ruleOnce     = "ONCE"
	ruleRequired = "REQUIRED"
)

// ImageSearch implements [zhaohuov1.SearchServiceServer]. The searcher sees page and page size with the defaults filled in where the
// dialect has them.
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

// imageQuestion checks what is asked beside the picture, and gives it without the picture.
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

// withoutPicture is q without its image. It shares q's lists, and copies no picture.
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
