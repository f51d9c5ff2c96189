package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/png" // a format of textures
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// point is a place or a direction in space.
type point struct{ x, y, z float64 }

// corner is a corner of a triangle: where it is, and which place of the texture is there.
type corner struct {
	at   point
	u, v float64
}

type triangle struct {
	corners [3]corner
	surface *surface
}

// surface is how a part of a model looks.
type surface struct {
	r, g, b float64 // 0..1
	opacity float64
	texture *image.RGBA // nil: it has one colour
}

// model is a 3D model of triangles, in units of its own.
type model struct{ triangles []triangle }

var (
	errModel = errors.New("the model has no surface that can be drawn")
	errIndex = errors.New("there is no such corner")
)

// Draw draws an OBJ model from a side: turned by yaw and seen from above by pitch, in degrees. The picture is cut out.
func Draw(files fs.FS, name string, yaw, pitch float64) (*image.NRGBA, error) {
	m, err := readModel(files, name)
	if err != nil {
		return nil, err
	}
	return cutOut(m.render(view{yaw, pitch})), nil
}

// readModel reads an OBJ file, and its materials and textures.
func readModel(files fs.FS, name string) (*model, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	p := &objReader{files: files, dir: path.Dir(name), surfaces: map[string]*surface{}, current: grey()}
	if err := eachLine(data, p.line); err != nil {
		return nil, err
	}
	if len(p.model.triangles) == 0 {
		return nil, errModel
	}
	return &p.model, nil
}

func grey() *surface { return &surface{r: 0.7, g: 0.7, b: 0.7, opacity: 1} }

// eachLine calls f with the words of each line.
func eachLine(data []byte, f func(words []string) error) error {
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 1 {
			if err := f(words); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

type objReader struct {
	files    fs.FS
	dir      string
	places   []point
	uvs      [][2]float64
	surfaces map[string]*surface
	current  *surface
	model    model
}

func (p *objReader) line(words []string) error {
	switch words[0] {
	case "v":
		v, err := numbers(words[1:], 3)
		if err != nil {
			return err
		}
		p.places = append(p.places, point{v[0], v[1], v[2]})
	case "vt":
		v, err := numbers(words[1:], 2)
		if err != nil {
			return err
		}
		p.uvs = append(p.uvs, [2]float64{v[0], v[1]})
	case "usemtl":
		if p.current = p.surfaces[words[1]]; p.current == nil {
			p.current = grey()
		}
	case "mtllib":
		return p.materials(strings.Join(words[1:], " "))
	case "f":
		return p.face(words[1:])
	}
	return nil
}

// face divides a face into triangles that share its first corner. A face that names a corner which is not there is left out:
// some models have one.
func (p *objReader) face(words []string) error {
	corners := make([]corner, len(words))
	for i, word := range words {
		place, rest, _ := strings.Cut(word, "/")
		uv, _, _ := strings.Cut(rest, "/")
		at, err := index(place, len(p.places))
		if errors.Is(err, errIndex) {
			return nil
		}
		if err != nil {
			return err
		}
		corners[i].at = p.places[at]
		if uv != "" {
			at, err := index(uv, len(p.uvs))
			if errors.Is(err, errIndex) {
				return nil
			}
			if err != nil {
				return err
			}
			corners[i].u, corners[i].v = p.uvs[at][0], p.uvs[at][1]
		}
	}
	for i := 2; i < len(corners); i++ {
		p.model.triangles = append(p.model.triangles, triangle{[3]corner{corners[0], corners[i-1], corners[i]}, p.current})
	}
	return nil
}

// index reads an index that counts from 1, or from the end if it is negative.
func index(word string, n int) (int, error) {
	i, err := strconv.Atoi(word)
	if err != nil {
		return 0, err
	}
	if i < 0 {
		i += n + 1
	}
	if i < 1 || i > n {
		return 0, fmt.Errorf("%w: %s of %d", errIndex, word, n)
	}
	return i - 1, nil
}

func numbers(words []string, least int) ([]float64, error) {
	if len(words) < least {
		return nil, fmt.Errorf("%d numbers, want %d", len(words), least)
	}
	out := make([]float64, least)
	for i := range out {
		var err error
		if out[i], err = strconv.ParseFloat(words[i], 64); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// materials reads an MTL file. One that is missing leaves everything grey.
func (p *objReader) materials(name string) error {
	data, err := fs.ReadFile(p.files, path.Join(p.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	current := grey()
	return eachLine(data, func(words []string) error {
		switch words[0] {
		case "newmtl":
			current = grey()
			p.surfaces[words[1]] = current
		case "Kd":
			v, err := numbers(words[1:], 3)
			if err != nil {
				return err
			}
			current.r, current.g, current.b = v[0], v[1], v[2]
		case "d":
			v, err := numbers(words[1:], 1)
			if err != nil {
				return err
			}
			current.opacity = v[0]
		case "map_Kd":
			current.texture = p.texture(words[len(words)-1])
		}
		return nil
	})
}

// texture reads a texture; nil if it is missing or of another format.
func (p *objReader) texture(name string) *image.RGBA {
	f, err := p.files.Open(path.Join(p.dir, strings.ReplaceAll(name, `\`, "/")))
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	img, _, err := image.Decode(f)
	if err != nil {
		return nil
	}
	return fitted(img, 512)
}
