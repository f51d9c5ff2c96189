package filewatch_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filewatch"
)

// Content that cannot be applied leaves the old one in force.
func ExampleWatcher_Reload() {
	content := "good"
	watcher := filewatch.Start(filewatch.Config{
		Read: func() ([][]byte, error) { return [][]byte{[]byte(content)}, nil },
		Apply: func(files [][]byte) error {
			if string(files[0]) == "broken" {
				return fmt.Errorf("%s is refused", files[0])
			}
			return nil
		},
		Applied: func() { fmt.Println("applied") },
		Failed:  func(err error) { fmt.Println(err) },
	}, [][]byte{[]byte(content)})
	watcher.Close()
	content = "broken"
	watcher.Reload()
	content = "better"
	watcher.Reload()
	// Output:
	// broken is refused
	// applied
}
