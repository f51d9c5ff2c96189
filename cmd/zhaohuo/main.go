// Command zhaohuo searches for goods on 1688: the service, its sandbox and its client in one binary.
package main

import (
	"cmp"
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/zhaohuo-dev/zhaohuo/internal/cli"
)

// Set by the linker. Without them, commit and date are those that Go noted when it built from a checkout.
var (
	version = "devel"
	commit  string
	date    string
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, cli.Process{
		Version: version, Build: build(), Args: os.Args, Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}))
}

// build is what the binary was built from.
func build() cli.Build {
	noted := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, one := range info.Settings {
			noted[one.Key] = one.Value
		}
	}
	return cli.Build{Commit: cmp.Or(commit, noted["vcs.revision"]), Date: cmp.Or(date, noted["vcs.time"])}
}
