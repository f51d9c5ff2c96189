package corpus

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"unicode/utf16"
)

func TestHalvesShareNoPictureAndSplitFairly(t *testing.T) {
	keys := make([]string, 1000)
	for i := range keys {
		keys[i] = "picture " + string(rune('a'+i%26)) + string(rune('0'+i/26))
	}
	same := func(s string) string { return s }
	tuning := only(Tuning, append([]string{}, keys...), same)
	heldOut := only(HeldOut, append([]string{}, keys...), same)
	if len(tuning)+len(heldOut) != len(keys) {
		t.Errorf("%d and %d pictures, want %d together", len(tuning), len(heldOut), len(keys))
	}
	if len(tuning) < 430 || len(tuning) > 570 {
		t.Errorf("%d of %d pictures are in the tuning half", len(tuning), len(keys))
	}
	for _, key := range tuning {
		if halfOf(key) != Tuning {
			t.Errorf("%q is in both halves", key)
		}
	}
}

// cube has a red front, which faces the viewer at yaw 0, and blue sides.
const cube = `mtllib cube.mtl
v -1 -1 1
v 1 -1 1
v 1 1 1
v -1 1 1
v -1 -1 -1
v 1 -1 -1
v 1 1 -1
v -1 1 -1
usemtl red
f 1 2 3 4
usemtl blue
f 2/1 6/1 -2/1 3/1
f 5 6 7 8
f 1 5 8 4
f 4 3 7 8
f 1 2 6 99
f 1 2 6 5
vt 0 0
`

func drawn(t *testing.T, v view) *image.NRGBA {
	t.Helper()
	m, err := readModel(fstest.MapFS{
		"a/cube.obj": {Data: []byte("vt 0.5 0.5\n" + cube)},
		"a/cube.mtl": {Data: []byte("newmtl red\nKd 1 0 0\nnewmtl blue\nKd 0 0 1\nd 1.0\n")},
	}, "a/cube.obj")
	if err != nil {
		t.Fatal(err)
	}
	return m.render(v)
}

func TestRenderShowsTheNearestSurface(t *testing.T) {
	middle := renderSide / 2
	for name, row := range map[string]struct {
		view view
		red  bool
	}{
		"the front": {view{0, 0}, true},
		"a side":    {view{90, 0}, false},
		"the back":  {view{180, 0}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := drawn(t, row.view).NRGBAAt(middle, middle)
			if c.A != 255 || (c.R > 0) != row.red || (c.B > 0) == row.red {
				t.Errorf("the middle is %v, want red: %v", c, row.red)
			}
		})
	}
	if c := drawn(t, view{45, 0}).NRGBAAt(2, renderSide-3); c.A != 0 {
		t.Errorf("the corner is %v, want transparent", c)
	}
}

func TestCutOutLeavesNoMargin(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 300, 200))
	for y := 50; y < 100; y++ {
		for x := 20; x < 120; x++ {
			img.SetNRGBA(x, y, color.NRGBA{200, 10, 10, 255})
		}
	}
	goods := cutOut(img)
	if got, want := goods.Rect, image.Rect(0, 0, Side, Side/2); got != want {
		t.Errorf("the cut-out is %v, want %v", got, want)
	}
	white := OnWhite(goods)
	if c := white.RGBAAt(5, 5); c != (color.RGBA{255, 255, 255, 255}) {
		t.Errorf("the corner is %v, want white", c)
	}
	if c := white.RGBAAt(Side/2, Side/2); c.R < 190 || c.G > 20 {
		t.Errorf("the middle is %v, want the goods", c)
	}
}

// resourceOf writes a resource file with one folder that holds one file.
func resourceOf(folder, file string, flags uint16, content []byte) []byte {
	var names, tree, data bytes.Buffer
	name := func(s string) uint32 {
		at := uint32(names.Len())
		units := utf16.Encode([]rune(s))
		_ = binary.Write(&names, binary.BigEndian, uint16(len(units)))
		_ = binary.Write(&names, binary.BigEndian, uint32(0))
		_ = binary.Write(&names, binary.BigEndian, units)
		return at
	}
	node := func(name uint32, flags uint16, a, b uint32) {
		for _, v := range []any{name, flags, a, b, uint64(0)} {
			_ = binary.Write(&tree, binary.BigEndian, v)
		}
	}
	node(0, flagDirectory, 1, 1)
	node(name(folder), flagDirectory, 1, 2)
	node(name(file), flags, 0, 0)
	_ = binary.Write(&data, binary.BigEndian, uint32(len(content)))
	data.Write(content)
	var b bytes.Buffer
	b.WriteString("qres")
	treeAt := uint32(resourceHead)
	dataAt := treeAt + uint32(tree.Len())
	_ = binary.Write(&b, binary.BigEndian, []uint32{3, treeAt, dataAt, dataAt + uint32(data.Len())})
	b.Write(tree.Bytes())
	b.Write(data.Bytes())
	b.Write(names.Bytes())
	return b.Bytes()
}

func TestResourceFile(t *testing.T) {
	read := func(b []byte) (map[string][]byte, error) {
		path := filepath.Join(t.TempDir(), "a.rcc")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return readResource(path)
	}
	full := resourceOf("图", "a.webp", 0, []byte("picture"))
	files, err := read(full)
	if err != nil || string(files["/图/a.webp"]) != "picture" || len(files) != 1 {
		t.Errorf("files %q, error %v", files, err)
	}
	if files, err := read(resourceOf("图", "a.webp", 4, []byte("packed"))); err != nil || len(files) != 0 {
		t.Errorf("a compressed file: %q, error %v; want none", files, err)
	}
	for _, n := range []int{0, 10, 30, len(full) - 3} {
		if _, err := read(full[:n]); !errors.Is(err, errResource) {
			t.Errorf("the first %d bytes: error %v, want %v", n, err, errResource)
		}
	}
}

func TestModelsOfAnArchiveHaveTheirKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sh3f")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	for name, content := range map[string]string{
		"PluginFurnitureCatalog.properties": "category#1=Office\nmodel#1=/a/cube.obj\ncategory#2=Office\nmodel#2=/a/missing.obj\n",
		"a/cube.obj":                        cube + string(bytes.Repeat([]byte("# more\n"), leastModel)),
	} {
		entry, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	all, err := modelsIn(path)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d models, error %v, want one", len(all), err)
	}
	if g := all[0]; g.Key != "models/a/cube.obj" || g.Kind != "models/Office" || g.Sides() != 3 {
		t.Errorf("%s of %s with %d sides", g.Key, g.Kind, g.Sides())
	}
	if _, err := all[0].CutOut(2); err != nil {
		t.Error(err)
	}
}

func TestModelWithoutSurfaceIsRefused(t *testing.T) {
	files := fstest.MapFS{"a.obj": {Data: []byte("v 0 0 0\nv 1 0 0\nf 1 2 9\n")}}
	if _, err := readModel(files, "a.obj"); !errors.Is(err, errModel) {
		t.Errorf("error %v, want %v", err, errModel)
	}
	if _, err := readModel(files, "b.obj"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want %v", err, fs.ErrNotExist)
	}
}
