// Package faultword reads the words by which a caller asks the sandbox to misbehave: "sandbox:throttle" anywhere in a
// searched text, or a reserved offer id where there is no text.
//
// It names and parses them. What a word does on the wire is the business of the dialects (refusals, shapes) and of the
// wire package (broken transport).
package faultword

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Class says at which step of an answer a word acts.
type Class string

// The classes.
const (
	// Refusal answers with a gateway error, as if a check had failed.
	Refusal Class = "refusal"
	// Business refuses inside the envelope.
	Business Class = "business"
	// Transport delays, breaks or replaces the answer on the wire.
	Transport Class = "transport"
	// Content changes what a right answer holds.
	Content Class = "content"
	// Shape changes how an answer is wrapped.
	Shape Class = "shape"
	// Modifier changes how errors are written.
	Modifier Class = "modifier"
)

// Word is one entry of the table.
type Word struct {
	Name  string
	Class Class
	// Argument shows the value a word takes ("=SECONDS"); empty for none.
	Argument string
	// Default is the value when none is given.
	Default string
	// Meaning is one sentence in English.
	Meaning string
	// OfferID is the reserved id with the same effect, for APIs that take ids and no text.
	OfferID int64
}

// firstOfferID is below every reserved id; no catalogue offer may have an id from here on.
const firstOfferID = 990_000_000_000

// pattern finds a word and its value: letters, digits and dashes, then anything without white space.
var pattern = regexp.MustCompile(`sandbox:([a-zA-Z0-9-]+)(?:=(\S+))?`)

// Set is the words of one call with their values. The nil set is empty.
type Set map[string]string

// Split takes the fault words out of a searched text. rest is what remains to be searched, without the gap they leave.
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

// OfferID is the words a reserved offer id stands for.
func OfferID(id int64) (Set, bool) {
	for _, w := range Table() {
		if w.OfferID == id {
			return Set{w.Name: ""}, true
		}
	}
	return nil, false
}

// Unknown is the first word, by name, that the table does not hold; false when all are known.
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

// Has says whether a word was said.
func (s Set) Has(name string) bool {
	_, ok := s[name]
	return ok
}

// Value is a word's value, its default when none or an empty one was given, and "" when the word was not said.
func (s Set) Value(name string) string {
	v, ok := s[name]
	if ok && v == "" {
		if w, known := lookUp(name); known {
			return w.Default
		}
	}
	return v
}

// Int is a word's value as a whole number, 0 when it is none.
func (s Set) Int(name string) int {
	n, err := strconv.Atoi(s.Value(name))
	if err != nil {
		return 0
	}
	return n
}

// Duration is a word's value as a duration such as 300ms, 0 when it is none.
func (s Set) Duration(name string) time.Duration {
	d, err := time.ParseDuration(s.Value(name))
	if err != nil {
		return 0
	}
	return d
}

// Of is the words of one class that were said, in the order of the table.
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
