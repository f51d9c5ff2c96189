package cache_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// catalogue answers every question at once with a page of 20 products, about 7 KB.
type catalogue struct{ cache.Upstream }

func (catalogue) KeywordSearch(_ context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	a := &zhaohuov1.KeywordSearchResponse{Meta: &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.Now(), UpstreamCalls: 1}}
	for i := range 20 {
		a.Products = append(a.Products, &zhaohuov1.Product{
			Id: strconv.Itoa(600_000_000 + i), Title: q.GetKeyword() + strings.Repeat("夏季新款", 12), ImageUrl: new(strings.Repeat("u", 120)),
			DetailUrl: new(strings.Repeat("d", 60)),
		})
	}
	return a, nil
}

func (c catalogue) ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, _ upstream.Picture) (*zhaohuov1.ImageSearchResponse, error) {
	a, err := c.KeywordSearch(ctx, words(q.GetKeyword()))
	return &zhaohuov1.ImageSearchResponse{Products: a.GetProducts(), Meta: a.GetMeta()}, err
}

// BenchmarkPhotoHit compares the two ways from a stored answer to the bytes of a caller's answer.
func BenchmarkPhotoHit(b *testing.B) {
	c := wrap(b, catalogue{}, cache.Config{})
	picture, q := upstream.Picture{Photo: &loan{text: "1"}, Key: "1"}, &zhaohuov1.ImageSearchRequest{Keyword: "连衣裙"}
	b.Run("decoded and encoded anew", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a, err := c.ImageSearch(b.Context(), q, picture)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := proto.Marshal(a); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoded", func(b *testing.B) {
		b.ReportAllocs()
		ask, err := c.PrepareImageSearch(q)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := ask(b.Context(), picture); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkHit(b *testing.B) {
	c := wrap(b, catalogue{}, cache.Config{})
	b.Run("one caller", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.KeywordSearch(b.Context(), words("连衣裙")); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("many callers", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := c.KeywordSearch(b.Context(), words("连衣裙")); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkHitOnDisk asks for answers that the disk has and memory does not.
func BenchmarkHitOnDisk(b *testing.B) {
	dir := b.TempDir()
	const there = 2000
	c := wrap(b, catalogue{}, cache.Config{Store: disk.New(disk.Config{Dir: dir}), MemoryBytes: 1, WaitingBytes: 1 << 30})
	for i := range there {
		search(b.Context(), c, words(strconv.Itoa(i)))
	}
	if err := c.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if g := search(b.Context(), c, words(strconv.Itoa(i*7%there))); g.From != cached {
			b.Fatalf("got %+v", g)
		}
	}
}

func BenchmarkMiss(b *testing.B) {
	c := wrap(b, catalogue{}, cache.Config{})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		search(b.Context(), c, words(strconv.Itoa(i)))
	}
}

// BenchmarkMillion compares the resident memory of the process after a million different questions from eight callers with that
// after a hundred thousand. It fails when it is more than 1.1 times as much. Run it alone: other benchmarks in the same process
// leave memory behind.
func BenchmarkMillion(b *testing.B) {
	c := wrap(b, catalogue{}, cache.Config{MemoryBytes: 64 << 20})
	next := 0
	ask := func(n int) float64 {
		var wg sync.WaitGroup
		for caller := range 8 {
			wg.Go(func() {
				for i := caller; i < n; i += 8 {
					search(b.Context(), c, words(strconv.Itoa(next+i)))
				}
			})
		}
		wg.Wait()
		next += n
		return resident(b)
	}
	for b.Loop() {
		first := ask(100_000)
		last := ask(900_000)
		b.ReportMetric(first/(1<<20), "MiB/100k")
		b.ReportMetric(last/(1<<20), "MiB/1M")
		b.ReportMetric(last/first, "ratio(≤1.1)")
		if last > 1.1*first {
			b.Errorf("%.2f times as much memory after a million questions as after 100,000, promised 1.1", last/first)
		}
	}
}

// resident is the process's memory as the system counts it.
func resident(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := bytes.Cut(status, []byte("VmRSS:"))
	var kib float64
	if _, err := fmt.Sscan(string(after), &kib); err != nil {
		b.Fatal(err)
	}
	return kib * 1024
}
