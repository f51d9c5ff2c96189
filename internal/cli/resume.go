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

// resumeSuffix makes a file's name that of the file which says how far it is.
const resumeSuffix = ".resume"

const resumeVersion = 2

// resumeState says how far a batch is: one of keywords by its parts, one of photos by those that are done.
type resumeState struct {
	Version int `json:"version"`
	// Question is the fingerprint of what is asked.
	Question string `json:"question"`
	// Origin is whose answers the file holds; nil before the first.
	Origin *origin `json:"origin,omitempty"`
	// MadeUp reports whether the goods of the file are made up; nil before the first answer.
	MadeUp *bool `json:"made_up,omitempty"`
	// Finished tells that all is answered and the file is whole: it is not touched again.
	Finished bool `json:"finished,omitempty"`
	// Size is how many bytes of the file belong to what the state says is done; what follows is cut off.
	Size int64 `json:"size"`
	// Results is how many results those bytes hold.
	Results int64        `json:"results"`
	Parts   []resumePart `json:"parts,omitempty"`
	// Photos has the SHA-256 of each photo that is done, by its name.
	Photos map[string]string `json:"photos,omitempty"`
}

type resumePart struct {
	Token string `json:"token,omitempty"`
	Done  bool   `json:"done,omitempty"`
}

// fingerprint tells a question from others.
func fingerprint(question any) (string, error) {
	text, err := json.Marshal(question)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// loadState reads the state of the file of that name; false if there is none.
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

// save replaces the state of the file of that name.
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

// partsDone reports whether there is no part left to ask.
func (r resumeState) partsDone() bool {
	for _, p := range r.Parts {
		if !p.Done {
			return false
		}
	}
	return true
}
