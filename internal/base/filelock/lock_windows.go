package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// Try locks the first byte of the file if nobody else has locked it. Closing the file unlocks it, and so does the end of the
// process.
func Try(file *os.File) (bool, error) {
	err := windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}
