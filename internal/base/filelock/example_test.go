package filelock_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filelock"
)

// Only one process at a time is between Wait and unlock.
func ExampleWait() {
	dir, err := os.MkdirTemp("", "filelock")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	unlock, err := filelock.Wait(context.Background(), filepath.Join(dir, "tokens.lock"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer unlock()
	fmt.Println("locked")
	// Output: locked
}
