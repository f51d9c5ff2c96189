package cli

import (
	"math"
	"strconv"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// regionOf parses a region of an image from the command line; nil for none.
func regionOf(text string) (*zhaohuov1.ImageRegion, error) {
	if text == "" {
		return nil, nil
	}
	wrong := usage("--region: %q is not a region of an image: give LEFT,TOP,RIGHT,BOTTOM as fractions of it from 0 to 1, such as 0.1,0.1,0.6,0.9", text)
	parts := strings.Split(text, ",")
	edges := make([]float64, len(parts))
	for i, part := range parts {
		edge, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(edge >= 0 && edge <= 1) { // This form also refuses NaN.
			return nil, wrong
		}
		edges[i] = edge
	}
	if len(edges) != 4 || edges[0] >= edges[2] || edges[1] >= edges[3] {
		return nil, wrong
	}
	return &zhaohuov1.ImageRegion{Left: edges[0], Top: edges[1], Right: edges[2], Bottom: edges[3]}, nil
}

// regionText writes a region as regionOf parses it, in hundredths. It rounds outwards, so that nothing of the product
// is cut off and the region is never empty.
func regionText(r *zhaohuov1.ImageRegion) string {
	// Most hundredths are not exact as floats: 0.55*100 is a little more than 55.
	const little = 1e-6
	down := func(edge float64) string { return strconv.FormatFloat(math.Floor(edge*100+little)/100, 'f', 2, 64) }
	up := func(edge float64) string { return strconv.FormatFloat(math.Ceil(edge*100-little)/100, 'f', 2, 64) }
	return strings.Join([]string{down(r.GetLeft()), down(r.GetTop()), up(r.GetRight()), up(r.GetBottom())}, ",")
}

// printRegions lists the products that the upstream detected in the image, so that each can be searched alone.
func (s *session) printRegions(regions *zhaohuov1.ImageRegions) {
	var all []string
	for _, r := range regions.GetDetected() {
		all = append(all, "--region "+regionText(r.GetRegion()))
	}
	if len(all) > 0 {
		s.note("on the image: %s", strings.Join(all, ", "))
	}
}
