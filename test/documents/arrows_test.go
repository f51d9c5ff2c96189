package documents_test

import (
	"go/parser"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const architecture = "docs/ARCHITECTURE.md"

var (
	pictureNode  = regexp.MustCompile(`^\s*(\w+)\["([^"<]+)`)
	pictureArrow = regexp.MustCompile(`^\s*(\w+) --> (.+)$`)
	// ground is the part that every room may use. The picture has no arrows to it.
	ground = []string{"internal/base", "gen"}
	// outside are folders that use the service. No room may use them.
	outside = []string{"test", "tools", "examples"}
)

// picture is the drawing of the rooms.
type picture struct {
	// rooms are the folders, from the top down.
	rooms  []string
	arrows map[[2]string]bool
}

// TestPictureOfRoomsMatchesImports compares the picture with the imports of all Go files except tests. Each import from one
// room to another is an arrow, each arrow is an import, and every arrow points down.
func TestPictureOfRoomsMatchesImports(t *testing.T) {
	drawn := readPicture(t)
	imported := imports(t, drawn.rooms)
	for _, arrow := range sorted(imported) {
		if !drawn.arrows[arrow] {
			t.Errorf("%s imports %s: the picture in %s has no such arrow", arrow[0], arrow[1], architecture)
		}
	}
	for _, arrow := range sorted(drawn.arrows) {
		if !imported[arrow] {
			t.Errorf("the picture in %s has an arrow from %s to %s, and no such import", architecture, arrow[0], arrow[1])
		}
		if slices.Index(drawn.rooms, arrow[0]) >= slices.Index(drawn.rooms, arrow[1]) {
			t.Errorf("the arrow from %s to %s points up", arrow[0], arrow[1])
		}
	}
}

// readPicture reads the one mermaid drawing of the architecture: lines `name["folder…"]` and `name --> name & name`.
func readPicture(t *testing.T) picture {
	t.Helper()
	_, rest, found := strings.Cut(read(t, architecture), "```mermaid\n")
	if !found {
		t.Fatalf("%s has no mermaid drawing", architecture)
	}
	drawing, _, _ := strings.Cut(rest, "```")
	folders := map[string]string{}
	p := picture{arrows: map[[2]string]bool{}}
	for line := range strings.Lines(drawing) {
		line = strings.TrimRight(line, "\n")
		if node := pictureNode.FindStringSubmatch(line); node != nil {
			folders[node[1]] = node[2]
			if !slices.Contains(ground, node[2]) {
				p.rooms = append(p.rooms, node[2])
			}
			if !exists(node[2]) {
				t.Errorf("the picture has a room %s, and no such folder", node[2])
			}
			continue
		}
		arrow := pictureArrow.FindStringSubmatch(line)
		if arrow == nil {
			continue
		}
		for to := range strings.SplitSeq(arrow[2], " & ") {
			from, to := folders[arrow[1]], folders[strings.TrimSpace(to)]
			if from == "" || to == "" {
				t.Fatalf("an arrow of the picture begins or ends nowhere: %s", line)
			}
			p.arrows[[2]string{from, to}] = true
		}
	}
	if len(p.rooms) < 10 || len(p.arrows) < 10 {
		t.Fatalf("the picture has %d rooms and %d arrows: is its form still read?", len(p.rooms), len(p.arrows))
	}
	return p
}

// imports returns the actual arrows between rooms.
func imports(t *testing.T, rooms []string) map[[2]string]bool {
	t.Helper()
	arrows := map[[2]string]bool{}
	for _, name := range filesNamed(t, "*.go") {
		if strings.HasSuffix(name, "_test.go") || !strings.Contains(name, "/") || inside(name, outside) != "" {
			continue
		}
		from := inside(name, rooms)
		if from == "" && inside(name, ground) == "" {
			t.Errorf("%s is in no room of the picture in %s", name, architecture)
			continue
		}
		for _, spec := range parse(t, name, parser.ImportsOnly).Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			local, ours := strings.CutPrefix(imported, module)
			if !ours || inside(local, ground) != "" {
				continue
			}
			to := inside(local, rooms)
			switch {
			case from == "":
				t.Errorf("%s is on the ground and imports %s, which is not", name, local)
			case to == "":
				t.Errorf("%s imports %s, which is in no room of the picture", name, local)
			case from != to:
				arrows[[2]string{from, to}] = true
			}
		}
	}
	return arrows
}

// inside returns the longest folder of the list that contains a file or folder; empty for none.
func inside(name string, folders []string) string {
	best := ""
	for _, folder := range folders {
		for at := name; at != "."; at = path.Dir(at) {
			if at == folder && len(folder) > len(best) {
				best = folder
			}
		}
	}
	return best
}

func sorted(arrows map[[2]string]bool) [][2]string {
	return slices.SortedFunc(maps.Keys(arrows), func(a, b [2]string) int {
		return strings.Compare(a[0]+" "+a[1], b[0]+" "+b[1])
	})
}
