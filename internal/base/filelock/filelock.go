// Package filelock keeps two processes from doing the same thing at the same time, by locking a file. Within one process it
// excludes only those who open the file separately.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// poll is the time between two tries. No system has a wait for a file lock that can be cancelled.
const poll = 20 * time.Millisecond

// Wait locks the file of that name and returns a function that unlocks it. It creates the file if it does not exist. It waits
// for the lock until ctx ends. The lock ends with the process, even if that is killed. The file stays: if it were removed,
// two processes could hold the lock.
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
