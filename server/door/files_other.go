//go:build !unix

package door

// FilesMax is how many files this process may have open, connections included; 0 if unknown.
func FilesMax() uint64 { return 0 }
