package main

import (
	"fmt"
	"io"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/roc"
)

// printer prints a result at a threshold.
type printer struct {
	out       io.Writer
	measure   roc.Measure
	threshold float64
	wrong     int
}

func (p *printer) result(r *roc.Result) {
	p.copies(r)
	p.others("different goods: pairs that pass for one photo", r.Kinds)
	if wrong, pairs := r.False(p.measure, p.threshold); pairs > 0 {
		p.line("all of these together", "%6d of %6d (promised at most 1 in %.0f, aim 1 in %.0f)", wrong, pairs, 1/roc.FalsePromise, 1/roc.FalseAim)
	}
	p.others(fmt.Sprintf("variants: pairs that pass for one photo (promised at most %.0f %%)", 100*(1-roc.VariantPromise)), r.Variants)
	p.others("other shots of one thing: pairs that pass for one photo", r.Sides)
	if t := r.Twins; t.Stamps > 0 {
		p.heading("photos of goods on white that have a false twin")
		p.line(fmt.Sprintf("by fingerprint, from %.2f on", roc.Before), "%6d of %6d", t.Coarse, t.Stamps)
		p.line(fmt.Sprintf("by print, among the %d nearest by fingerprint", roc.Candidates), "%6d of %6d", t.Fine, t.Stamps)
	}
	p.foot(r)
	p.curve(r)
}

func (p *printer) heading(text string) { fmt.Fprintf(p.out, "\n%s\n", text) }
func (p *printer) line(what, format string, args ...any) {
	fmt.Fprintf(p.out, "  %-52s %s\n", what, fmt.Sprintf(format, args...))
}

func (p *printer) copies(r *roc.Result) {
	if len(r.Copies) == 0 {
		return
	}
	p.heading(fmt.Sprintf("copies of %d shots that are recognised at %.3f (score: median, 5th percentile)", r.Shots, p.threshold))
	for i, s := range r.Copies {
		mark := ""
		if s.Share(p.measure, p.threshold) < s.Promise {
			mark = "  FELL SHORT"
		}
		p.line(s.Name, "%.3f (promised %.2f)   %.3f  %.3f   %.3f are among the %d nearest by fingerprint%s", s.Share(p.measure, p.threshold), s.Promise,
			s.Quantile(p.measure, 0.5), s.Quantile(p.measure, 0.05), r.Ranks[i].Share, roc.Candidates, mark)
		p.list(s, true)
	}
}

func (p *printer) others(heading string, samples []*roc.Sample) {
	if len(samples) == 0 {
		return
	}
	p.heading(heading + " (score: median, 99.9th percentile, maximum)")
	for _, s := range samples {
		if len(s.Scores) == 0 {
			continue
		}
		p.line(s.Name, "%6d of %6d   %.3f  %.3f  %.3f", s.Above(p.measure, p.threshold), len(s.Scores),
			s.Quantile(p.measure, 0.5), s.Quantile(p.measure, 0.999), s.Quantile(p.measure, 1))
		p.list(s, false)
	}
}

func (p *printer) list(s *roc.Sample, same bool) {
	wrong := s.Wrong(p.measure, p.threshold, same)
	for _, w := range wrong[:min(p.wrong, len(wrong))] {
		fmt.Fprintf(p.out, "      fine %.3f coarse %.3f  %s\n", w.Score.Fine, w.Score.Coarse, w.Label)
	}
}

// foot shows what the foot of likeness by fingerprint keeps and leaves out.
func (p *printer) foot(r *roc.Result) {
	p.heading(fmt.Sprintf("likeness by fingerprint, from the foot on (%.2f)", likeness.LooksAlike))
	for _, group := range [][]*roc.Sample{r.Sides, r.Kinds, r.Variants} {
		for _, s := range group {
			if len(s.Scores) > 0 {
				p.line(s.Name, "%.3f   median %.3f, 95th percentile %.3f", s.Share(roc.Coarse, likeness.LooksAlike),
					s.Quantile(roc.Coarse, 0.5), s.Quantile(roc.Coarse, 0.95))
			}
		}
	}
	if len(r.Unlike.Scores) == 0 {
		return
	}
	p.line(r.Unlike.Name, "%d of %d (promised at most 1 in %.0f)", r.Unlike.Above(roc.Coarse, likeness.LooksAlike), len(r.Unlike.Scores), 1/roc.FootPromise)
	p.list(r.Unlike, false)
	p.heading("the curve of the foot")
	p.line("", "different kinds per 10,000 pairs   other sides   copies: all   the worst")
	for _, c := range r.FootCurve() {
		p.line(fmt.Sprintf("%.3f", c.Foot), "%31.1f         %.3f         %.3f       %.3f   %s", 10_000*c.Unlike, c.Sides, c.Mean, c.Worst, c.WorstName)
	}
}

func (p *printer) curve(r *roc.Result) {
	if len(r.Copies) == 0 {
		return
	}
	p.heading("the curve")
	p.line("", "copies: all   the worst   false per 10,000 pairs   variants")
	for _, c := range append(r.Curve(p.measure), r.At(p.measure, p.threshold)) {
		p.line(fmt.Sprintf("%.3f", c.Threshold), "        %.3f       %.3f   %20.1f      %.3f   %s", c.Mean, c.Worst, 10_000*c.False, c.Variants, c.WorstName)
	}
}

func (p *printer) costs(c roc.Costs) {
	p.heading("processor time and size, for pictures of 640 pixels, decoding apart")
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	p.line("a fingerprint", "%.2f ms (promised %v)", ms(c.Fingerprint), roc.FingerprintPromise)
	p.line("comparing two", "%.2f µs (promised %v)", 1000*ms(c.FingerprintComparison), roc.FingerprintComparisonPromise)
	p.line("a print", "%.1f ms (promised %v)", ms(c.Print), roc.PrintPromise)
	p.line("comparing two", "%.2f ms (promised %v)", ms(c.PrintComparison), roc.PrintComparisonPromise)
	p.line("a print's bytes", "%d, at most %d (promised %d)", c.PrintBytes, c.PrintBytesMax, roc.PrintBytesPromise)
}
