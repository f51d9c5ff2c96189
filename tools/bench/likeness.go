package main

import (
	"context"
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/corpus"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/roc"
)

// photoLikeness measures how well copies of one shot are told from other goods, on the half of the corpus that no threshold was
// chosen on. tools/likeness has more of it.
func photoLikeness(ctx context.Context, r *report) error {
	c, err := corpus.Load(corpus.HeldOut)
	if err != nil {
		return err
	}
	result, err := roc.Run(ctx, c, roc.Options{Short: r.brief})
	if err != nil {
		return err
	}
	for _, s := range result.Copies {
		share := s.Share(roc.Fine, roc.Threshold)
		r.promise("copies recognised: "+s.Name, share >= s.Promise, fmt.Sprintf("%.2f", s.Promise), "%.3f of %d", share, len(s.Scores))
	}
	for _, s := range result.Kinds {
		r.figure("pairs that pass for one photo: "+s.Name, "%d of %d", s.Above(roc.Fine, roc.Threshold), len(s.Scores))
	}
	wrong, pairs := result.False(roc.Fine, roc.Threshold)
	r.promise("pairs that pass for one photo: all of these together", float64(wrong) <= roc.FalsePromise*float64(pairs),
		fmt.Sprintf("1 in %.0f", 1/roc.FalsePromise), "%d of %d", wrong, pairs)
	for _, s := range result.Variants {
		apart := 1 - s.Share(roc.Fine, roc.Threshold)
		r.promise("told apart: "+s.Name, apart >= s.Promise, fmt.Sprintf("%.2f", s.Promise), "%.3f of %d", apart, len(s.Scores))
	}
	for _, s := range result.Sides {
		r.figure("pairs that pass for one photo: "+s.Name, "%d of %d", s.Above(roc.Fine, roc.Threshold), len(s.Scores))
	}
	r.figure("photos of goods on white with a false twin, by fingerprint and by print", "%d and %d of %d", result.Twins.Coarse, result.Twins.Fine, result.Twins.Stamps)
	coarseLikeness(r, result)
	costs, err := roc.MeasureCosts(c)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		what           string
		took, promised time.Duration
	}{
		{"a fingerprint, 640 pixels, processor time", costs.Fingerprint, roc.FingerprintPromise},
		{"comparing two fingerprints", costs.FingerprintComparison, roc.FingerprintComparisonPromise},
		{"a fine print, 640 pixels", costs.Print, roc.PrintPromise},
		{"comparing two fine prints", costs.PrintComparison, roc.PrintComparisonPromise},
	} {
		r.promise(c.what, c.took <= c.promised, c.promised.String(), "%v", c.took.Round(10*time.Nanosecond))
	}
	r.promise("a fine print's bytes, at most", costs.PrintBytesMax <= roc.PrintBytesPromise, fmt.Sprint(roc.PrintBytesPromise), "%d, mean %d",
		costs.PrintBytesMax, costs.PrintBytes)
	return nil
}

// coarseLikeness reports what fingerprints are for: to choose candidates, and to show what looks alike.
func coarseLikeness(r *report, result *roc.Result) {
	for _, rank := range result.Ranks {
		r.figure(fmt.Sprintf("the original is among the %d nearest by fingerprint: %s", roc.Candidates, rank.Name), "%.3f of %d", rank.Share, result.Shots)
	}
	alike := fmt.Sprintf("look alike, by fingerprint from %.2f on: ", likeness.LooksAlike)
	unlike := result.Unlike.Above(roc.Coarse, likeness.LooksAlike)
	r.promise(alike+result.Unlike.Name, float64(unlike) <= roc.FootPromise*float64(len(result.Unlike.Scores)),
		fmt.Sprintf("1 in %.0f", 1/roc.FootPromise), "%d of %d", unlike, len(result.Unlike.Scores))
	foot := result.At(roc.Coarse, likeness.LooksAlike)
	r.figure(alike+"copies", "%.3f, of the worst change (%s) %.3f", foot.Mean, foot.WorstName, foot.Worst)
	for _, s := range result.Sides {
		r.figure(alike+s.Name, "%.3f of %d", s.Share(roc.Coarse, likeness.LooksAlike), len(s.Scores))
	}
}
