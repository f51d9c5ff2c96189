package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/atomicfile"
)

// resumeSuffix is appended to a file's name for its state file.
const resumeSuffix = ".resume"

const resumeVersion = 2

// resumeState is the progress of a batch: keywords by parts, photos by name.
type resumeState struct {
	Version int `json:"version"`
	// Question is the fingerprint of the request.
	Question string `json:"question"`
	// Origin is whose answers the file contains; nil before the first answer.
	Origin *origin `json:"origin,omitempty"`
	// MadeUp reports whether the products in the file are made up; nil before the first answer.
	MadeUp *bool `json:"made_up,omitempty"`
	// Finished means that everything is answered and the file is complete: it is not changed again.
	Finished bool `json:"finished,omitempty"`
	// Size is how many bytes of the file belong to what the state counts as done; the rest is truncated.
	Size int64 `json:"size"`
	// Results is how many results those bytes contain.
	Results int64 `json:"results"`
	// PartSize is how many keywords a part has, except the last one. Files of earlier versions do not say it.
	PartSize int          `json:"part_size,omitempty"`
	Parts    []resumePart `json:"parts,omitempty"`
	// Photos has the SHA-256 of each photo that is done, by name.
	Photos map[string]string `json:"photos,omitempty"`
}

type resumePart struct {
	Token string `json:"token,omitempty"`
	Done  bool   `json:"done,omitempty"`
}

// fingerprint identifies a question.
func fingerprint(question any) (string, error) {
	text, err := json.Marshal(question)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// loadState reads the state of the named file; false if there is none.
func loadState(name string) (state resumeState, begun bool, err error) {
	text, err := os.ReadFile(name + resumeSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return state, false, nil
	}
	if err != nil {
		return state, false, usage("%v", err)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return state, false, usage("%s cannot be read: remove it and %s to start over", name+resumeSuffix, name)
	}
	return state, true, nil
}

// save replaces the state of the named file.
func (r resumeState) save(name string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(name+resumeSuffix, text); err != nil {
		return trouble("writing %s: %w", name+resumeSuffix, err)
	}
	return nil
}

// partsDone reports whether all parts are done.
func (r resumeState) partsDone() bool {
	for _, p := range r.Parts {
		if !p.Done {
			return false
		}
	}
	return true
}
