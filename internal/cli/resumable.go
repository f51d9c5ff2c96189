package cli

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/filelock"
)

// saveEvery is how often it is written down how far a batch is. What came since is asked again after a crash, which
// the server's cache mostly answers.
const saveEvery = 200 * time.Millisecond

// resumableFile is the file that a batch is written into, and beside it how far it is. The file is always written and synced
// first, then the state, by replacing its file: so after a crash at any point the state speaks of bytes that are there.
type resumableFile struct {
	resumeState
	name    string
	plan    filePlan
	file    *os.File
	pending bytes.Buffer
	changed bool
	saved   time.Time
	// broken is why nothing more is written: of a file that took some bytes and failed, nobody knows what it holds.
	broken error
}

// filePlan is what a file is begun with, and has to be gone on with.
type filePlan struct {
	form fileForm
	// question is the fingerprint of what is asked, and words are what it is made of.
	question, words string
	// parts is how many parts it is asked in; 0 for photos, which are told apart by themselves.
	parts int
}

// openResumable begins a file, or goes on with one that the same question has begun. It never touches another one.
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
		h.resumeState = resumeState{Version: resumeVersion, Question: plan.question, Parts: make([]resumePart, plan.parts)}
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return nil, usage("%s is there already: name another file, or remove it", name)
		}
		// Before the file itself, so that a file without a state is never ours.
		if err := h.save(); err != nil {
			return nil, err
		}
	}
	flags := os.O_RDWR
	if h.Size == 0 {
		flags |= os.O_CREATE
	}
	if h.file, err = os.OpenFile(h.grows(), flags, 0o644); err != nil { //nolint:gosec // Goods are no secret.
		return nil, usage("%v", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.file.Close())
		}
	}()
	if err = h.prepare(); err == nil && h.Finished { // Another process was faster.
		err = h.file.Close()
	}
	return h, err
}

// grows is the file that results are written into as they come.
func (h *resumableFile) grows() string {
	if _, ok := h.plan.form.(workbookForm); ok {
		return h.name + partSuffix
	}
	return h.name
}

// load reads the state, which has to be of this question; false if there is none.
func (h *resumableFile) load() (bool, error) {
	state, begun, err := loadState(h.name)
	if err != nil || !begun {
		return false, err
	}
	if _, err := os.Lstat(h.name); state.Finished && errors.Is(err, fs.ErrNotExist) {
		return false, nil // The file was taken away, so its state is of nothing.
	}
	h.resumeState = state
	if h.Finished && (h.Question != h.plan.question || len(h.Parts) != h.plan.parts) {
		return false, usage("%s is there already: name another file, or remove it", h.name)
	}
	if h.Version != resumeVersion {
		return false, usage("%s was begun by another version of zhaohuo: name another file, or remove it and %s", h.name, h.name+resumeSuffix)
	}
	if h.Question != h.plan.question || len(h.Parts) != h.plan.parts {
		return false, usage("%s was begun with other %s: name another file, or remove it and %s", h.name, word(h.plan.words), h.name+resumeSuffix)
	}
	return true, nil
}

// prepare brings the file to where the state says that it is.
func (h *resumableFile) prepare() error {
	free, err := filelock.Try(h.file)
	if err != nil {
		return err
	}
	if !free {
		return usage("%s is being written by another process", h.name)
	}
	// Whoever had the lock before may have gone on, or finished, since the state was read.
	begun, err := h.load()
	if err != nil {
		return err
	}
	if !begun {
		return usage("%s is there already: name another file, or remove it", h.name)
	}
	if h.Finished {
		return nil
	}
	info, err := h.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < h.Size {
		return usage("%s is shorter than it was: remove it and %s to begin anew", h.name, h.name+resumeSuffix)
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

// write takes a result in. What the state has to say of it must be said before anything else is done.
func (h *resumableFile) write(one record) error {
	if err := h.plan.form.write(&h.pending, one, h.Results == 0); err != nil {
		return err
	}
	h.Results++
	h.changed = true
	return nil
}

// token says that a part is to go on from there.
func (h *resumableFile) token(part int, token string) {
	if h.Parts[part].Token != token {
		h.Parts[part].Token, h.changed = token, true
	}
}

// partDone ends a part.
func (h *resumableFile) partDone(part int) { h.Parts[part], h.changed = resumePart{Done: true}, true }

// photoDone says that a photo is answered.
func (h *resumableFile) photoDone(name, sum string) {
	if h.Photos == nil {
		h.Photos = map[string]string{}
	}
	h.Photos[name], h.changed = sum, true
}

// settle makes sure of what was taken so far, from time to time.
func (h *resumableFile) settle() error {
	if h.broken == nil && time.Since(h.saved) < saveEvery {
		return nil
	}
	return h.checkpoint()
}

// checkpoint makes sure of what was taken so far: first the file, then the state.
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

// close makes sure of everything and ends the file in its form; the state says so when all is done. The form's end is no
// part of what the state speaks of, since it is cut off again should the batch go on. A broken file is left as it is.
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
		err = h.save() // It stays, so that the same command run again is known to be done.
	}
	return err
}
