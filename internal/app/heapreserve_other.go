//go:build !linux

package app

// releasePages does nothing: only Linux has a call that gives pages back and keeps what they read as.
func releasePages([]byte) {}
