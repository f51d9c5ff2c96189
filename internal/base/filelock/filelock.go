// Package filelock keeps two processes from doing one thing at the same time. It locks files that both know, and nothing
// that one process does twice.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// poll is how often a lock that another process holds is tried again. No system lets a wait for it be broken off.
const poll = 20 * time.Millisecond

// Wait locks the file of that name, which is made if it is not there, as soon as nobody else has it locked, and returns
// what gives the lock back. It waits until ctx ends. The lock ends with the process, however that ends; the file stays,
// since removing it would let two have it.
func Wait(ctx context.Context, name string) (unlock func(), err error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	ticks := time.NewTicker(poll)
	defer ticks.Stop()
	for {
		got, err := Try(file)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s cannot be locked: %w", name, err), file.Close())
		}
		if got {
			return func() { _ = file.Close() }, nil // Closing unlocks; nothing was written.
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("%s is held by another process: %w", name, ctx.Err()), file.Close())
		}
	}
}
