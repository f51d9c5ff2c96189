// Package faultword reads the words by which a caller asks the sandbox to fail: "sandbox:throttle" anywhere in a searched
// text, or a reserved offer id where there is no text.
//
// It lists and parses them. The dialects implement refusals and shapes; the wire package implements broken transport.
package faultword

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Class is the step of an answer at which a word acts.
type Class string

// The classes.
const (
	// Refusal: a gateway error is answered, as if a check had failed.
	Refusal Class = "refusal"
	// Business: an error inside the envelope is answered.
	Business Class = "business"
	// Transport: the answer is delayed, broken or replaced on the wire.
	Transport Class = "transport"
	// Content: a correct answer gets other contents.
	Content Class = "content"
	// Shape: the answer is wrapped in another way.
	Shape Class = "shape"
	// Modifier: errors are written in another way.
	Modifier Class = "modifier"
)

// Word is one entry of the table.
type Word struct {
	Name  string
	Class Class
	// Argument shows the value of a word ("=SECONDS"); empty when it has none.
	Argument string
	// Default is the value when none is given.
	Default string
	// Meaning is one English sentence.
	Meaning string
	// OfferID is the reserved id with the same effect, for APIs that take ids and no text.
	OfferID int64
}

// firstOfferID is the lower bound of the reserved ids. No offer of a catalogue may have an id from here on.
const firstOfferID = 990_000_000_000

// pattern finds a word and its value: letters, digits and dashes, then anything without white space.
var pattern = regexp.MustCompile(`sandbox:([a-zA-Z0-9-]+)(?:=(\S+))?`)

// Set holds the fault words of one call with their values. The nil set is empty.
type Set map[string]string

// Split takes the fault words out of a searched text. rest is what remains to be searched, without the gaps that they
// leave.
func Split(text string) (rest string, words Set) {
	if !strings.Contains(text, "sandbox:") {
		return text, nil
	}
	matches := pattern.FindAllStringSubmatch(text, -1)
	if matches == nil {
		return text, nil
	}
	words = make(Set, len(matches))
	for _, m := range matches {
		words[m[1]] = m[2]
	}
	return strings.Join(strings.Fields(pattern.ReplaceAllString(text, " ")), " "), words
}

// OfferID returns the words that a reserved offer id means.
func OfferID(id int64) (Set, bool) {
	for _, w := range Table() {
		if w.OfferID == id {
			return Set{w.Name: ""}, true
		}
	}
	return nil, false
}

// Unknown returns the first word, by name, that the table does not hold; false when all are known.
func (s Set) Unknown() (string, bool) {
	names := make([]string, 0, len(s))
	for name := range s {
		if _, ok := lookUp(name); !ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", false
	}
	return slices.Min(names), true
}

// Has reports whether the set holds a word.
func (s Set) Has(name string) bool {
	_, ok := s[name]
	return ok
}

// Value returns the value of a word, its default when it was given none or an empty one, and "" when the set does not hold
// the word.
func (s Set) Value(name string) string {
	v, ok := s[name]
	if ok && v == "" {
		if w, known := lookUp(name); known {
			return w.Default
		}
	}
	return v
}

// Int returns the value of a word as a whole number, 0 when it is not one.
func (s Set) Int(name string) int {
	n, err := strconv.Atoi(s.Value(name))
	if err != nil {
		return 0
	}
	return n
}

// Duration returns the value of a word as a duration such as 300ms, 0 when it is not one.
func (s Set) Duration(name string) time.Duration {
	d, err := time.ParseDuration(s.Value(name))
	if err != nil {
		return 0
	}
	return d
}

// Of returns the words of one class in the set, in the order of the table.
func (s Set) Of(class Class) []string {
	var names []string
	for _, w := range Table() {
		if w.Class == class && s.Has(w.Name) {
			names = append(names, w.Name)
		}
	}
	return names
}

func lookUp(name string) (Word, bool) {
	words := Table()
	i := slices.IndexFunc(words, func(w Word) bool { return w.Name == name })
	if i < 0 {
		return Word{}, false
	}
	return words[i], true
}
