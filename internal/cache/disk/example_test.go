package disk_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache/disk"
)

// What Put has stored is there for the next process.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	key := cache.Key{1}

	store := disk.New(disk.Config{Dir: dir})
	if err := store.Put(ctx, []cache.Item{{Key: key, Value: []byte("answer"), Until: time.Now().Add(time.Hour)}}); err != nil {
		fmt.Println(err)
	}
	if err := store.Close(); err != nil {
		fmt.Println(err)
	}

	next := disk.New(disk.Config{Dir: dir})
	defer next.Close()
	value, err := next.Get(ctx, key)
	fmt.Printf("%s %v\n", value, err)
	// Output: answer <nil>
}
