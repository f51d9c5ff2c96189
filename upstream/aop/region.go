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

// The upstream writes a region as x0,x1,y0,y1, the two sides of one axis before those of the other, in pixels of the
// picture it was sent: in the published example "266,799,48,581", any other reading has x1 below x0 (docs/PROTOCOL.md §6).

// regionText is a region in the upstream's form, rounded outwards to whole pixels of the picture.
func regionText(r *zhaohuov1.ImageRegion, picture image.Point) (string, error) {
	if picture.X <= 0 || picture.Y <= 0 {
		return "", fault.New(fault.Internal, "a region of a picture whose size is not known")
	}
	x0, x1 := pixels(r.GetLeft(), r.GetRight(), picture.X)
	y0, y1 := pixels(r.GetTop(), r.GetBottom(), picture.Y)
	n := strconv.Itoa
	return n(x0) + "," + n(x1) + "," + n(y0) + "," + n(y1), nil
}

// pixels are one axis of a region: at least one pixel of n.
func pixels(from, to float64, n int) (first, end int) {
	const slack = 1e-9 // An edge that lies on a pixel's border does not take in the next pixel.
	first = min(max(int(math.Floor(from*float64(n)+slack)), 0), n-1)
	end = min(max(int(math.Ceil(to*float64(n)-slack)), first+1), n)
	return first, end
}

// readRegions reads what the upstream says it looked at. It is nil where that is not known: for a picture of unknown
// size, for an answer that says nothing, and for one that speaks of another picture than the one that was sent.
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

// readRegion is nil for a text of another form, and for a region that is not on the picture.
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
	// Written so that a number which is none (NaN) is on no picture.
	if !(r.Left >= 0 && r.Left < r.Right && r.Right <= 1 && r.Top >= 0 && r.Top < r.Bottom && r.Bottom <= 1) {
		return nil
	}
	return r
}
