// Command likeness measures how well the likeness of photos tells copies of one shot from other goods, on pictures that nobody
// drew for this project.
//
//	go run ./tools/likeness [-half tuning|held-out] [-short] [-only NAME,…] [-wrong N] [-pictures DIR] [-svg FILE]
//
// Thresholds and methods are chosen on the tuning half only. The held-out half is for the figures that are published. The pictures
// come from packages that tools/require.sh bench installs. Every run of one half asks the same.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/corpus"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/roc"
)

type flags struct {
	half, only, pictures, svg string
	short, coarse, costs      bool
	wrong                     int
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "likeness:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	var f flags
	set := flag.NewFlagSet("likeness", flag.ContinueOnError)
	set.StringVar(&f.half, "half", string(corpus.Tuning), "tuning or held-out: the half of the pictures that is measured")
	set.BoolVar(&f.short, "short", false, "measure a sample that takes a minute or two")
	set.StringVar(&f.only, "only", "", "comma-separated parts of names: measure only these samples")
	set.IntVar(&f.wrong, "wrong", 0, "list so many wrongly judged pairs of each sample")
	set.StringVar(&f.pictures, "pictures", "", "write wrongly judged pairs as pictures into this folder")
	set.StringVar(&f.svg, "svg", "", "write the curve to this file")
	set.BoolVar(&f.coarse, "coarse", false, "print the figures of fingerprints, as they were before there were fine prints")
	set.BoolVar(&f.costs, "costs", true, "measure processor times and sizes too")
	if err := set.Parse(args); err != nil {
		return err
	}
	if f.half != string(corpus.Tuning) && f.half != string(corpus.HeldOut) {
		return fmt.Errorf("-half is %q; it must be tuning or held-out", f.half)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return measure(ctx, f, out)
}

func measure(ctx context.Context, f flags, out io.Writer) error {
	c, err := corpus.Load(corpus.Half(f.half))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s half: %d photos of goods, %d 3D models, %d photos\n", f.half, len(c.Stamps), len(c.Models), len(c.Photos))
	options := roc.Options{Short: f.short, Pictures: f.pictures}
	if f.only != "" {
		options.Only = strings.Split(f.only, ",")
	}
	result, err := roc.Run(ctx, c, options)
	if err != nil {
		return err
	}
	p := printer{out: out, measure: roc.Fine, threshold: roc.Threshold, wrong: f.wrong}
	if f.coarse {
		p.measure, p.threshold = roc.Coarse, roc.Before
	}
	p.result(result)
	if f.costs {
		costs, err := roc.MeasureCosts(c)
		if err != nil {
			return err
		}
		p.costs(costs)
	}
	if f.svg != "" {
		return os.WriteFile(f.svg, result.SVG(), 0o600)
	}
	return nil
}
