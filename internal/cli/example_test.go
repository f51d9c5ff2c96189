package cli_test

import (
	"context"
	"fmt"
	"os"

	"github.com/zhaohuo-dev/zhaohuo/internal/cli"
)

// Run is the full program: it gets what it needs of its process and returns the exit code.
func ExampleRun() {
	code := cli.Run(context.Background(), cli.Process{
		Version: "v1.2.3", Args: []string{"zhaohuo", "version"}, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	fmt.Println(code)
	// Output:
	// zhaohuo v1.2.3
	// 0
}
