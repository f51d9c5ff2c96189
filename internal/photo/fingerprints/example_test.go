package fingerprints_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fingerprints"
)

// The fingerprint of a picture is computed once and cached by its content.
func ExampleService_Of() {
	service := fingerprints.New(fingerprints.Config{Budget: photo.NewBudget(64<<20, 0)})
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		fmt.Println(err)
		return
	}
	look, err := service.Of(context.Background(), "hash", &file, int64(file.Len()))
	fmt.Println(look.Hash, look.Fetched, err)
	// Output: hash false <nil>
}
