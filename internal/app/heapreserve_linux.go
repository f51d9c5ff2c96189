package app

import "golang.org/x/sys/unix"

// releasePages gives the pages of memory back to the machine. The memory is all zeros, and still reads as zeros. The runtime writes these zeros
// itself where it used the addresses before, and then the reserve would take the memory that it is not to take. A kernel whose pages are larger
// than the runtime's may refuse: then the reserve takes memory, and nothing else is different.
func releasePages(memory []byte) {
	_ = unix.Madvise(memory, unix.MADV_DONTNEED)
}
