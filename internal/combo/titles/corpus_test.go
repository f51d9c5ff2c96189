package titles

import (
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
type figures struct{ kinds, singles score }

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
		f.kinds.add(k, r.Read(k.titles))
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
	// afterwards are kinds that were written last. Nothing may be tuned on them.
	afterwards []kind
}

func readCorpora(t testing.TB) corpora {
	t.Helper()
	c := corpora{afterwards: readCorpus(t, "testdata/afterwards.txt")}
	c.tuning = append(readCorpus(t, "testdata/more.txt"), readCorpus(t, "testdata/unseen.txt")...)
	for _, k := range readCorpus(t, "testdata/corpus.txt") {
		if k.heldOut() {
			c.heldOut = append(c.heldOut, k)
		} else {
			c.tuning = append(c.tuning, k)
		}
	}
	return c
}

// bounds are the least percentages of a corpus.
type bounds struct {
	// kinds are those whose head noun and first two qualifiers are right, unlisted the same when the lexicon has none of the
	// kind's names. singles are titles whose head noun is right when they are read alone.
	kinds, unlisted, singles float64
}

// promised is what is promised.
var promised = bounds{kinds: 90, unlisted: 75, singles: 85}

// atLeast is what each corpus must reach. The kinds written afterwards do not reach what is promised: 83.3 % of them are
// right, before and after the last change to the algorithm. Their bounds only keep what there is.
func (c corpora) atLeast() map[string]checked {
	return map[string]checked{
		"held out":   {c.heldOut, promised},
		"afterwards": {c.afterwards, bounds{kinds: 80, unlisted: 75, singles: 75}},
	}
}

// checked is kinds with their bounds.
type checked struct {
	kinds  []kind
	bounds bounds
}

func TestCorpora(t *testing.T) {
	c := readCorpora(t)
	for name, kinds := range map[string][]kind{"tuning": c.tuning, "held out": c.heldOut, "afterwards": c.afterwards} {
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

// TestHeadNounAndQualifiers keeps what is promised on kinds that nothing was tuned on.
func TestHeadNounAndQualifiers(t *testing.T) {
	for name, c := range readCorpora(t).atLeast() {
		f, unlisted := measure(c.kinds, false), measure(c.kinds, true)
		if got := percent(f.kinds.both, f.kinds.asked); got < c.bounds.kinds {
			t.Errorf("%s: %.1f %% of the kinds are right, want %v", name, got, c.bounds.kinds)
		}
		if got := percent(f.singles.heads, f.singles.asked); got < c.bounds.singles {
			t.Errorf("%s: the head noun of %.1f %% of single titles is right, want %v", name, got, c.bounds.singles)
		}
		if got := percent(unlisted.kinds.both, unlisted.kinds.asked); got < c.bounds.unlisted {
			t.Errorf("%s: without their names in the lexicon %.1f %% of the kinds are right, want %v", name, got, c.bounds.unlisted)
		}
	}
}
