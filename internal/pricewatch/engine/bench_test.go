package engine_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// BenchmarkTicks is how many observations that cost no time are stored a second.
func BenchmarkTicks(b *testing.B) {
	for name, url := range map[string]string{"SQLite": filepath.Join(b.TempDir(), "prices.db"), "PostgreSQL": cluster.Database(b)} {
		b.Run(name, func(b *testing.B) {
			s, err := store.Open(b.Context(), store.Options{URL: url, Migrate: engine.Migrate})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			e, err := engine.New(engine.Options{Store: s, Observer: &observer{}, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			now := time.Now()
			for i := range b.N {
				w := watchOf(fmt.Sprintf("%d-%d", b.N, i), now, 24*time.Hour)
				w.NextDue = now
				if err := s.CreateWatch(b.Context(), w, nil, 0); err != nil {
					b.Fatal(err)
				}
			}
			b.ResetTimer()
			if err := e.Start(b.Context()); err != nil {
				b.Fatal(err)
			}
			look := time.NewTicker(20 * time.Millisecond)
			defer look.Stop()
			for stored := 0; stored < b.N; <-look.C {
				if err := s.DB().QueryRowContext(b.Context(), `SELECT count(*) FROM price_observation`).Scan(&stored); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ticks/s")
			if err := e.Stop(b.Context()); err != nil {
				b.Error(err)
			}
		})
	}
}
