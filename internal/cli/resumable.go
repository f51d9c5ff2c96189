package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filelock"
)

// saveEvery is how often progress is saved. After a crash, questions since the last save are asked again; the server's
// cache mostly answers them.
const saveEvery = 200 * time.Millisecond

// resumableFile is the output file of a batch with its saved state. The output is written and synced first, then the state
// file is replaced. So after a crash at any point, the bytes that the state counts are in the output file.
type resumableFile struct {
	resumeState
	name    string
	plan    filePlan
	file    *os.File
	pending bytes.Buffer
	changed bool
	saved   time.Time
	// broken is a write error. Nothing is written after it, since the file's content is then unknown.
	broken error
}

// filePlan is the purpose of a file. Resuming it needs the same plan.
type filePlan struct {
	form fileForm
	// question is the fingerprint of the request, and words names its inputs in error messages.
	question, words string
	// parts is the number of requests, and partSize how many keywords each of them has at most; 0 for photos, whose names identify them.
	parts, partSize int
}

// openResumable creates a file, or resumes one of the same question. It never changes any other file.
func openResumable(name string, plan filePlan) (_ *resumableFile, err error) {
	h := &resumableFile{name: name, plan: plan}
	begun, err := h.load()
	if err != nil {
		return nil, err
	}
	if begun && h.Finished {
		return h, nil
	}
	if !begun {
		h.resumeState = resumeState{Version: resumeVersion, Question: plan.question, PartSize: plan.partSize, Parts: make([]resumePart, plan.parts)}
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return nil, usage("%s exists already: name another file, or remove it", name)
		}
		// The state comes first, so that a file without a state is never ours.
		if err := h.save(); err != nil {
			return nil, err
		}
	}
	flags := os.O_RDWR
	if h.Size == 0 {
		flags |= os.O_CREATE
	}
	if h.file, err = os.OpenFile(h.grows(), flags, 0o644); err != nil { //nolint:gosec // Products are not secret.
		return nil, usage("%v", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.file.Close())
		}
	}()
	if err = h.prepare(); err == nil && h.Finished { // Another process has finished it.
		err = h.file.Close()
	}
	return h, err
}

// grows is the file that results are appended to.
func (h *resumableFile) grows() string {
	if _, ok := h.plan.form.(workbookForm); ok {
		return h.name + partSuffix
	}
	return h.name
}

// load reads the state, which must belong to this question; false if there is none.
func (h *resumableFile) load() (bool, error) {
	state, begun, err := loadState(h.name)
	if err != nil || !begun {
		return false, err
	}
	if _, err := os.Lstat(h.name); state.Finished && errors.Is(err, fs.ErrNotExist) {
		return false, nil // The file was removed, so its state is void.
	}
	h.resumeState = state
	if h.Finished && (h.Question != h.plan.question || len(h.Parts) != h.plan.parts) {
		return false, usage("%s exists already: name another file, or remove it", h.name)
	}
	if h.Version != resumeVersion {
		return false, usage("%s was written by another version of zhaohuo: name another file, or remove it and %s", h.name, h.name+resumeSuffix)
	}
	if h.Question != h.plan.question || len(h.Parts) != h.plan.parts {
		return false, usage("%s was begun with other %s: name another file, or remove it and %s", h.name, word(h.plan.words), h.name+resumeSuffix)
	}
	return true, nil
}

// prepare locks the file and truncates it to the size in the state.
func (h *resumableFile) prepare() error {
	free, err := filelock.Try(h.file)
	if err != nil {
		return err
	}
	if !free {
		return usage("%s is being written by another process", h.name)
	}
	// The previous owner of the lock may have made progress, or finished, since the state was read.
	begun, err := h.load()
	if err != nil {
		return err
	}
	if !begun {
		return usage("%s exists already: name another file, or remove it", h.name)
	}
	if h.Finished {
		return nil
	}
	info, err := h.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < h.Size {
		return usage("%s is shorter than before: remove it and %s to start over", h.name, h.name+resumeSuffix)
	}
	if err := h.file.Truncate(h.Size); err != nil {
		return err
	}
	if _, err := h.file.Seek(h.Size, 0); err != nil {
		return err
	}
	if h.Size > 0 {
		return nil
	}
	h.changed = true
	return h.plan.form.begin(&h.pending)
}

// write adds a result. The caller must record it in the state before the next checkpoint.
func (h *resumableFile) write(one record) error {
	if err := h.plan.form.write(&h.pending, one, h.Results == 0); err != nil {
		return err
	}
	h.Results++
	h.changed = true
	return nil
}

// token records where to resume a part.
func (h *resumableFile) token(part int, token string) {
	if h.Parts[part].Token != token {
		h.Parts[part].Token, h.changed = token, true
	}
}

// partDone records that a part is complete.
func (h *resumableFile) partDone(part int) { h.Parts[part], h.changed = resumePart{Done: true}, true }

// photoDone records that a photo is answered.
func (h *resumableFile) photoDone(name, sum string) {
	if h.Photos == nil {
		h.Photos = map[string]string{}
	}
	h.Photos[name], h.changed = sum, true
}

// settle makes a checkpoint if the last one is older than saveEvery.
func (h *resumableFile) settle() error {
	if h.broken == nil && time.Since(h.saved) < saveEvery {
		return nil
	}
	return h.checkpoint()
}

// checkpoint writes all results so far to disk: first the file, then the state.
func (h *resumableFile) checkpoint() error {
	if h.broken != nil || !h.changed {
		return h.broken
	}
	n, err := h.pending.WriteTo(h.file)
	if err == nil {
		err = h.file.Sync()
	}
	if err != nil {
		h.broken = trouble("writing %s: %w", h.name, err)
		return h.broken
	}
	h.Size += n
	return h.save()
}

// save replaces the state.
func (h *resumableFile) save() error {
	if err := h.resumeState.save(h.name); err != nil {
		return err
	}
	h.changed, h.saved = false, time.Now()
	return nil
}

// close writes everything to disk and ends the file in its format. If all is done, the state records that. The state
// does not count the ending, which is cut off when the batch is resumed. After a write error the file is not changed.
func (h *resumableFile) close(done bool) error {
	if h.broken != nil {
		return h.file.Close()
	}
	err := h.checkpoint()
	if err == nil {
		h.plan.form.end(&h.pending, h.Results == 0)
		_, err = h.pending.WriteTo(h.file)
	}
	if err == nil {
		err = h.file.Sync()
	}
	err = errors.Join(err, h.file.Close())
	if form, ok := h.plan.form.(workbookForm); ok && err == nil {
		err = form.workbook(h.name)
	}
	if err == nil && done && h.grows() != h.name {
		err = os.Remove(h.grows())
	}
	if err == nil && done {
		h.Finished = true
		err = h.save() // The state stays: a rerun of the command finds that it is done.
	}
	return err
}
