//go:build !unix

package door

// FilesMax is how many files this process may have open, connections among them; 0 if that is not known.
func FilesMax() uint64 { return 0 }
