package combo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// ledger records which images of a world are compared finely.
type ledger struct {
	*world

	mu       sync.Mutex
	printed  []string
	compared [][2]string
	// late blocks every fine comparison until its ctx ends.
	late bool
}

// Print implements [Pictures].
func (l *ledger) Print(ctx context.Context, p Picture) (Print, error) {
	l.mu.Lock()
	l.printed = append(l.printed, p.URL)
	l.mu.Unlock()
	fine, err := l.world.Print(ctx, p)
	if err != nil {
		return nil, err
	}
	return listed{fine.(thing), p.URL, l, ctx}, nil
}

// listed is a print that enters its comparisons into the ledger.
type listed struct {
	thing

	url string
	by  *ledger
	ctx context.Context //nolint:containedctx // A print lives as long as the question.
}

// SamePhoto implements [Print].
func (p listed) SamePhoto(other Print) float64 {
	q := other.(listed)
	if p.by.late {
		<-p.ctx.Done()
	}
	p.by.mu.Lock()
	defer p.by.mu.Unlock()
	p.by.compared = append(p.by.compared, inOrder(p.url, q.url))
	return p.thing.SamePhoto(q.thing)
}

// crowd is a world whose words find n offers. The image of offer i shows what subject says.
func crowd(n int, subject func(i int) string) *ledger {
	w := &world{byWords: map[string][]*zhaohuov1.Product{}, byPicture: map[string][]*zhaohuov1.Product{}}
	for i := range n {
		id := fmt.Sprint(100 + i)
		w.byWords["mug"] = append(w.byWords["mug"], offer(id, "supplier "+id, 10))
		w.show(subject(i), "pic:"+id)
	}
	return &ledger{world: w}
}

func (l *ledger) find(t *testing.T) *zhaohuov1.FindSourceResponse {
	t.Helper()
	p := l.ports()
	p.Pictures = l
	answer, err := FindSource(t.Context(), p, &zhaohuov1.FindSourceRequest{Keyword: "mug"})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestFineComparisonsAreAroundTheCallersImage: of 50 mugs, the ten that show the caller's photo are confirmed. Pairs of other
// mugs are not compared, although they look as alike.
func TestFineComparisonsAreAroundTheCallersImage(t *testing.T) {
	l := crowd(50, func(i int) string {
		if i%5 == 0 {
			return "mug/front"
		}
		return fmt.Sprintf("mug/%d", i)
	})
	l.show("mug/front", "own")
	answer := l.find(t)
	groups, _ := groupsOf(answer)
	if len(groups) != 1 || len(groups[0]) < 8 { // The image of 40 others is compared with the caller's.
		t.Fatalf("groups %v", groups)
	}
	copies := map[string]bool{"own": true}
	for _, id := range groups[0] {
		copies["pic:"+id] = true
	}
	for _, pair := range l.compared {
		if !copies[pair[0]] && !copies[pair[1]] {
			t.Errorf("%v are compared finely; neither shows the caller's photo", pair)
		}
	}
	if most := ownPairs + len(copies)*2*nearPairs; len(l.compared) > most {
		t.Errorf("%d fine comparisons, want at most %d", len(l.compared), most)
	}
	slices.SortFunc(l.compared, func(x, y [2]string) int { return slices.Compare(x[:], y[:]) })
	if n := len(slices.Compact(slices.Clone(l.compared))); n != len(l.compared) {
		t.Errorf("%d of %d pairs are compared twice", len(l.compared)-n, len(l.compared))
	}
	slices.Sort(l.printed)
	if n := len(slices.Compact(slices.Clone(l.printed))); n != len(l.printed) {
		t.Errorf("%d of %d prints are taken twice", len(l.printed)-n, len(l.printed))
	}
}

// TestTheBoundOfFineComparisonsIsReported: 160 mugs look alike, each in a photo of its own. That pairs were left out is said, and
// is no failure.
func TestTheBoundOfFineComparisonsIsReported(t *testing.T) {
	l := crowd(160, func(i int) string { return fmt.Sprintf("mug/%d", i) })
	answer := l.find(t)
	if len(l.compared) != pairsMax {
		t.Errorf("%d fine comparisons, want %d", len(l.compared), pairsMax)
	}
	if len(answer.GetGroups()) != 0 {
		t.Errorf("goods that look alike are confirmed: %v", answer.GetGroups())
	}
	if reported := failed(answer.GetPartialFailures()); len(reported) != 0 {
		t.Errorf("partial failures: %v", reported)
	}
	notes := answer.GetMeta().GetNotes()
	if len(notes) != 1 || notes[0].GetKind() != zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_PAIRS_BOUNDED || !strings.Contains(notes[0].GetText(), "400 most similar pairs") ||
		len(notes[0].GetAbout()) != 0 {
		t.Errorf("notes: %v", notes)
	}
}

// TestAHundredImagesAreAllCompared: the bound leaves room for a full answer by words: all of its pairs are compared.
func TestAHundredImagesAreAllCompared(t *testing.T) {
	l := crowd(100, func(i int) string { return fmt.Sprintf("mug/%d", i) })
	if notes := l.find(t).GetMeta().GetNotes(); len(notes) != 0 {
		t.Errorf("notes: %v", notes)
	}
}

// TestTheBoundOfImagesIsReported: what is beyond the bound is not looked at, and that is no failure.
func TestTheBoundOfImagesIsReported(t *testing.T) {
	l := crowd(looksMax+1, func(i int) string { return fmt.Sprint(i) })
	p := l.ports()
	p.Pictures, p.AcceptLanguage = l, "zh-CN"
	answer, err := FindSource(t.Context(), p, &zhaohuov1.FindSourceRequest{Keyword: "mug"})
	if err != nil {
		t.Fatal(err)
	}
	if reported := failed(answer.GetPartialFailures()); len(reported) != 0 {
		t.Errorf("partial failures: %v", reported)
	}
	notes := answer.GetMeta().GetNotes()
	if len(notes) != 1 || notes[0].GetKind() != zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_IMAGES_BOUNDED || !strings.Contains(notes[0].GetText(), "前 250 张") {
		t.Errorf("notes: %v", notes)
	}
}

// TestComparisonsThatTheTimeCutAreReported: a pair that was not compared is not "other goods".
func TestComparisonsThatTheTimeCutAreReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := crowd(30, func(int) string { return "mug" })
		l.late = true
		p := l.ports()
		p.Pictures = l
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		answer, err := FindSource(ctx, p, &zhaohuov1.FindSourceRequest{Keyword: "mug"})
		if err != nil || ctx.Err() != nil {
			t.Fatalf("got %v, %v", err, ctx.Err())
		}
		reported := failed(answer.GetPartialFailures())
		if len(reported) != 1 || !strings.HasSuffix(reported[0], ": "+fault.DeadlineExceeded.String()) {
			t.Errorf("partial failures: %v", reported)
		}
	})
}

// TestWinnersAreTheAnchorsOfFineComparisons: an expansion compares the images of its winners finely, not all with all.
func TestWinnersAreTheAnchorsOfFineComparisons(t *testing.T) {
	l := crowd(40, func(i int) string { return fmt.Sprintf("mug/%d", i) })
	for i, p := range l.byWords["mug"] {
		sold := int64(1000 - i)
		p.SoldCount = &sold
	}
	const winner = "pic:100"
	l.byPicture[winner] = []*zhaohuov1.Product{offer("900", "Zhen", 9), offer("901", "Yong", 9)}
	l.show("mug/0", "pic:900")
	l.show("mug/other", "pic:901")
	p := l.ports()
	p.Pictures = l
	one := int32(1)
	answer, err := ExpandSelection(t.Context(), p, &zhaohuov1.ExpandSelectionRequest{Seeds: []string{"mug"}, Winners: &one})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]zhaohuov1.EvidenceKind{}
	for _, c := range answer.GetClusters() {
		for _, a := range c.GetProducts() {
			kinds[a.GetProduct().GetId()] = a.GetLikeness().GetKind()
		}
	}
	if kinds["900"] != zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO || kinds["901"] != zhaohuov1.EvidenceKind_EVIDENCE_KIND_LOOKS_ALIKE {
		t.Errorf("kinds %v", kinds)
	}
	best := []string{winner, "pic:101", "pic:102"}
	for _, pair := range l.compared {
		if !slices.Contains(best, pair[0]) && !slices.Contains(best, pair[1]) {
			t.Errorf("%v are compared finely; neither is of a best seller", pair)
		}
	}
}
