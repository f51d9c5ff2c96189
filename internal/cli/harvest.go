package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/filelock"
)

// resumeSuffix makes a file's name that of the file which says how far it is.
const resumeSuffix = ".resume"

const resumeVersion = 1

// saveEvery is how often it is written down how far a batch is. What came since is asked again after a crash, which
// the server's cache mostly answers.
const saveEvery = 200 * time.Millisecond

// resumeState says how far a batch is.
type resumeState struct {
	Version int `json:"version"`
	// Question is the fingerprint of what is asked.
	Question string `json:"question"`
	// Size is how many bytes of the file belong to what the tokens say; what follows is cut off.
	Size int64 `json:"size"`
	// Results is how many results those bytes hold.
	Results int64        `json:"results"`
	Parts   []resumePart `json:"parts"`
}

type resumePart struct {
	Token string `json:"token,omitempty"`
	Done  bool   `json:"done,omitempty"`
}

// harvest is the file that a batch is written into, and beside it how far it is. The file is always written and synced
// first, then the state, by replacing its file: so after a crash at any point the state speaks of bytes that are there.
type harvest struct {
	resumeState
	name    string
	form    harvestForm
	file    *os.File
	pending bytes.Buffer
	changed bool
	saved   time.Time
}

// openHarvest begins a file, or goes on with one that the same question has begun. It never touches another one.
func openHarvest(name string, form harvestForm, question string, parts int) (_ *harvest, err error) {
	h := &harvest{name: name, form: form}
	begun, err := h.load()
	if err != nil {
		return nil, err
	}
	if begun {
		err = h.belongs(question, parts)
	}
	if err != nil {
		return nil, err
	}
	if !begun {
		h.resumeState = resumeState{Version: resumeVersion, Question: question, Parts: make([]resumePart, parts)}
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
	if h.file, err = os.OpenFile(name, flags, 0o644); err != nil { //nolint:gosec // Goods are no secret.
		return nil, usage("%v", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.file.Close())
		}
	}()
	return h, h.prepare(question, parts)
}

// belongs tells whether the state is of this question.
func (h *harvest) belongs(question string, parts int) error {
	if h.Version != resumeVersion || h.Question != question || len(h.Parts) != parts {
		return usage("%s was begun with other keywords or flags: name another file, or remove it and %s", h.name, h.name+resumeSuffix)
	}
	return nil
}

// prepare brings the file to where the state says that it is.
func (h *harvest) prepare(question string, parts int) error {
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
	if err := h.belongs(question, parts); err != nil {
		return err
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
	return h.form.begin(&h.pending)
}

// load reads the state; false if there is none.
func (h *harvest) load() (bool, error) {
	text, err := os.ReadFile(h.name + resumeSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, usage("%v", err)
	}
	h.resumeState = resumeState{}
	if err := json.Unmarshal(text, &h.resumeState); err != nil {
		return false, usage("%s cannot be read: remove it and %s to begin anew", h.name+resumeSuffix, h.name)
	}
	return true, nil
}

// open tells whether there is anything left to ask.
func (h *harvest) open() bool {
	for _, p := range h.Parts {
		if !p.Done {
			return true
		}
	}
	return false
}

func (h *harvest) whole() bool { return !h.open() }

// take writes a result, which is nil for progress, and from time to time how far that is.
func (h *harvest) take(part int, result *zhaohuov1.BatchKeywordResult, token string) error {
	if result.GetResponse() != nil {
		if err := h.form.write(&h.pending, result, h.Results == 0); err != nil {
			return err
		}
		h.Results++
	}
	if h.Parts[part].Token != token {
		h.Parts[part].Token, h.changed = token, true
	}
	if time.Since(h.saved) < saveEvery {
		return nil
	}
	return h.checkpoint()
}

// partDone ends a part. One with failures stays open.
func (h *harvest) partDone(part int, clean bool) error {
	if clean {
		h.Parts[part] = resumePart{Done: true}
		h.changed = true
	}
	return h.checkpoint()
}

// checkpoint makes sure of what was taken so far: first the file, then the state.
func (h *harvest) checkpoint() error {
	if !h.changed {
		return nil
	}
	n, err := h.pending.WriteTo(h.file)
	if err == nil {
		err = h.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", h.name, err)
	}
	h.Size += n
	return h.save()
}

// save replaces the state.
func (h *harvest) save() error {
	text, err := json.Marshal(h.resumeState)
	if err != nil {
		return err
	}
	name := h.name + resumeSuffix
	if err := replaceFile(name, text); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	h.changed, h.saved = false, time.Now()
	return nil
}

// replaceFile writes a file so that it is the old one or the new one, whenever the machine stops.
func replaceFile(name string, text []byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = fresh.Write(text)
	if err == nil {
		err = fresh.Sync()
	}
	err = errors.Join(err, fresh.Close())
	if err == nil {
		err = os.Rename(fresh.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(fresh.Name()))
	}
	return syncFolder(name)
}

// syncFolder makes sure of a name. Not every system can, and then there is nothing to be done.
func syncFolder(name string) error {
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	_ = folder.Sync()
	return folder.Close()
}

// close makes sure of everything and ends the file in its form; the state stays unless all is done. The form's end is no
// part of what the state speaks of, since it is cut off again should the batch go on.
func (h *harvest) close(done bool) error {
	err := h.checkpoint()
	if err == nil {
		h.form.end(&h.pending, h.Results == 0)
		_, err = h.pending.WriteTo(h.file)
	}
	if err == nil {
		err = h.file.Sync()
	}
	err = errors.Join(err, h.file.Close())
	if err == nil && done {
		err = os.Remove(h.name + resumeSuffix)
	}
	return err
}
