package uploads_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

// The platform writes x0,x1,y0,y1.
func ExampleParseRegion() {
	region, ok := uploads.ParseRegion("266,799,48,581")
	fmt.Println(region.X1-region.X0, region.Y1-region.Y0, ok)
	// Output: 533 533 true
}
