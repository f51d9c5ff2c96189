package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// anyPicture answers every image search. It is safe for concurrent use.
type anyPicture struct{ upstream.Searcher }

func (anyPicture) ImageSearch(context.Context, *zhaohuov1.ImageSearchRequest, upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	return &zhaohuov1.ImageSearchResponse{}, nil
}

// said is a stream of images whose messages are all available, then io.EOF.
type said struct {
	streaming
	mu   sync.Mutex
	rest []*zhaohuov1.BatchImageSearchRequest
}

func (s *said) RecvMsg(into any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rest) == 0 {
		return io.EOF
	}
	m := s.rest[0]
	s.rest = s.rest[1:]
	into.(*zhaohuov1.BatchImageSearchRequest).Part = m.GetPart()
	return nil
}

// model is the expected outcome of a stream of images, by the contract's text only.
type model struct {
	kept string
	// answers are the outcomes of the images: "" means products.
	answers []string
	coming  []byte
	open    bool
	// broken is true if messages were out of order.
	broken bool
}

// take processes one part after the options; false if it ends the stream.
func (m *model) take(part *zhaohuov1.BatchImageSearchRequest) bool {
	switch p := part.GetPart().(type) {
	case *zhaohuov1.BatchImageSearchRequest_Image:
		m.finish()
		switch source := p.Image.GetImage().GetSource().(type) {
		case *zhaohuov1.ImageSource_Url:
			m.answers = append(m.answers, "")
		case *zhaohuov1.ImageSource_Id:
			if source.Id == m.kept {
				m.answers = append(m.answers, "")
			} else {
				m.answers = append(m.answers, "IMAGE_EXPIRED")
			}
		case *zhaohuov1.ImageSource_Content:
			m.coming, m.open = source.Content, true
			m.finish()
		default:
			m.open = true
		}
	case *zhaohuov1.BatchImageSearchRequest_End:
		m.finish()
	case *zhaohuov1.BatchImageSearchRequest_Chunk:
		if m.open {
			m.coming = append(m.coming, p.Chunk...)
			return true
		}
		m.broken = true
	default:
		m.broken = true
	}
	return !m.broken
}

// finish ends the current image, if there is one.
func (m *model) finish() {
	if !m.open {
		return
	}
	m.open = false
	answer := ""
	if _, err := imaging.Prepare(context.Background(), bytes.NewReader(m.coming), int64(len(m.coming)), imaging.Limits{}, imaging.Options{}); err != nil {
		answer = fault.KindOf(err).String()
	}
	if len(m.coming) == 0 {
		answer = "INVALID_FIELD"
	}
	m.answers, m.coming = append(m.answers, answer), nil
}

// TestPicturesFollowTheModel: for every order of messages, each complete image has the answer of the model, and the
// stream ends as the model says.
func TestPicturesFollowTheModel(t *testing.T) {
	content := picture(t)
	rapid.Check(t, func(rt *rapid.T) {
		kept := photos(t, photo.Config{}, pages{})
		held, err := kept.Store.KeepBytes(t.Context(), "", content)
		if err != nil {
			rt.Fatal(err)
		}
		held.Release()
		m := &model{kept: held.ID()}
		parts := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) *zhaohuov1.BatchImageSearchRequest {
			return drawnPart(rt, content, held.ID())
		}), 0, 30).Draw(rt, "parts")
		going := true
		for _, part := range parts {
			if going = m.take(part); !going {
				break
			}
		}
		if going {
			m.finish()
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stream := &said{streaming: streaming{ctx: ctx}, rest: append([]*zhaohuov1.BatchImageSearchRequest{
			{Part: &zhaohuov1.BatchImageSearchRequest_Options{Options: &zhaohuov1.ImageSearchOptions{}}},
		}, parts...)}
		err = server.NewSearch(anyPicture{}, aopOffers(), imageLimits, kept).BatchImageSearch(stream)
		if ended := fault.KindOf(err); (err != nil) != m.broken || err != nil && ended != fault.InvalidField {
			rt.Errorf("ended with %v, want order lost: %v", err, m.broken)
		}
		got := make([]string, len(stream.answers))
		slices.SortFunc(stream.answers, func(a, b *zhaohuov1.BatchImageResult) int { return int(a.GetIndex() - b.GetIndex()) })
		for i, a := range stream.answers {
			if int(a.GetIndex()) != i {
				rt.Errorf("answer %d is for image %d", i, a.GetIndex())
			}
			if a.GetError() != nil {
				got[i] = rpcerr.Reason(status.FromProto(a.GetError()))
			}
		}
		if diff := cmp.Diff(append([]string{}, m.answers...), got); diff != "" {
			rt.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// drawnPart is any part, usually one that may follow any other.
func drawnPart(t *rapid.T, content []byte, id string) *zhaohuov1.BatchImageSearchRequest {
	half := len(content) / 2
	begins := func(p *zhaohuov1.BatchImage) *zhaohuov1.BatchImageSearchRequest {
		return &zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Image{Image: p}}
	}
	chunk := func(b []byte) *zhaohuov1.BatchImageSearchRequest {
		return &zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Chunk{Chunk: b}}
	}
	const passed = "https://img.example.com/a.jpg"
	switch n := rapid.IntRange(0, 99).Draw(t, "part"); {
	case n < 25:
		return begins(&zhaohuov1.BatchImage{Tag: fmt.Sprint(n)})
	case n < 30:
		return begins(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: id}}})
	case n < 35:
		return begins(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: "img_nobody"}}})
	case n < 40:
		return begins(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: passed}}})
	case n < 43:
		return begins(&zhaohuov1.BatchImage{Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content}}})
	case n < 60:
		return chunk(content)
	case n < 68:
		return chunk(content[:half])
	case n < 76:
		return chunk(content[half:])
	case n < 80:
		return chunk([]byte("no image"))
	case n < 98:
		return &zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_End{End: &emptypb.Empty{}}}
	default:
		return &zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Options{Options: &zhaohuov1.ImageSearchOptions{}}}
	}
}
