package atomicfile_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/atomicfile"
)

// Who reads the file sees the first content or the second one, never a part.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "atomicfile")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "state.json")
	for _, content := range []string{`{"done":1}`, `{"done":2}`} {
		if err := atomicfile.Write(name, []byte(content)); err != nil {
			fmt.Println(err)
			return
		}
	}
	content, err := os.ReadFile(name)
	fmt.Println(string(content), err)
	// Output: {"done":2} <nil>
}
