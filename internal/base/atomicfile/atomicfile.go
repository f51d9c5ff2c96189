// Package atomicfile replaces files so that each one is either the old one or the new one, whenever the process or the
// machine stops. It does not keep two writers apart: the last one wins.
package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// suffix ends the names of temporary files.
const suffix = ".tmp"

// Write replaces the file of that name. Only its owner may read the new file. When Write fails, the old file stays and
// no temporary file is left. When the process is killed, a temporary file may be left: see [Clean].
func Write(name string, content []byte) error { return write(name, content, os.Rename) }

// WriteBy is [Write] for content that is not in memory: fill writes it. What fill fails with, WriteBy fails with.
func WriteBy(name string, fill func(io.Writer) error) error { return writeBy(name, fill, os.Rename) }

func write(name string, content []byte, rename func(from, to string) error) error {
	return writeBy(name, func(to io.Writer) error {
		_, err := to.Write(content)
		return err
	}, rename)
}

func writeBy(name string, fill func(io.Writer) error, rename func(from, to string) error) error {
	temp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*"+suffix)
	if err != nil {
		return err
	}
	err = fill(temp)
	if err == nil {
		err = temp.Sync()
	}
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = rename(temp.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name())) //nolint:gosec // G703: this is the file that was just created.
	}
	return syncDir(filepath.Dir(name))
}

// syncDir makes the new name survive a power failure, where the system can do that.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path) //nolint:gosec // G703: the caller names the file.
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) {
		err = nil // Some network file systems cannot sync a directory.
	}
	return errors.Join(err, dir.Close())
}

// Clean removes temporary files of that name which killed processes left behind. The caller must keep out all other
// writers of the file.
func Clean(name string) error {
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), filepath.Base(name)+".") && strings.HasSuffix(entry.Name(), suffix) {
			removed := os.Remove(filepath.Join(filepath.Dir(name), entry.Name()))
			if !errors.Is(removed, fs.ErrNotExist) {
				err = errors.Join(err, removed)
			}
		}
	}
	return err
}
