package chart_test

import (
	"bytes"
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/chart"
)

func ExampleSVG() {
	svg, err := chart.SVG(chart.Options{Title: "保温杯", Trend: &zhaohuov1.QueryPriceTrendResponse{
		Points: []*zhaohuov1.PriceTrendPoint{observed(0, 20), observed(1, 22)},
	}})
	fmt.Println(bytes.HasPrefix(svg, []byte("<svg ")), bytes.Contains(svg, []byte(">保温杯</text>")), err)
	// Output: true true <nil>
}
