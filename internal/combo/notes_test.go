package combo

import (
	"strings"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// notesOf are the notes of an answer: the kind, then what it is about.
func notesOf(meta *zhaohuov1.ComboMeta) []string {
	var all []string
	for _, n := range meta.GetNotes() {
		kind := strings.TrimPrefix(n.GetKind().String(), "COMBO_NOTE_KIND_")
		all = append(all, strings.Join(append([]string{kind}, n.GetAbout()...), " "))
	}
	return all
}

// TestNotesAreSentences: each kind has a text in both languages, which names what it is about.
func TestNotesAreSentences(t *testing.T) {
	kinds := zhaohuov1.ComboNoteKind(0).Descriptor().Values()
	for i := 1; i < kinds.Len(); i++ {
		kind := zhaohuov1.ComboNoteKind(kinds.Get(i).Number())
		var about []string
		switch kind {
		case zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_STEP_NOT_OFFERED, zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_CRITERIA_OF_WORDS:
			about = []string{"one", "two"}
		}
		for language, want := range map[string]struct{ end, named string }{"": {".", "one, two"}, "en": {".", "one, two"}, "zh-CN": {"。", "one、two"}} {
			c := begin(Ports{AcceptLanguage: language}, 1)
			for _, name := range about {
				c.inform(kind, name)
			}
			if about == nil {
				c.inform(kind)
			}
			notes := c.meta.GetNotes()
			if len(notes) != 1 || !strings.HasSuffix(notes[0].GetText(), want.end) || strings.Contains(notes[0].GetText(), "%!") ||
				about != nil && !strings.Contains(notes[0].GetText(), want.named) {
				t.Errorf("%v in %q: %v", kind, language, notes)
			}
		}
	}
}
