package titles

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"testing"
)

// kind is titles of one kind of goods with the accepted words, from a file in testdata.
type kind struct {
	name              string
	heads, qualifiers []string
	titles            []string
}

// heldOut reports whether the kind belongs to the half that the algorithm was not tuned on.
func (k kind) heldOut() bool {
	h := fnv.New32a()
	h.Write([]byte(k.name))
	return h.Sum32()%2 == 1
}

func readCorpus(t testing.TB, file string) []kind {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []kind
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		name, rest, _ := strings.Cut(line, ": ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case name == "kind":
			all = append(all, kind{name: rest})
		case name == "head":
			all[len(all)-1].heads = strings.Fields(rest)
		case name == "qualifiers":
			all[len(all)-1].qualifiers = strings.Fields(rest)
		default:
			all[len(all)-1].titles = append(all[len(all)-1].titles, line)
		}
	}
	return all
}

// rightHead reports whether a head noun is an accepted one, alone or with an accepted qualifier before it.
func (k kind) rightHead(head string) bool {
	return slices.ContainsFunc(k.heads, func(accepted string) bool {
		before, ok := strings.CutSuffix(head, accepted)
		return ok && (before == "" || k.rightQualifier(before))
	})
}

func (k kind) rightQualifier(q string) bool {
	return slices.ContainsFunc(k.qualifiers, func(accepted string) bool { return strings.EqualFold(stem(accepted), stem(q)) })
}

// right reports whether the head noun is right, and with it the first two qualifiers.
func (k kind) right(r Reading) (head, both bool) {
	head = k.rightHead(r.Head.Text)
	both = head && len(r.Qualifiers) >= 2
	for _, q := range r.Qualifiers[:min(2, len(r.Qualifiers))] {
		both = both && k.rightQualifier(q.Text)
	}
	return head, both
}

// score counts what was read right.
type score struct{ asked, heads, both int }

func (s *score) add(k kind, r Reading) {
	head, both := k.right(r)
	s.asked++
	if head {
		s.heads++
	}
	if both {
		s.both++
	}
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// figures are the scores of a corpus: all titles of a kind at once, and each title alone.
type figures struct {
	kinds, singles score
	// missed are the kinds that were not right, with what was read.
	missed []string
}

// measure reads kinds. unlisted takes the accepted head nouns of each kind out of the lexicon first, so that only the
// titles can show them.
func measure(kinds []kind, unlisted bool) figures {
	var f figures
	r := NewReader()
	for _, k := range kinds {
		if unlisted {
			r = NewReader()
			for _, head := range k.heads {
				if c := r.lexicon.classes[head] &^ (goods | accessory); c != 0 {
					r.lexicon.classes[head] = c
				} else {
					delete(r.lexicon.classes, head)
				}
			}
		}
		got := r.Read(k.titles)
		f.kinds.add(k, got)
		if _, both := k.right(got); !both {
			f.missed = append(f.missed, fmt.Sprintf("%s: %s %v", k.name, got.Head.Text, got.Qualifiers[:min(4, len(got.Qualifiers))]))
		}
		for _, one := range k.titles {
			f.singles.add(k, r.Read([]string{one}))
		}
	}
	return f
}

// corpora are the kinds by what they served for.
type corpora struct {
	// tuning are the kinds that the algorithm was tuned on; heldOut those of the same file that it was not.
	tuning, heldOut []kind
	// unseen are kinds that were written when the algorithm and its lexicon were finished.
	unseen []kind
}

func readCorpora(t testing.TB) corpora {
	t.Helper()
	c := corpora{tuning: readCorpus(t, "testdata/more.txt"), unseen: readCorpus(t, "testdata/unseen.txt")}
	for _, k := range readCorpus(t, "testdata/corpus.txt") {
		if k.heldOut() {
			c.heldOut = append(c.heldOut, k)
		} else {
			c.tuning = append(c.tuning, k)
		}
	}
	return c
}

const (
	// kindPromise is the percentage of kinds whose head noun and first two qualifiers are right.
	kindPromise = 90
	// unlistedPromise is the same when the lexicon has none of the kind's names.
	unlistedPromise = 75
	// singlePromise is the percentage of titles whose head noun is right when a title is read alone.
	singlePromise = 85
)

func TestCorpora(t *testing.T) {
	c := readCorpora(t)
	for name, kinds := range map[string][]kind{"tuning": c.tuning, "held out": c.heldOut, "unseen": c.unseen} {
		titles := 0
		for _, k := range kinds {
			titles += len(k.titles)
			if len(k.heads) == 0 || len(k.qualifiers) < 2 || len(k.titles) < 5 {
				t.Errorf("%s: %d head nouns, %d qualifiers, %d titles", k.name, len(k.heads), len(k.qualifiers), len(k.titles))
			}
		}
		if titles < 120 || len(kinds) < 20 {
			t.Errorf("%s: %d titles of %d kinds", name, titles, len(kinds))
		}
	}
}

// TestHeadNounAndQualifiers keeps the promises on kinds that nothing was tuned on.
func TestHeadNounAndQualifiers(t *testing.T) {
	c := readCorpora(t)
	for name, kinds := range map[string][]kind{"held out": c.heldOut, "unseen": c.unseen} {
		f, unlisted := measure(kinds, false), measure(kinds, true)
		if got := percent(f.kinds.both, f.kinds.asked); got < kindPromise {
			t.Errorf("%s: %.1f %% of the kinds are right, promised are %d: %q", name, got, kindPromise, f.missed)
		}
		if got := percent(f.singles.heads, f.singles.asked); got < singlePromise {
			t.Errorf("%s: the head noun of %.1f %% of single titles is right, promised are %d", name, got, singlePromise)
		}
		if got := percent(unlisted.kinds.both, unlisted.kinds.asked); got < unlistedPromise {
			t.Errorf("%s: without their names in the lexicon %.1f %% of the kinds are right, promised are %d: %q", name, got, unlistedPromise, unlisted.missed)
		}
	}
}
