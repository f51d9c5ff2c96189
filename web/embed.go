// Package web holds the page for people: its sources in src, and in dist what is built from them. `make page` builds it.
package web

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// Files are the built files: index.html, docs.html, and those that they load.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // The path is a constant, and valid.
	}
	return files
}
