package picture

import (
	"bytes"
	"container/list"
	"fmt"
	"image/jpeg"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

const (
	// Side is the length of a studio photo's side in pixels.
	Side = 400
	// quality is usual for photos on the web: about 11 KB each.
	quality = 85
)

// Studio makes JPEG photos and keeps the most recently used ones within a bound. It is safe for concurrent use.
type Studio struct {
	limit int

	mu     sync.Mutex
	size   int
	photos map[catalog.Look]*list.Element // of photo
	recent *list.List                     // most recently used first
}

type photo struct {
	look catalog.Look
	data []byte
}

// NewStudio makes a studio that keeps at most limit bytes of photos; 0 keeps none.
func NewStudio(limit int) *Studio {
	return &Studio{limit: limit, photos: map[catalog.Look]*list.Element{}, recent: list.New()}
}

// JPEG returns the photo of a look, Side × Side pixels, without metadata. The bytes are shared and must not be changed.
func (s *Studio) JPEG(look catalog.Look) []byte {
	if data, ok := s.kept(look); ok {
		return data
	}
	// Draw outside the lock: two concurrent requests for one photo draw it twice, which is cheaper than making all others
	// wait.
	data := encode(look)
	s.keep(look, data)
	return data
}

func (s *Studio) kept(look catalog.Look) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.photos[look]
	if !ok {
		return nil, false
	}
	s.recent.MoveToFront(e)
	return e.Value.(photo).data, true
}

func (s *Studio) keep(look catalog.Look, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.photos[look]; ok || len(data) > s.limit {
		return
	}
	s.photos[look] = s.recent.PushFront(photo{look, data})
	s.size += len(data)
	for s.size > s.limit {
		oldest := s.recent.Remove(s.recent.Back()).(photo)
		delete(s.photos, oldest.look)
		s.size -= len(oldest.data)
	}
}

func encode(look catalog.Look) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, Draw(look, Side), &jpeg.Options{Quality: quality}); err != nil {
		// The encoder fails only on oversized pictures and on write errors. Neither can happen here.
		panic(fmt.Sprintf("picture: encode: %v", err))
	}
	return b.Bytes()
}
