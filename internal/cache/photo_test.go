package cache_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// loan is a photo that its owner takes away again.
type loan struct {
	text    string
	away    atomic.Bool
	reads   atomic.Int64
	misused atomic.Int64 // reads when it was away already
}

func (l *loan) Size() int64     { return int64(len(l.text)) }
func (l *loan) Open() io.Reader { return &loanReader{loan: l} }

type loanReader struct {
	*loan

	at int
}

// Read gives one byte at a time.
func (r *loanReader) Read(to []byte) (int, error) {
	r.reads.Add(1)
	if r.away.Load() {
		r.misused.Add(1)
	}
	if r.at == len(r.text) {
		return 0, io.EOF
	}
	to[0] = r.text[r.at]
	r.at++
	return 1, nil
}

// slowReader is an upstream that reads a byte of the photo in a second, and answers with what it read.
type slowReader struct {
	cache.Upstream

	calls atomic.Int64
}

func (s *slowReader) ImageSearch(ctx context.Context, _ *zhaohuov1.ImageSearchRequest, p upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	s.calls.Add(1)
	text := p.URL
	if p.Photo != nil {
		text = ""
		from := p.Photo.Open()
		for b := make([]byte, 1); ; {
			n, err := from.Read(b)
			text += string(b[:n])
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return nil, fault.New(fault.CallerGone, "")
			}
		}
	}
	return &zhaohuov1.ImageSearchResponse{
		Products: goods(text, int(s.calls.Load())), Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now(), UpstreamCalls: 1},
	}, nil
}

// lend searches by a photo and takes it away when that is over, as a handler does.
func lend(ctx context.Context, c *cache.Cache, l *loan) (string, error) {
	defer l.away.Store(true)
	a, err := c.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{}, upstream.Picture{Photo: l, Key: l.text})
	if err != nil {
		return fault.KindOf(err).String(), err
	}
	return a.GetProducts()[0].GetTitle(), nil
}

func TestAPhotoIsReadOnlyWhileItsOwnerWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowReader{}
		c := wrap(t, s, cache.Config{})
		const text = "0123456789"
		loans := []*loan{{text: text}, {text: text}, {text: text}}
		results := make([]chan string, len(loans))
		for i, l := range loans {
			results[i] = make(chan string, 1)
			// The first leaves after 3 seconds, the second after 6, the last one stays.
			ctx, cancel := context.WithTimeout(t.Context(), []time.Duration{3500 * time.Millisecond, 6500 * time.Millisecond, time.Minute}[i])
			defer cancel()
			go func() {
				got, _ := lend(ctx, c, l)
				results[i] <- got
			}()
			synctest.Wait()
		}
		for i, want := range []string{"DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", text} {
			if got := <-results[i]; got != want {
				t.Errorf("%d: got %s, want %s", i, got, want)
			}
		}
		for i, l := range loans {
			if l.misused.Load() != 0 || l.reads.Load() == 0 {
				t.Errorf("%d: %d reads, %d of them afterwards", i, l.reads.Load(), l.misused.Load())
			}
		}
		if s.calls.Load() != 1 {
			t.Errorf("asked %d times", s.calls.Load())
		}
	})
}

func TestThePhotoOfTheLastToLeaveIsNotReadAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := wrap(t, &slowReader{}, cache.Config{})
		l := &loan{text: "0123456789"}
		ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
		defer cancel()
		if got, _ := lend(ctx, c, l); got != "DEADLINE_EXCEEDED" {
			t.Errorf("got %s", got)
		}
		time.Sleep(time.Minute)
		if l.misused.Load() != 0 || l.reads.Load() != 4 {
			t.Errorf("%d reads, %d of them afterwards", l.reads.Load(), l.misused.Load())
		}
	})
}

func TestOnlyPicturesThatStayAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowReader{}
		c := wrap(t, s, cache.Config{})
		byAddress := func() {
			if _, err := c.ImageSearch(t.Context(), &zhaohuov1.ImageSearchRequest{}, upstream.Picture{URL: "http://x"}); err != nil {
				t.Error(err)
			}
		}
		byPhoto := func() {
			if got, _ := lend(t.Context(), c, &loan{text: "1"}); got != "1" {
				t.Errorf("got %s", got)
			}
		}
		for name, test := range map[string]struct {
			ask   func()
			calls int64
		}{"an address": {byAddress, 2}, "a photo": {byPhoto, 1}} {
			before := s.calls.Load()
			test.ask()
			time.Sleep(9 * time.Minute)
			test.ask()
			synctest.Wait()
			if asked := s.calls.Load() - before; asked != test.calls {
				t.Errorf("%s: asked %d times, want %d", name, asked, test.calls)
			}
		}
	})
}
