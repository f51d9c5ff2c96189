// Command zhaohuo searches for goods on 1688: the service, its sandbox and its client in one binary.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/zhaohuo-dev/zhaohuo/internal/cli"
)

// version is set by the linker.
var version = "devel"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, cli.Process{
		Version: version, Args: os.Args, Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}))
}
