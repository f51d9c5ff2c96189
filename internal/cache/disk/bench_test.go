package disk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
)

// fill puts n answers, 500 in a transaction.
func fill(b *testing.B, s *disk.Store, n int) {
	b.Helper()
	until := time.Now().Add(time.Hour)
	for from := 0; from < n; from += 500 {
		put(b, s, until, numbers(from, min(from+500, n))...)
	}
}

// BenchmarkPut puts alternately into a store with ten answers of 8 KB and into one with 100,000, so that both see the same machine:
// alone in a transaction, and 64 in one. Means include SQLite's checkpoints; medians do not. It fails when a put alone into the
// large store takes more than 1.5 times as long as into the small one.
func BenchmarkPut(b *testing.B) {
	const promise = 1.5
	many := open(b, disk.Config{Dir: b.TempDir(), MaxBytes: 8 << 30})
	fill(b, many, 100_000)
	next := 100_000
	for _, together := range []int{1, 64} {
		b.Run(fmt.Sprintf("together=%d", together), func(b *testing.B) {
			var few *disk.Store
			var times [2][]time.Duration
			for i := 0; b.Loop(); i++ {
				if i%500 == 0 {
					few = open(b, disk.Config{Dir: b.TempDir()})
					fill(b, few, 10)
				}
				for which, s := range []*disk.Store{few, many} {
					items := make([]cache.Item, together)
					for i := range items {
						items[i] = cache.Item{Key: keyOf(next), Value: valueOf(next), Until: time.Now().Add(time.Hour)}
						next++
					}
					from := time.Now()
					if err := s.Put(b.Context(), items); err != nil {
						b.Fatal(err)
					}
					times[which] = append(times[which], time.Since(from)/time.Duration(together))
				}
			}
			means := [2]float64{mean(times[0]), mean(times[1])}
			slices.Sort(times[0])
			slices.Sort(times[1])
			atFew, atMany := times[0][len(times[0])/2], times[1][len(times[1])/2]
			ratio := float64(atMany) / float64(atFew)
			b.ReportMetric(float64(atFew.Microseconds()), "µs/put-of-10th")
			b.ReportMetric(float64(atMany.Microseconds()), "µs/put-of-100000th")
			b.ReportMetric(means[1]/means[0], "ratio-of-means")
			b.ReportMetric(ratio, "ratio(≤1.5)")
			if together == 1 && ratio > promise {
				b.Errorf("a put among 100,000 answers takes %.2f times as long as among 10, promised %.1f", ratio, promise)
			}
		})
	}
}

func mean(times []time.Duration) float64 {
	sum := time.Duration(0)
	for _, each := range times {
		sum += each
	}
	return float64(sum) / float64(len(times))
}

// BenchmarkGet reads the first answer of a process that starts with 100,000 answers of 8 KB, and a later one. It fails when the
// first one takes more than a second.
func BenchmarkGet(b *testing.B) {
	dir := b.TempDir()
	s := open(b, disk.Config{Dir: dir, MaxBytes: 8 << 30})
	fill(b, s, 100_000)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("first", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			s := disk.New(disk.Config{Dir: dir, MaxBytes: 8 << 30})
			if !has(b, s, i*7919%100_000) {
				b.Fatal("it is gone")
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
		mean := b.Elapsed() / time.Duration(b.N)
		b.ReportMetric(float64(mean.Microseconds())/1000, "ms(≤1000)")
		if mean > time.Second {
			b.Errorf("the first answer takes %v, promised 1s", mean)
		}
	})
	b.Run("later", func(b *testing.B) {
		s := open(b, disk.Config{Dir: dir, MaxBytes: 8 << 30})
		has(b, s, 0)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if value, err := s.Get(b.Context(), keyOf(i*7919%100_000)); err != nil || value == nil {
				b.Fatal(err)
			}
		}
	})
}
