package scenario_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"image/jpeg"
	"log/slog"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/app"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/change"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/corpus"
)

// photoShop is a catalogue of photos that nobody took for this project: things, animals and plants, of the half on which no
// threshold was chosen. Each is sold twice: under its name, and with a changed copy of the photo under a title that says nothing.
type photoShop struct {
	goods *app.Goods
	// kinds are the kinds of goods by id, such as food or clothes, and photos the unchanged photos.
	kinds, photos map[string]string
	// byKind has the ids of what is sold under its name.
	byKind map[string][]string
}

const copiesFrom = 500_000

// kindOf is the kind of goods in the widest sense: "food" for "stamps/food/fruit".
func kindOf(g *corpus.Goods) string { return strings.Split(g.Kind, "/")[1] }

func openPhotoShop(t *testing.T) *photoShop {
	t.Helper()
	stamps, err := corpus.Stamps(corpus.HeldOut)
	if err != nil {
		t.Fatal(err)
	}
	const most = 80
	dir := t.TempDir()
	s := &photoShop{kinds: map[string]string{}, photos: map[string]string{}, byKind: map[string][]string{}}
	rows := [][]string{{"id", "title", "supplier", "price", "month_sold", "image"}}
	for i, g := range stamps[:min(most, len(stamps))] {
		id, copied := strconv.Itoa(1000+i), strconv.Itoa(copiesFrom+i)
		s.photos[id] = filepath.Join(dir, id+".jpg")
		if err := writePhotos(g, s.photos[id], filepath.Join(dir, copied+".jpg")); err != nil {
			t.Fatal(err)
		}
		kind := kindOf(g)
		s.kinds[id], s.kinds[copied] = kind, kind
		s.byKind[kind] = append(s.byKind[kind], id)
		name := strings.TrimSuffix(path.Base(g.Key), ".png")
		rows = append(rows,
			[]string{id, kind + " " + name, "supplier " + id, "10", strconv.Itoa(9000 - i), id + ".jpg"},
			[]string{copied, "新款", "supplier " + copied, "10", strconv.Itoa(i), copied + ".jpg"})
	}
	list, err := os.Create(filepath.Join(dir, "offers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(csv.NewWriter(list).WriteAll(rows), list.Close()); err != nil {
		t.Fatal(err)
	}
	if s.goods, err = app.OpenGoods(dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.goods.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// writePhotos writes a photo of goods on white, and a copy with three changes.
func writePhotos(g *corpus.Goods, at, copied string) error {
	cut, err := g.CutOut(0)
	if err != nil {
		return err
	}
	img := corpus.OnWhite(cut)
	changed, err := change.Three(corpus.Dice("sold again "+g.Key), img)
	if err != nil {
		return err
	}
	first, err := os.Create(at)
	if err != nil {
		return err
	}
	second, err := os.Create(copied)
	if err != nil {
		return errors.Join(err, first.Close())
	}
	return errors.Join(jpeg.Encode(first, img, nil), first.Close(), jpeg.Encode(second, changed, nil), second.Close())
}

// seenAlike counts what answers showed as alike.
type seenAlike struct {
	pairs, otherKind, samePhoto, alike int
}

// hold checks one product that is shown as alike: it has evidence, and that reaches the threshold of its kind.
func (c *seenAlike) hold(t *testing.T, p *zhaohuov1.AlikeProduct, kind string, s *photoShop) {
	t.Helper()
	m := p.GetLikeness()
	switch m.GetKind() {
	case zhaohuov1.EvidenceKind_EVIDENCE_KIND_SAME_PHOTO:
		c.samePhoto++
		if m.GetValue() < likeness.SamePhoto {
			t.Errorf("%s is the same photo as %s by %.3f, below %.2f", p.GetProduct().GetId(), m.GetComparedWith(), m.GetValue(), likeness.SamePhoto)
		}
	case zhaohuov1.EvidenceKind_EVIDENCE_KIND_LOOKS_ALIKE:
		c.alike++
		if m.GetValue() < likeness.LooksAlike {
			t.Errorf("%s looks like %s by %.3f, below %.2f", p.GetProduct().GetId(), m.GetComparedWith(), m.GetValue(), likeness.LooksAlike)
		}
	default:
		t.Errorf("%s is shown without evidence: %v", p.GetProduct().GetId(), m)
	}
	if other := s.kinds[p.GetProduct().GetId()]; other != kind {
		c.otherKind++
		t.Logf("%s of %s is shown as alike to %s of %s, by %.3f", p.GetProduct().GetId(), other, m.GetComparedWith(), kind, m.GetValue())
	}
}

// others is how many goods of other kinds an image could be taken for.
func (s *photoShop) others(kind string) int { return len(s.kinds) - 2*len(s.byKind[kind]) }

// TestGoodsOfOtherKindsAreNotShownAsAlike: of photos that nobody took for this project, at most one in a thousand pairs of goods
// of different kinds is shown in clusters or among competitors, and nothing below the foot of likeness. Copies are.
func TestGoodsOfOtherKindsAreNotShownAsAlike(t *testing.T) {
	shop := openPhotoShop(t)
	running := service.Start(t, service.Options{Goods: shop.goods})
	conn, err := grpc.NewClient(running.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	client := zhaohuov1.NewComboServiceClient(conn)
	var seen seenAlike
	winners, found := 0, 0
	for _, kind := range slices.Sorted(maps.Keys(shop.byKind)) {
		ids := shop.byKind[kind]
		if len(ids) < 3 {
			continue
		}
		answer, err := client.ExpandSelection(t.Context(), &zhaohuov1.ExpandSelectionRequest{Seeds: []string{kind}})
		if err != nil {
			t.Fatal(err)
		}
		copies := map[string]bool{}
		for _, c := range answer.GetClusters() {
			for _, p := range c.GetProducts() {
				seen.hold(t, p, shop.kinds[c.GetWinnerId()], shop)
				copies[p.GetProduct().GetId()] = true
			}
		}
		for _, w := range answer.GetWinners() {
			winners++
			seen.pairs += shop.others(kind)
			n, _ := strconv.Atoi(w.GetId())
			if copies[strconv.Itoa(n-1000+copiesFrom)] {
				found++
			}
		}
		competitors(t, client, shop, ids[0], &seen)
	}
	t.Logf("%d winners, %d of whose copies were found; of %d pairs of different kinds %d are shown, beside %d of one photo and %d that look alike",
		winners, found, seen.pairs, seen.otherKind, seen.samePhoto, seen.alike)
	if seen.otherKind*1000 > seen.pairs {
		t.Errorf("%d of %d pairs of goods of different kinds are shown as alike, want at most one in 1000", seen.otherKind, seen.pairs)
	}
	if winners < 15 || found*10 < winners*8 {
		t.Errorf("copies of %d of %d winners were found, want 8 in 10 of at least 15", found, winners)
	}
}

// competitors asks for the competitors of one photo.
func competitors(t *testing.T, client zhaohuov1.ComboServiceClient, s *photoShop, id string, seen *seenAlike) {
	t.Helper()
	content, err := os.ReadFile(s.photos[id])
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.AnalyzeCompetitors(t.Context(), &zhaohuov1.AnalyzeCompetitorsRequest{
		Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content}},
	})
	if err != nil {
		t.Fatal(err)
	}
	seen.pairs += s.others(s.kinds[id])
	own := false
	for _, p := range answer.GetCompetitors() {
		seen.hold(t, p, s.kinds[id], s)
		own = own || p.GetProduct().GetId() == id
	}
	if !own {
		t.Errorf("%s is not among the competitors of its own photo: %s", id, fmt.Sprint(answer.GetPartialFailures()))
	}
}
