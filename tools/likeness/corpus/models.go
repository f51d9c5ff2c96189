package corpus

import (
	"archive/zip"
	"bufio"
	"fmt"
	"image"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// modelsDir is where the Debian package sweethome3d-furniture keeps its 3D models. Each .sh3f file is a ZIP archive with OBJ
// models and a list of them.
const modelsDir = "/usr/share/sweethome3d/furniture"

// leastModel and mostModel bound the size of a model's file in bytes: below are boards and boxes, above are those that take
// seconds to read.
const leastModel, mostModel = 8 << 10, 1 << 20

// sides are the directions that a model is seen from: turned by yaw and seen from above by pitch, in degrees. No two are
// mirror images of each other for goods that look the same from the front and the back, or from all four sides.
func sides() []view { return []view{{20, 14}, {62, 32}, {128, 22}} }

func findModels() ([]*Goods, error) {
	files, err := filepath.Glob(filepath.Join(modelsDir, "*.sh3f"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there are no models in %s", modelsDir)
	}
	var all []*Goods
	for _, file := range files {
		found, err := modelsIn(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func modelsIn(file string) ([]*Goods, error) {
	// The archive stays open as long as the process: models are read when they are drawn.
	archive, err := zip.OpenReader(file)
	if err != nil {
		return nil, err
	}
	list, err := archive.Open("PluginFurnitureCatalog.properties")
	if err != nil {
		return nil, err
	}
	defer func() { _ = list.Close() }()
	category, model := map[string]string{}, map[string]string{}
	var order []string
	lines := bufio.NewScanner(list)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		key, number, _ := strings.Cut(name, "#")
		switch key {
		case "category":
			category[number] = value
		case "model":
			model[number] = strings.TrimPrefix(value, "/")
			order = append(order, number)
		}
	}
	var all []*Goods
	for _, number := range order {
		name := model[number]
		info, err := fs.Stat(archive, name)
		if err != nil || path.Ext(name) != ".obj" || info.Size() < leastModel || info.Size() > mostModel {
			continue
		}
		g := &Goods{Key: "models/" + name, Kind: "models/" + category[number]}
		for _, v := range sides() {
			g.sides = append(g.sides, func() (*image.NRGBA, error) {
				return Draw(archive, name, v.yaw, v.pitch)
			})
		}
		all = append(all, g)
	}
	return all, lines.Err()
}
