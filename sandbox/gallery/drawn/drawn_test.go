package drawn

import (
	"bytes"
	"errors"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// onSale lists the looks of the goods on sale, each once.
func onSale() []catalog.Look {
	var looks []catalog.Look
	seen := map[catalog.Look]bool{}
	for _, o := range catalog.Embedded() {
		if market.OnSale(o) && !seen[o.Look] {
			seen[o.Look] = true
			looks = append(looks, o.Look)
		}
	}
	return looks
}

// The file has every look of the built-in catalogue, no other, and what drawing them gives. `make check-generated` compares
// all of them, and this test a sample. A processor that fuses multiplications and additions rounds a few bytes differently.
func TestBuiltIn(t *testing.T) {
	table, err := BuiltIn()
	if err != nil {
		t.Fatal(err)
	}
	looks := onSale()
	if table.Len() != len(looks) {
		t.Errorf("the file has %d looks, the catalogue %d", table.Len(), len(looks))
	}
	for i, look := range looks {
		kept, ok := table.Find(look)
		if !ok {
			t.Fatalf("look %d is missing: make generate", i)
		}
		if i%50 != 0 {
			continue
		}
		if alike := kept.Likeness(Fingerprint(look)); alike < 0.999 {
			t.Errorf("look %d: what is kept and what is drawn are alike by %.4f: make generate", i, alike)
		}
	}
	other := looks[0]
	other.Shot++
	if _, ok := table.Find(other); ok {
		t.Error("a look of no offer is found")
	}
}

func TestEncode(t *testing.T) {
	look := func(goods, shot uint64) catalog.Look {
		return catalog.Look{Kind: "caps", Colour: "green", Goods: goods, Shot: shot}
	}
	looks := []catalog.Look{look(1, 1), look(1, 2), look(2, 1), look(3, 1), look(3, 4), look(3, 3)}
	made := make([]likeness.Fingerprint, len(looks))
	for i, look := range looks {
		made[i] = Fingerprint(look)
	}
	file, err := Encode(looks, made)
	if err != nil {
		t.Fatal(err)
	}
	table, err := decode(file)
	if err != nil || table.Len() != len(looks) {
		t.Fatalf("%d looks, want %d: %v", table.Len(), len(looks), err)
	}
	firsts := []int{0, 0, 2, 3, 3, 3}
	for i, look := range looks {
		kept, ok := table.Find(look)
		if !ok {
			t.Fatalf("look %d is missing", i)
		}
		got, own, first := formOf(t, kept), formOf(t, made[i]), formOf(t, made[firsts[i]])
		if !bytes.Equal(got[:headBytes], own[:headBytes]) {
			t.Errorf("look %d: the whole is not its own", i)
		}
		for at := headBytes; at < len(got); at++ {
			if got[at] != round(first[at]) {
				t.Fatalf("look %d: byte %d is %d, want %d rounded", i, at, got[at], first[at])
			}
		}
	}
	if _, err := Encode([]catalog.Look{looks[0], looks[0]}, made[:2]); err == nil {
		t.Error("the same look twice is no error")
	}
}

func formOf(t *testing.T, p likeness.Fingerprint) []byte {
	t.Helper()
	form, err := p.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// A rounded byte is near, stays as it is, and is 0 only where the byte was 0: 0 says that there is no such part.
func TestRound(t *testing.T) {
	for n := range 256 {
		v := byte(n)
		r := round(v)
		if apart := int(r) - n; apart > 3 || apart < -3 || round(r) != r || (r == 0) != (v == 0) {
			t.Errorf("%d becomes %d, then %d", v, r, round(r))
		}
	}
}

func TestDamagedFile(t *testing.T) {
	table, err := parse(text(nil))
	if err != nil || table.Len() != 0 {
		t.Errorf("a file of nothing: %v, %v", table, err)
	}
	one := text([]entry{{key: 1, head: make([]byte, headBytes), tail: make([]byte, tailBytes)}})
	for _, n := range []int{0, 3, 4, 20, len(one) - 1} {
		if _, err := parse(one[:n]); !errors.Is(err, errDamaged) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	if _, err := parse(one); !errors.Is(err, likeness.ErrFingerprint) {
		t.Errorf("another version: %v", err)
	}
	if _, err := decode([]byte("no file")); !errors.Is(err, errDamaged) {
		t.Errorf("not compressed: %v", err)
	}
}

func BenchmarkBuiltIn(b *testing.B) {
	for b.Loop() {
		if _, err := BuiltIn(); err != nil {
			b.Fatal(err)
		}
	}
}
