package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestResumableFileOnAFullDisk: what was not written is not counted, not even when there is space again.
func TestResumableFileOnAFullDisk(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.ndjson")
	h, err := openResumable(out, filePlan{form: lineForm{}, question: "q"})
	if err != nil {
		t.Fatal(err)
	}
	take := func(name string) error {
		if err := h.write(record{message: &zhaohuov1.BatchImageResult{Tag: name}}); err != nil {
			return err
		}
		h.photoDone(name, "sum of "+name)
		return h.checkpoint()
	}
	if err := take("a"); err != nil {
		t.Fatal(err)
	}
	onDisk, before := h.file, contents(t, out+resumeSuffix)
	if h.file, err = os.OpenFile("/dev/full", os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	}
	if err := take("b"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("writing to a full disk: %v", err)
	}
	if err := h.file.Close(); err != nil {
		t.Fatal(err)
	}
	h.file = onDisk
	if err := take("c"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("writing after a failure: %v", err)
	}
	if err := h.close(true); err != nil {
		t.Error(err)
	}
	if after := contents(t, out+resumeSuffix); after != before || !strings.Contains(after, `"photos":{"a":"sum of a"}`) {
		t.Errorf("the state changed to %s", after)
	}
	if text := contents(t, out); strings.Count(text, "\n") != 1 || !strings.Contains(text, `"tag":"a"`) {
		t.Errorf("the file holds %q", text)
	}
}
