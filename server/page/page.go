// Package page serves the page for people at /, the description of the API for people at /docs, and the files that both load.
// Programs that ask for / get a list of what is where. It calls no RPC: the page calls the REST API as everybody else does.
package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Config is what the page needs.
type Config struct {
	// Files are index.html, docs.html, and the files that they load.
	Files fs.FS
	// PictureOrigins are from where the browser may load pictures of goods, such as https://cbu01.alicdn.com.
	PictureOrigins []string
	// VideoOrigins are from where it may load their videos, such as https://cloud.video.taobao.com.
	VideoOrigins []string
	// Version is the server's version.
	Version string
}

const (
	pathPage   = "/"
	pathDocs   = "/docs"
	pathAssets = "/assets/"
)

// Handlers are the handlers by exact path. They serve GET and HEAD.
func Handlers(c Config) (map[string]http.Handler, error) {
	all := map[string]http.Handler{}
	entries, err := fs.ReadDir(c.Files, ".")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		read := func() ([]byte, error) { return fs.ReadFile(c.Files, name) }
		switch name {
		case "index.html":
			page := newFile(name, policy(c.PictureOrigins, c.VideoOrigins), func() ([]byte, error) {
				body, err := read()
				return withVideoOrigins(body, c.VideoOrigins), err
			})
			all[pathPage] = &front{page: page, listing: listing(c.Version)}
		case "docs.html":
			all[pathDocs] = newFile(name, docsPolicy, read)
		default:
			all[pathAssets+name] = newFile(name, "default-src 'none'", read)
		}
	}
	return all, nil
}

// withVideoOrigins has the page know which videos it may load: it offers a link to others, which its policy would block.
func withVideoOrigins(page []byte, origins []string) []byte {
	const empty = `<meta name="video-origins" content="">`
	filled := strings.Replace(empty, `""`, `"`+html.EscapeString(strings.Join(origins, " "))+`"`, 1)
	return bytes.Replace(page, []byte(empty), []byte(filled), 1)
}

// policy lets the page load nothing but its own files, and pictures and videos of goods, and send nothing but to this server.
func policy(pictures, videos []string) string {
	from := func(own string, origins []string) string { return strings.Join(append([]string{own}, origins...), " ") }
	return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src " + from("'self' blob:", pictures) +
		"; media-src " + from("'self'", videos) + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// docsPolicy allows inline styles, which the description's component makes.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; " +
	"font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// file is a file of the page. It is read when it is first asked for: many servers never show a page.
type file struct {
	name, csp string
	content   func() (content, error)
}

// content is a file in memory.
type content struct {
	body      []byte
	kind, tag string
}

func newFile(name, csp string, read func() ([]byte, error)) *file {
	return &file{name: name, csp: csp, content: sync.OnceValues(func() (content, error) {
		body, err := read()
		if err != nil {
			return content{}, err
		}
		kind := mime.TypeByExtension(path.Ext(name))
		if path.Ext(name) == ".js" {
			kind = "text/javascript; charset=utf-8"
		}
		sum := sha256.Sum256(body)
		// The tag is weak, because the file may also be sent compressed.
		return content{body, kind, `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}, nil
	})}
}

// ServeHTTP implements [http.Handler].
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", f.csp)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	c, err := f.content()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h.Set("ETag", c.tag)
	h.Set("Content-Type", c.kind)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(c.body))
}

// front is what / is: the page for browsers, a listing for programs.
type front struct {
	page    *file
	listing []byte
}

// ServeHTTP implements [http.Handler].
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept")
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		f.page.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if r.Method != http.MethodHead {
		_, _ = w.Write(f.listing) // The caller has left if this fails.
	}
}

func listing(version string) []byte {
	body, err := json.MarshalIndent(map[string]string{
		"name": "zhaohuo", "version": version, "page": pathPage + " (in a browser)", "docs": pathDocs, "openapi": "/openapi.json",
		"ready": "/readyz", "info": "/v1/info", "search": "/v1/products:keywordSearch?keyword=…",
	}, "", "  ")
	if err != nil {
		panic(err) // A map of texts can be encoded.
	}
	return append(body, '\n')
}
