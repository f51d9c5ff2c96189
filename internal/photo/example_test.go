package photo_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
)

// A stored photo is found by its id, and only by its owner.
func ExampleStore() {
	photos, err := photo.New(photo.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer photos.Close()
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		fmt.Println(err)
		return
	}
	kept, err := photos.KeepBytes(context.Background(), "shop", file.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer kept.Release()
	found, err := photos.Find("shop", kept.ID())
	if err != nil {
		fmt.Println(err)
		return
	}
	found.Release()
	_, err = photos.Find("office", kept.ID())
	fmt.Println(found.Key() == kept.Key(), err != nil)
	// Output: true true
}
