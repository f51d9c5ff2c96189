package roc

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sample(name string, promise float64, fine ...float64) *Sample {
	s := &Sample{Name: name, Promise: promise}
	for i, f := range fine {
		s.add(name+string(rune('a'+i)), Score{Fine: f, Coarse: f / 2})
	}
	return s
}

func made() *Result {
	return &Result{
		Copies:   []*Sample{sample("crop", 0.9, 1, 0.9, 0.8, 0.7), sample("band", 0.9, 1, 0.5, 0.4, 0.3)},
		Kinds:    []*Sample{sample("mugs", 0, 0.1, 0.85), sample("bags", 0, 0.2, 0.3)},
		Variants: []*Sample{sample("colour", 0.95, 0.2, 0.95)},
	}
}

func TestPointOfTheCurve(t *testing.T) {
	want := Point{Threshold: 0.8, Mean: 0.5, Worst: 0.25, WorstName: "band", False: 0.25, Variants: 0.5}
	if diff := cmp.Diff(want, made().At(Fine, 0.8)); diff != "" {
		t.Error(diff)
	}
	if p := made().At(Coarse, 0.8); p.Mean != 0 || p.False != 0 {
		t.Errorf("by fingerprint: %+v", p)
	}
}

func TestWrongPairsComeWorstFirst(t *testing.T) {
	labels := func(all []Labelled) (out []string) {
		for _, l := range all {
			out = append(out, l.Label)
		}
		return out
	}
	r := made()
	if diff := cmp.Diff([]string{"bandd", "bandc", "bandb"}, labels(r.Copies[1].Wrong(Fine, 0.6, true))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"mugsb"}, labels(r.Kinds[0].Wrong(Fine, 0.6, false))); diff != "" {
		t.Error(diff)
	}
}

func TestQuantiles(t *testing.T) {
	s := sample("x", 0, 0.5, 0.1, 0.9, 0.3)
	if lowest, middle, highest := s.Quantile(Fine, 0), s.Quantile(Fine, 0.5), s.Quantile(Fine, 1); lowest != 0.1 || middle != 0.5 || highest != 0.9 {
		t.Errorf("quantiles %v %v %v", lowest, middle, highest)
	}
	if got := (&Sample{}).Quantile(Fine, 0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

func TestSVGIsWellFormed(t *testing.T) {
	decoder := xml.NewDecoder(bytes.NewReader(made().SVG()))
	lines := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "polyline" {
			lines++
		}
	}
	if lines != 4 {
		t.Errorf("%d curves, want 4", lines)
	}
}

func TestForEachStopsAtAnError(t *testing.T) {
	broken := errors.New("broken")
	var calls atomic.Int64
	err := forEach(context.Background(), 10_000, func(i int) error {
		calls.Add(1)
		if i == 5 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) || calls.Load() == 10_000 {
		t.Errorf("error %v after %d calls", err, calls.Load())
	}
	if err := forEach(context.Background(), 3, func(int) error { return nil }); err != nil {
		t.Error(err)
	}
}
