// Command fingerprints draws the pictures of the sandbox's built-in catalogue and writes their fingerprints to a file.
//
//	go run ./tools/fingerprints FILE
//
// The file must be the same on every machine. Therefore the Makefile builds this command without fused multiplications and
// additions, which some processors have and which round differently.
package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery/drawn"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: fingerprints FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "fingerprints:", err)
		os.Exit(1)
	}
}

func write(to string) error {
	looks := looks()
	file, err := drawn.Encode(looks, makeAll(looks))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, file, 0o644)
}

// looks lists the different looks of all goods on sale, those of the same goods beside each other.
func looks() []catalog.Look {
	var all []catalog.Look
	for _, o := range catalog.Embedded() {
		if market.OnSale(o) {
			all = append(all, o.Look)
		}
	}
	slices.SortFunc(all, func(a, b catalog.Look) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Goods, b.Goods), cmp.Compare(a.Colour, b.Colour), cmp.Compare(a.Shot, b.Shot))
	})
	return slices.Compact(all)
}

// makeAll makes the fingerprints on all processors.
func makeAll(looks []catalog.Look) []likeness.Fingerprint {
	made := make([]likeness.Fingerprint, len(looks))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(looks)); i = next.Add(1) - 1 {
				made[i] = drawn.Fingerprint(looks[i])
			}
		})
	}
	workers.Wait()
	return made
}
