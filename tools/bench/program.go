package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/cli"
)

// programRole is the program zhaohuo itself. Its arguments follow.
const programRole = "--as-program"

// startMax is how long the service may take to be ready.
const startMax = time.Minute

// runProgram runs zhaohuo in the child process.
func runProgram(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Run(ctx, cli.Process{
		Version: "bench", Args: append([]string{"zhaohuo"}, args...), Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
}

// program is `zhaohuo serve` with its default settings, which are those of the sandbox, on free ports.
type program struct {
	// url is the page's address; it ends with a slash.
	url string
	cmd *exec.Cmd
	log bytes.Buffer
}

// startProgram starts the service, and returns when it is ready.
func startProgram(ctx context.Context) (*program, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &program{cmd: exec.CommandContext(ctx, self, programRole, "serve")} //nolint:gosec // The program is this one.
	// Settings of the machine would change what is measured, or lead to the real platform.
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ZHAOHUO_") })
	p.cmd.Env = append(p.cmd.Env, "ZHAOHUO_GRPC_ADDR=127.0.0.1:0", "ZHAOHUO_HTTP_ADDR=127.0.0.1:0", "ZHAOHUO_OPS_ADDR=127.0.0.1:0",
		"ZHAOHUO_DATA_DIR="+scratch())
	p.cmd.Stderr = &p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if err := p.await(ctx, out); err != nil {
		p.kill()
		return nil, fmt.Errorf("zhaohuo serve: %w: %s", err, p.log.String())
	}
	return p, nil
}

// await reads the page's address from what the service prints, and asks until the service is ready.
func (p *program) await(ctx context.Context, out io.Reader) error {
	lines := bufio.NewScanner(out)
	address := regexp.MustCompile(`^  page +(http://\S+/)$`)
	for p.url == "" && lines.Scan() {
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			p.url = found[1]
		}
	}
	if p.url == "" {
		return errors.Join(errors.New("it named no page"), lines.Err())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	ctx, stop := context.WithTimeout(ctx, startMax)
	defer stop()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"readyz", http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			return nil
		}
		pause.For(ctx, 5*time.Millisecond)
	}
}

// kill ends the service at once.
func (p *program) kill() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() }
