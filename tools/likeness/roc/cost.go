package roc

import (
	"errors"
	"image"
	"runtime"
	"syscall"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/change"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/corpus"
)

// Costs are processor times, each a mean, and sizes in bytes. Decoding the pictures is not counted.
type Costs struct {
	Fingerprint, FingerprintComparison time.Duration
	Print, PrintComparison             time.Duration
	PrintBytes, PrintBytesMax          int
}

// What was promised about [Costs].
const (
	FingerprintPromise           = 5 * time.Millisecond
	FingerprintComparisonPromise = 20 * time.Microsecond
	PrintPromise                 = 30 * time.Millisecond
	PrintComparisonPromise       = 10 * time.Millisecond
	PrintBytesPromise            = 8 << 10
)

// MeasureCosts measures on pictures of 640 pixels, half of them goods on white, half photos.
func MeasureCosts(c *corpus.Corpus) (Costs, error) {
	const n = 10
	var images []image.Image
	add := func(s *shot) error {
		img, err := s.draw()
		if err != nil {
			return err
		}
		encoded, err := change.Encoded(img, 90)
		images = append(images, encoded)
		return err
	}
	var errs []error
	for i := range n {
		errs = append(errs, add(onWhite(c.Stamps[i], 0)), add(photo(c.Photos[i])))
	}
	if err := errors.Join(errs...); err != nil {
		return Costs{}, err
	}
	return costsOf(images)
}

func costsOf(images []image.Image) (costs Costs, err error) {
	const rounds = 3
	fingerprints := make([]likeness.Fingerprint, len(images))
	prints := make([]*likeness.Print, len(images))
	if costs.Fingerprint, err = spent(rounds*len(images), func(i int) {
		fingerprints[i%len(images)] = likeness.Of(images[i%len(images)])
	}); err != nil {
		return costs, err
	}
	if costs.Print, err = spent(rounds*len(images), func(i int) {
		prints[i%len(images)] = likeness.TakePrint(images[i%len(images)])
	}); err != nil {
		return costs, err
	}
	pairs := len(images) * (len(images) - 1)
	pick := func(i int) (a, b int) {
		a, b = i/(len(images)-1)%len(images), i%(len(images)-1)
		if b >= a {
			b++
		}
		return a, b
	}
	if costs.FingerprintComparison, err = spent(20*pairs, func(i int) {
		a, b := pick(i)
		fingerprints[a].Likeness(fingerprints[b])
	}); err != nil {
		return costs, err
	}
	if costs.PrintComparison, err = spent(pairs, func(i int) {
		a, b := pick(i)
		likeness.Compare(prints[a], prints[b])
	}); err != nil {
		return costs, err
	}
	return costs, costs.sizes(prints)
}

func (c *Costs) sizes(prints []*likeness.Print) error {
	total, n := 0, 0
	for _, p := range prints {
		if p == nil {
			continue
		}
		encoded, err := p.AppendBinary(nil)
		if err != nil {
			return err
		}
		n++
		total += len(encoded)
		c.PrintBytesMax = max(c.PrintBytesMax, len(encoded))
	}
	c.PrintBytes = total / max(n, 1)
	return nil
}

// spent is the processor time of this process for one of n calls.
func spent(n int, f func(i int)) (time.Duration, error) {
	runtime.GC()
	before, err := processor()
	if err != nil {
		return 0, err
	}
	for i := range n {
		f(i)
	}
	after, err := processor()
	return (after - before) / time.Duration(n), err
}

func processor() (time.Duration, error) {
	var usage syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), err
}
