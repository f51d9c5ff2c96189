// Command binsize explains the size of the released binary: how many bytes each group of modules takes. It fails when the binary is
// larger than the recorded bound.
//
//	go run ./tools/binsize         # the table of docs/BENCHMARKS.md
//	go run ./tools/binsize -all    # each module and each package of the standard library for itself
//
// It builds the program for Linux on AMD64 twice, as `make build` does, and with its symbols and types described. Both have the same code
// and data; see [count] for what is counted how.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// bytesMax is the recorded bound of the released binary: what it has now, and 2 % more. Whoever raises it says in docs/BENCHMARKS.md what
// the new bytes are for.
const bytesMax = 81_000_000

const megabyte = 1e6

func main() {
	all := flag.Bool("all", false, "show each module and each package of the standard library")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, *all)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "binsize:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, all bool) error {
	dir, err := os.MkdirTemp("", "zhaohuo-binsize-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // A folder of the system's for temporary files.
	described, released := filepath.Join(dir, "described"), filepath.Join(dir, "released")
	if err := build(ctx, described, ""); err != nil {
		return err
	}
	if err := build(ctx, released, "-s -w"); err != nil {
		return err
	}
	counted, err := count(described)
	if err != nil {
		return err
	}
	info, err := os.Stat(released)
	if err != nil {
		return err
	}
	// The files of the page are texts without a symbol.
	page, err := sizeOf("web/dist")
	if err != nil {
		return err
	}
	counted[pageFiles] += page
	counted[shared] -= page
	rest := info.Size()
	for _, bytes := range counted {
		rest -= bytes
	}
	counted[headers] += rest
	if !all {
		counted = grouped(counted)
	}
	if err := write(out, counted, info.Size()); err != nil {
		return err
	}
	if info.Size() > bytesMax {
		return fmt.Errorf("the binary has %d bytes, more than the %d that are recorded in tools/binsize", info.Size(), bytesMax)
	}
	return nil
}

// sizeOf is the size of a folder's files.
func sizeOf(folder string) (size int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}

func build(ctx context.Context, into, linking string) error {
	//nolint:gosec // The arguments are this program's own.
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", linking+" -X main.version=size", "-o", into, "./cmd/zhaohuo")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOFLAGS=-tags=nodynamic")
	c.Stderr = os.Stderr
	return c.Run()
}

// write writes the table, largest first.
func write(out io.Writer, counted map[string]int64, total int64) error {
	names := slices.SortedFunc(maps.Keys(counted), func(a, b string) int {
		return cmp.Or(cmp.Compare(counted[b], counted[a]), strings.Compare(a, b))
	})
	var b strings.Builder
	b.WriteString("| what | MB |\n|---|---|\n")
	for _, name := range names {
		fmt.Fprintf(&b, "| %s | %.2f |\n", name, float64(counted[name])/megabyte)
	}
	fmt.Fprintf(&b, "| all | %.2f (bound: %.1f) |\n", float64(total)/megabyte, float64(bytesMax)/megabyte)
	_, err := io.WriteString(out, b.String())
	return err
}
