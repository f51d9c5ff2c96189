package photo

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// temporary is a file that is gone when it is closed, or when the process ends in any way.
type temporary struct {
	*os.File
	// name is set on systems where an open file cannot lose its name.
	name string
}

func newTemporary(dir string) (*temporary, error) {
	file, err := os.CreateTemp(dir, "zhaohuo-photo-*")
	if err != nil {
		return nil, diskFault(err)
	}
	t := &temporary{File: file}
	if os.Remove(file.Name()) != nil {
		t.name = file.Name()
	}
	return t, nil
}

// Close frees the file's space.
func (t *temporary) Close() error {
	err := t.File.Close()
	if t.name != "" {
		err = errors.Join(err, os.Remove(t.name))
	}
	return err
}

// diskFault classifies an error of a file. If the disk is full, retrying later helps.
func diskFault(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.MemoryBudgetFull, "there is no room for another image right now").
			WithRetryAfter(retryAfter).WithCause(err)
	}
	return fmt.Errorf("photo: %w", err)
}
