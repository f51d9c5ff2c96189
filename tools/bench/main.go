// Command bench measures the promises that need several processes, and prints each figure beside a comparison from the same
// run.
//
//	go run ./tools/bench [-short] [NAME…]
//
// With -short what is measured of price watches, likeness, distant pictures and the page is so little that it takes seconds or a minute; the
// figures then say only that it works.
// Machines are noisy: read the ratios, not the absolute numbers. Single functions have Go benchmarks beside them.
// docs/BENCHMARKS.md has the figures of both and how to repeat them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// measure is one group of figures.
type measure struct {
	name string
	run  func(context.Context, *report) error
}

// measures lists all groups in the order in which they run.
func measures() []measure {
	return append([]measure{
		{"start", starting},
		{"search", search},
		{"stores", stores},
		{"everything", everything},
		{"combo", combos},
		{"likeness", photoLikeness},
		{"looks", looks},
		{"quota", keywords},
		{"pool", pool},
		{"replicas", replicas},
		{"fairness", fairness},
		{"batch", batch},
		{"photos", photos},
		{"photocost", photoCost},
		{"equal", equal},
		{"watches", priceWatches},
		{"events", watchEvents},
		{"webhooks", webhookDelay},
		{"page", pageFigures},
	}, rates()...)
}

// needs is what has to be installed for a measure, as tools/require.sh names it; empty for Go alone.
func needs(name string) string {
	switch name {
	case "likeness", "photocost":
		return "pictures"
	case "replicas", "stores", "fairness", "equal", "watches", "events", "webhooks":
		return "stores"
	case "page":
		return "browser"
	}
	if strings.HasPrefix(name, "rate-") || strings.HasPrefix(name, "far-") {
		return "stores"
	}
	return ""
}

// require installs what is missing, or names it.
func require(ctx context.Context, what string) error {
	command := exec.CommandContext(ctx, "tools/require.sh", what) //nolint:gosec // The argument is a constant of this program.
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	return command.Run()
}

// roles are the processes that this program starts besides itself, by their first argument.
func roles() map[string]func(arguments []string) error {
	one := func(run func(string) error) func([]string) error {
		return func(arguments []string) error {
			if len(arguments) != 1 {
				return fmt.Errorf("%d arguments in place of one", len(arguments))
			}
			return run(arguments[0])
		}
	}
	none := func(run func() error) func([]string) error { return func([]string) error { return run() } }
	return map[string]func([]string) error{
		sandboxRole:     one(runSandbox),
		counterRole:     one(runCounter),
		distantRole:     one(runDistant),
		referenceRole:   one(runReference),
		readerRole:      one(runReader),
		serviceRole:     none(runService),
		bareUploadRole:  none(runBareUpload),
		poolSandboxRole: none(runPoolSandbox),
		sinkRole:        none(runSink),
		receiverRole:    none(runReceiver),
		collectorRole:   none(runCollector),
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == programRole {
		os.Exit(runProgram(os.Args[2:]))
	}
	if len(os.Args) > 1 {
		if run := roles()[os.Args[1]]; run != nil {
			exit(run(os.Args[2:]))
			return
		}
	}
	exit(runAll(os.Args[1:]))
}

// runAll measures until it has all figures or a signal comes. It leaves no files: all temporary files of this process and of the
// processes that it starts are in one folder, which is removed in the end.
func runAll(args []string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "zhaohuo-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	//nolint:gosec // PostgreSQL runs as a user of its own, who must get to its files within; the folder itself can be listed by nobody else.
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	if err := os.Setenv("TMPDIR", dir); err != nil {
		return err
	}
	if err := run(ctx, args); ctx.Err() == nil {
		return err
	}
	return errors.New("stopped by a signal; the figures are not complete")
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) error {
	r := &report{brief: len(names) > 0 && names[0] == "-short"}
	if r.brief {
		names = names[1:]
	}
	fmt.Printf("%s, %d CPUs, %s/%s\n", runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	all := measures()
	for _, name := range names {
		if !slices.ContainsFunc(all, func(m measure) bool { return m.name == name }) {
			return fmt.Errorf("there is no bench %q: docs/BENCHMARKS.md has their names", name)
		}
	}
	for _, m := range all {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		if what := needs(m.name); what != "" {
			if err := require(ctx, what); err != nil {
				return fmt.Errorf("%s: tools/require.sh %s (please start bench in the project's folder): %w", m.name, what, err)
			}
		}
		r.begin(m.name)
		if err := m.run(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return r.verdict()
}

// report prints figures and remembers those that miss their promise.
type report struct {
	short []string
	// brief is whether little is measured.
	brief bool
}

func (r *report) begin(name string) { fmt.Printf("\n%s\n%s\n", name, strings.Repeat("-", len(name))) }

// figure prints a figure about which nothing is promised.
func (r *report) figure(what, format string, args ...any) {
	fmt.Printf("  %-78s %s\n", what, fmt.Sprintf(format, args...))
}

// promise prints a figure and whether it keeps its promise.
func (r *report) promise(what string, kept bool, wanted, format string, args ...any) {
	mark := "kept"
	if !kept {
		mark = "FELL SHORT"
		r.short = append(r.short, what)
	}
	fmt.Printf("  %-78s %s (promised %s: %s)\n", what, fmt.Sprintf(format, args...), wanted, mark)
}

func (r *report) verdict() error {
	if len(r.short) > 0 {
		return fmt.Errorf("fell short: %s", strings.Join(r.short, "; "))
	}
	return nil
}
