package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// browserProgram drives Debian's Chromium. It lies with the tests of the page, which use the same browser.
const browserProgram = "test/page/testdata/browser/measure.mjs"

// browser is a browser in a process of its own, behind the program that drives it.
type browser struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	stop func()
}

// startBrowser starts the browser, without a page.
func startBrowser(ctx context.Context) (*browser, error) {
	b := &browser{cmd: exec.CommandContext(ctx, "node", browserProgram)}
	b.cmd.Stderr = os.Stderr
	in, err := b.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.in, b.out = in, bufio.NewReader(out)
	if err := b.cmd.Start(); err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	b.stop = func() { _ = b.in.Close(); _ = b.cmd.Wait() }
	if _, err := b.out.ReadBytes('\n'); err != nil {
		b.stop()
		return nil, fmt.Errorf("the browser did not start (run this in the project's folder): %w", err)
	}
	return b, nil
}

// do has the program run a command, and reads its answer into answer.
func (b *browser) do(command map[string]string, answer any) error {
	line, err := json.Marshal(command)
	if err != nil {
		return err
	}
	if _, err := b.in.Write(append(line, '\n')); err != nil {
		return err
	}
	if line, err = b.out.ReadBytes('\n'); err != nil {
		return fmt.Errorf("the browser ended: %w", err)
	}
	var result struct {
		Answer json.RawMessage
		Error  string
	}
	if err := json.Unmarshal(line, &result); err != nil {
		return err
	}
	if result.Error != "" {
		return errors.New(result.Error)
	}
	return json.Unmarshal(result.Answer, answer)
}

// loaded is a file that the page loaded.
type loaded struct {
	Name string
	// Bytes is its size as it was sent.
	Bytes int
}

// open shows the page of a service in a new window with an empty cache.
func (b *browser) open(service string) (files []loaded, err error) {
	return files, b.do(map[string]string{"command": "open", "service": service}, &files)
}

// shown is when what happened in a search, in milliseconds of the browser's clock.
type shown struct {
	// Pressed is the key press. Asked and Answered are of the request. Shown is when all cards are in the document, Painted when they
	// are on the screen.
	Pressed, Asked, Answered, Shown, Painted float64
	// Cards is how many goods are shown. Bytes is the size of the answer as it was sent.
	Cards, Bytes int
	// Origin is what the page says about where the answer is from.
	Origin string
}

// searchWords types words, and presses Enter.
func (b *browser) searchWords(words string) (s shown, err error) {
	return s, b.do(map[string]string{"command": "words", "words": words}, &s)
}

// searchPhoto gives the page a photo.
func (b *browser) searchPhoto(path string) (s shown, err error) {
	return s, b.do(map[string]string{"command": "photo", "photo": path}, &s)
}

// rest waits until all pictures in the window are loaded.
func (b *browser) rest() error { return b.do(map[string]string{"command": "rest"}, &struct{}{}) }
