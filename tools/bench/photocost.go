package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/image/draw"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// stamps is where the Debian package tuxpaint-stamps-default keeps its pictures. tools/require.sh installs it.
const stamps = "/usr/share/tuxpaint/stamps"

// photoCost compares the processor time of preparing a large photo with that of vipsthumbnail, which makes a JPEG of the
// same size in pixels on one thread. Processor time is meaningful even while other programs run.
func photoCost(ctx context.Context, r *report) error {
	dir, err := os.MkdirTemp("", "photocost")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	data, err := largePhoto()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "photo.jpg")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return err
	}
	const runs = 7
	var ours, theirs []float64
	var photo *imaging.Photo
	for range runs {
		var took time.Duration
		if photo, took, err = preparing(ctx, data); err != nil {
			return err
		}
		ours = append(ours, took.Seconds())
		if took, err = thumbnail(ctx, path, photo); err != nil {
			return err
		}
		theirs = append(theirs, took.Seconds())
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	ratio := ours[runs/2] / theirs[runs/2]
	what := fmt.Sprintf("JPEG of %.1f MB, 12 megapixels, made ready for sending (%d × %d)", float64(len(data))/1e6, photo.Width, photo.Height)
	r.promise(what, ratio <= 2, "2 × vipsthumbnail", "%.2f × (%.2f s of processor against %.2f s)", ratio, ours[runs/2], theirs[runs/2])
	return nil
}

// preparing returns the processor time of preparing a photo.
func preparing(ctx context.Context, data []byte) (*imaging.Photo, time.Duration, error) {
	runtime.GC()
	before, err := spent()
	if err != nil {
		return nil, 0, err
	}
	photo, err := imaging.Prepare(ctx, bytes.NewReader(data), int64(len(data)), imaging.Limits{}, imaging.Options{})
	if err != nil {
		return nil, 0, err
	}
	if _, err := io.Copy(io.Discard, photo.Open()); err != nil {
		return nil, 0, err
	}
	after, err := spent()
	return photo, after - before, err
}

// spent returns the processor time of this process.
func spent() (time.Duration, error) {
	var usage syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), err
}

// thumbnail returns the processor time of vipsthumbnail.
func thumbnail(ctx context.Context, path string, photo *imaging.Photo) (time.Duration, error) {
	//nolint:gosec // Its arguments are figures and a path of our own.
	command := exec.CommandContext(ctx, "vipsthumbnail", path, "--size", fmt.Sprintf("%dx%d!", photo.Width, photo.Height),
		"-o", path+".small.jpg[Q="+strconv.Itoa(photo.Quality)+"]")
	command.Env = append(os.Environ(), "VIPS_CONCURRENCY=1")
	if out, err := command.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("vipsthumbnail (please run tools/require.sh bench): %w: %s", err, out)
	}
	return command.ProcessState.UserTime() + command.ProcessState.SystemTime(), nil
}

// largePhoto makes a JPEG of 12 megapixels and about 5 MB: many photos side by side, with noise as from a camera.
func largePhoto() ([]byte, error) {
	const width, height, tile, least = 4000, 3000, 500, 5_000_000
	paths, err := filepath.Glob(filepath.Join(stamps, "*", "*", "*.png"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no photos in %s (Debian package tuxpaint-stamps-default): %w", stamps, err)
	}
	canvas := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(canvas, canvas.Rect, image.NewUniform(color.RGBA{200, 190, 180, 255}), image.Point{}, draw.Src)
	for i := range width / tile * (height / tile) {
		if err := paste(canvas, image.Pt(i%(width/tile)*tile, i/(width/tile)*tile), tile, paths[i*7%len(paths)]); err != nil {
			return nil, err
		}
	}
	grain := rand.New(rand.NewPCG(1, 2))
	for i := range canvas.Pix {
		canvas.Pix[i] = uint8(min(max(int(canvas.Pix[i])+grain.IntN(17)-8, 0), 255))
	}
	var b bytes.Buffer
	for quality := 85; quality <= 98 && b.Len() < least; quality++ {
		b.Reset()
		if err := jpeg.Encode(&b, canvas, &jpeg.Options{Quality: quality}); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func paste(canvas draw.Image, at image.Point, side int, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	photo, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	draw.BiLinear.Scale(canvas, image.Rectangle{Min: at, Max: at.Add(image.Pt(side, side))}, photo, photo.Bounds(), draw.Over, nil)
	return nil
}
