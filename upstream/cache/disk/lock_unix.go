//go:build unix

package disk

import (
	"os"
	"syscall"
)

// lockFile waits until this process alone has the lock, and returns what gives it back. The lock ends with the process,
// however that ends; the file stays, since removing it would let two have it.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR { //nolint:errorlint // Flock returns the bare number.
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
