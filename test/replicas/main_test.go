// Package replicas_test runs three processes that share price watches, in one PostgreSQL, and the quota, in one Redis, and kills one
// of them: each tick must be observed once, and the quota kept. Two more are restarted one after the other, and killed, under load.
//
// `go test` runs a short form. With -full (`make soak`) 1,000 watches run for some minutes, and it is also checked what only holds
// on an idle machine: that no tick is missed but by the kill, that nothing is throttled, and that the processes share the work.
package replicas_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/test/postgres"
	"github.com/zhaohuo-dev/zhaohuo/test/process"
)

var (
	full    = flag.Bool("full", false, "run as much and as long as what is promised")
	cluster *postgres.Cluster
)

func TestMain(m *testing.M) {
	if process.Started() {
		os.Exit(process.Main()) //nolint:forbidigo // This is a main.
	}
	code, err := postgres.Run(func(c *postgres.Cluster) int {
		cluster = c
		return m.Run()
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code) //nolint:forbidigo // This is a main.
}
