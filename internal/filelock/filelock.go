// Package filelock keeps two processes from writing one file. It waits for nobody.
package filelock
