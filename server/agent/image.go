package agent

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/jsonschema-go/jsonschema"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// imageMax is the largest image in bytes: the contract's bound of an image in a request.
const imageMax = 3 << 20

// pictured is embedded by the arguments of tools that take an image.
type pictured struct {
	Base64 string `json:"image_base64,omitempty" jsonschema:"The image itself in base64, at most 3 MiB: JPEG, PNG, WebP, GIF, HEIC or AVIF."`
	URL    string `json:"image_url,omitempty" jsonschema:"The address of the image: http or https. The image of a product on 1688 is one."`
	ID     string `json:"image_id,omitempty" jsonschema:"The id of an image that an earlier answer gave."`
	Path   string `json:"image_path,omitempty" jsonschema:"The path of an image file in one of the folders that were allowed at start."`
}

// shapeImage removes the path where no folder is allowed, and bounds the others as the contract does.
func (s *Server) shapeImage(schema *jsonschema.Schema) {
	if s.roots.none() {
		delete(schema.Properties, "image_path")
	}
	schema.Properties["image_url"].MaxLength = jsonschema.Ptr(2048)
	schema.Properties["image_id"].MaxLength = jsonschema.Ptr(128)
	schema.Properties["image_base64"].MaxLength = jsonschema.Ptr(base64.StdEncoding.EncodedLen(imageMax))
}

// image is the image of the arguments; nil for none where that is allowed.
func (c *call) image(p pictured, optional bool) (*zhaohuov1.ImageSource, error) {
	if optional && p == (pictured{}) {
		return nil, nil
	}
	if _, ok := fields.Only(p.Base64 != "", p.URL != "", p.ID != "", p.Path != ""); !ok {
		ways := "image_base64, image_url, image_id"
		if !c.roots.none() {
			ways += ", image_path"
		}
		return nil, advice{Reason: reasonImage, Message: c.say(imageOne, ways)}
	}
	switch {
	case p.URL != "":
		return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: p.URL}}, nil
	case p.ID != "":
		return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Id{Id: p.ID}}, nil
	}
	var content []byte
	var err error
	if p.Path != "" {
		content, err = c.roots.read(p.Path)
	} else if content, err = base64.StdEncoding.DecodeString(p.Base64); err != nil {
		return nil, advice{Reason: reasonImage, Message: c.say(imageBase64)}
	}
	switch {
	case errors.Is(err, errOutside):
		return nil, advice{Reason: reasonImage, Message: c.say(imageOutside)}
	case errors.Is(err, boundedio.ErrTooLarge) || len(content) > imageMax:
		return nil, advice{Reason: reasonImage, Message: c.say(imageTooLarge)}
	case err != nil:
		return nil, advice{Reason: reasonImage, Message: c.say(imageUnread)}
	}
	return &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Content{Content: content}}, nil
}

// roots are the folders whose files may be read. Links and ".." never lead out of them: the operating system's handle of the
// folder is what files are opened by.
type roots struct{ folders []folder }

type folder struct {
	path string
	root *os.Root
}

// errOutside: a path is in none of the folders.
var errOutside = errors.New("agent: outside of the folders")

func openRoots(paths []string) (*roots, error) {
	r := &roots{}
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		if err == nil {
			var root *os.Root
			if root, err = os.OpenRoot(absolute); err == nil {
				r.folders = append(r.folders, folder{absolute, root})
				continue
			}
		}
		return nil, errors.Join(fmt.Errorf("the folder %s cannot be opened: %w", path, err), r.close())
	}
	return r, nil
}

func (r *roots) none() bool { return len(r.folders) == 0 }

func (r *roots) close() error {
	var all error
	for _, f := range r.folders {
		all = errors.Join(all, f.root.Close())
	}
	r.folders = nil
	return all
}

// read reads a file: by its whole path, or by its path in one of the folders.
func (r *roots) read(path string) ([]byte, error) {
	err := errOutside
	for _, f := range r.folders {
		inside := path
		if filepath.IsAbs(path) {
			rel, relErr := filepath.Rel(f.path, path)
			if relErr != nil {
				continue
			}
			inside = rel
		}
		if !filepath.IsLocal(inside) {
			continue
		}
		content, readErr := f.read(inside)
		if readErr == nil || errors.Is(readErr, boundedio.ErrTooLarge) {
			return content, readErr
		}
		err = readErr
	}
	return nil, err
}

// read reads a regular file of at most imageMax bytes.
func (f folder) read(path string) ([]byte, error) {
	// A pipe would be waited for, so it is not opened.
	if about, err := f.root.Stat(path); err != nil || !about.Mode().IsRegular() {
		if _, system := errors.AsType[syscall.Errno](err); err != nil && !system {
			return nil, errOutside // The operating system refused nothing: os.Root did, because the path leads out of it.
		}
		return nil, errors.Join(errors.New("agent: no regular file"), err)
	}
	file, err := f.root.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	return boundedio.Read(file, imageMax)
}
