package titles

import "testing"

// BenchmarkReading measures how often the words are right, and what they cost. It fails if a promise is not kept.
func BenchmarkReading(b *testing.B) {
	c := readCorpora(b)
	for _, part := range []struct {
		name     string
		kinds    []kind
		promised bool
	}{{"tuning", c.tuning, false}, {"heldout", c.heldOut, true}, {"unseen", c.unseen, true}} {
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
			if part.promised && kinds < kindPromise {
				b.Errorf("%.1f %% of the kinds are right, promised are %d", kinds, kindPromise)
			}
		})
	}
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
