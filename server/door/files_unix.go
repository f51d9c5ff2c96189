//go:build unix

package door

import "syscall"

// FilesMax is how many files this process may have open, connections included; 0 if unknown.
func FilesMax() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return uint64(limit.Cur) //nolint:unconvert // Its type is not the same everywhere.
}
