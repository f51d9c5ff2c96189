package titles

import "testing"

// BenchmarkReading measures how often the words are right, and what they cost. It fails if a bound of the tests is not reached; the
// promises stand in the names of the metrics.
func BenchmarkReading(b *testing.B) {
	c := readCorpora(b)
	for _, part := range []struct {
		name  string
		kinds []kind
		least bounds
	}{
		{"tuning", c.tuning, bounds{}},
		{"heldout", c.heldOut, c.atLeast()["held out"].bounds},
		{"afterwards", c.afterwards, c.atLeast()["afterwards"].bounds},
	} {
		b.Run(part.name, func(b *testing.B) {
			var f, unlisted figures
			for b.Loop() {
				f, unlisted = measure(part.kinds, false), measure(part.kinds, true)
			}
			kinds := percent(f.kinds.both, f.kinds.asked)
			b.ReportMetric(kinds, "%kinds(≥90)")
			b.ReportMetric(percent(f.kinds.heads, f.kinds.asked), "%heads")
			b.ReportMetric(percent(unlisted.kinds.both, unlisted.kinds.asked), "%unlisted(≥75)")
			b.ReportMetric(percent(f.singles.heads, f.singles.asked), "%single-heads(≥85)")
			b.ReportMetric(percent(f.singles.both, f.singles.asked), "%single")
			if kinds < part.least.kinds {
				b.Errorf("%.1f %% of the kinds are right, want %v", kinds, part.least.kinds)
			}
		})
	}
	b.Run("mixed", func(b *testing.B) {
		var knowing, without float64
		for b.Loop() {
			knowing, without = mixture{own: 2, same: 2, other: 6}.headsOf(c.heldOut)
		}
		b.ReportMetric(knowing, "%heads-by-own-titles(≥85)")
		b.ReportMetric(without, "%heads-without")
	})
	b.Run("60titles", func(b *testing.B) {
		var titles []string
		for _, k := range c.heldOut[:10] {
			titles = append(titles, k.titles...)
		}
		titles = titles[:60]
		r := NewReader()
		b.ReportAllocs()
		for b.Loop() {
			r.Read(titles)
		}
		const most = 20 // ms
		took := float64(b.Elapsed().Microseconds()) / 1000 / float64(b.N)
		b.ReportMetric(took, "ms(≤20)")
		if took > most {
			b.Errorf("60 titles take %.1f ms, promised are %d", took, most)
		}
	})
	b.Run("lexicon", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			NewReader()
		}
	})
}
