package cli

import (
	"math"
	"strconv"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// regionOf reads a part of a picture as a command line gives it; nil for none.
func regionOf(text string) (*zhaohuov1.ImageRegion, error) {
	if text == "" {
		return nil, nil
	}
	wrong := usage("--region: %q is no part of an image: give LEFT,TOP,RIGHT,BOTTOM as fractions of it from 0 to 1, such as 0.1,0.1,0.6,0.9", text)
	parts := strings.Split(text, ",")
	edges := make([]float64, len(parts))
	for i, part := range parts {
		edge, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(edge >= 0 && edge <= 1) { // Not a number is on neither side.
			return nil, wrong
		}
		edges[i] = edge
	}
	if len(edges) != 4 || edges[0] >= edges[2] || edges[1] >= edges[3] {
		return nil, wrong
	}
	return &zhaohuov1.ImageRegion{Left: edges[0], Top: edges[1], Right: edges[2], Bottom: edges[3]}, nil
}

// regionText writes a part of a picture as regionOf reads it, in hundredths. It is rounded outwards, so that nothing of
// the goods is cut off and never an empty part comes out.
func regionText(r *zhaohuov1.ImageRegion) string {
	// Hundredths are mostly no exact numbers: 0.55 is a little more than 55 of them.
	const little = 1e-6
	down := func(edge float64) string { return strconv.FormatFloat(math.Floor(edge*100+little)/100, 'f', 2, 64) }
	up := func(edge float64) string { return strconv.FormatFloat(math.Ceil(edge*100-little)/100, 'f', 2, 64) }
	return strings.Join([]string{down(r.GetLeft()), down(r.GetTop()), up(r.GetRight()), up(r.GetBottom())}, ",")
}

// tellRegions tells which goods the upstream saw on the picture, so that each can be searched by alone.
func (s *session) tellRegions(regions *zhaohuov1.ImageRegions) {
	var all []string
	for _, r := range regions.GetDetected() {
		all = append(all, "--region "+regionText(r.GetRegion()))
	}
	if len(all) > 0 {
		s.note("on the image: %s", strings.Join(all, ", "))
	}
}
