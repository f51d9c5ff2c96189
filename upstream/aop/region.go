package aop

import (
	"image"
	"math"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// The upstream writes a region as x0,x1,y0,y1, in pixels of the image it got: first both ends of the x axis, then of
// the y axis. In the published example "266,799,48,581" every other reading has x1 below x0 (docs/PROTOCOL.md §6).

// regionText writes a region in the upstream's form, rounded outwards to full pixels.
func regionText(r *zhaohuov1.ImageRegion, picture image.Point) (string, error) {
	if picture.X <= 0 || picture.Y <= 0 {
		return "", fault.New(fault.Internal, "a region of an image whose size is not known")
	}
	x0, x1 := pixels(r.GetLeft(), r.GetRight(), picture.X)
	y0, y1 := pixels(r.GetTop(), r.GetBottom(), picture.Y)
	n := strconv.Itoa
	return n(x0) + "," + n(x1) + "," + n(y0) + "," + n(y1), nil
}

// pixels rounds one axis of a region to pixels of n: at least one.
func pixels(from, to float64, n int) (first, end int) {
	const slack = 1e-9 // An edge on a pixel's border does not include the next pixel.
	first = min(max(int(math.Floor(from*float64(n)+slack)), 0), n-1)
	end = min(max(int(math.Ceil(to*float64(n)-slack)), first+1), n)
	return first, end
}

// readRegions reads the regions that the upstream searched by. It is nil if they are unknown: the image's size is
// unknown, the answer has none, or the answer is about another image.
func readRegions(info gjson.Result, picture image.Point) *zhaohuov1.ImageRegions {
	if !info.IsObject() || picture.X <= 0 || picture.Y <= 0 {
		return nil
	}
	seen := &zhaohuov1.ImageRegions{}
	if text := normal.Text(info.Get("currentRegion")); text != "" {
		if seen.Searched = readRegion(text, picture); seen.Searched == nil {
			return nil
		}
	}
	for _, text := range strings.Split(normal.Text(info.Get("yoloCropRegion")), ";") {
		if text == "" {
			continue
		}
		found := readRegion(text, picture)
		if found == nil {
			return nil
		}
		seen.Detected = append(seen.Detected, &zhaohuov1.DetectedGoods{Region: found})
	}
	if seen.Searched == nil && seen.Detected == nil {
		return nil
	}
	return seen
}

// readRegion is nil for a malformed text and for a region outside the image.
func readRegion(text string, picture image.Point) *zhaohuov1.ImageRegion {
	parts := strings.Split(text, ",")
	if len(parts) != 4 {
		return nil
	}
	var n [4]float64
	for i, part := range parts {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return nil
		}
		n[i] = v
	}
	r := &zhaohuov1.ImageRegion{
		Left: n[0] / float64(picture.X), Right: n[1] / float64(picture.X),
		Top: n[2] / float64(picture.Y), Bottom: n[3] / float64(picture.Y),
	}
	// This form also rejects NaN.
	if !(r.Left >= 0 && r.Left < r.Right && r.Right <= 1 && r.Top >= 0 && r.Top < r.Bottom && r.Bottom <= 1) {
		return nil
	}
	return r
}
