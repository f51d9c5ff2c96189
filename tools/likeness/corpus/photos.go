package corpus

import (
	"bytes"
	"image"
	_ "image/jpeg" // a format of the photos
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	_ "golang.org/x/image/webp" // a format of the photos
)

// Where Debian packages keep their photos: gcompris-qt-data; lomiri-wallpapers-16.04, mate-backgrounds and palapeli-data.
const resourcesDir = "/usr/share/gcompris-qt/rcc"

// leastPhoto is the size in bytes below which a picture is an icon.
const leastPhoto = 8000

// findResources finds the photos in the resource files.
func findResources() ([]*Photo, error) {
	var all []*Photo
	seen := map[string]bool{}
	for _, name := range []string{
		"lang", "categorization", "explore_monuments", "explore_world_animals", "explore_farm_animals", "explore_world_music", "erase",
	} {
		files, err := readResource(filepath.Join(resourcesDir, name+".rcc"))
		if err != nil {
			return nil, err
		}
		for _, file := range slices.Sorted(maps.Keys(files)) {
			content := files[file]
			// A file that two activities show is one photo.
			if path.Ext(file) != ".webp" || len(content) < leastPhoto || seen[string(content)] {
				continue
			}
			seen[string(content)] = true
			all = append(all, &Photo{
				Key:  "gcompris" + file,
				Kind: "gcompris" + path.Dir(file),
				load: func() (image.Image, error) {
					img, _, err := image.Decode(bytes.NewReader(content))
					return img, err
				},
			})
		}
	}
	return all, nil
}

// findBackdrops finds desktop backgrounds that are photos.
func findBackdrops() ([]*Photo, error) {
	var all []*Photo
	for _, pattern := range []string{
		"/usr/share/backgrounds/*_by_*.jpg", "/usr/share/backgrounds/mate/nature/*.jpg", "/usr/share/palapeli/collection/*.jpg",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, &os.PathError{Op: "find", Path: pattern, Err: os.ErrNotExist}
		}
		for _, file := range files {
			// Backgrounds are large, and each is used often.
			load := sync.OnceValues(func() (image.Image, error) {
				f, err := os.Open(file)
				if err != nil {
					return nil, err
				}
				defer func() { _ = f.Close() }()
				img, _, err := image.Decode(f)
				if err != nil {
					return nil, err
				}
				return fitted(img, Side), nil
			})
			all = append(all, &Photo{Key: "backgrounds" + file, Kind: "backgrounds", load: load})
		}
	}
	return all, nil
}
