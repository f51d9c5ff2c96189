// Package scenario holds the table of what callers send and what they must get. Each case runs over gRPC and over REST, in
// both dialects of the upstream, against the complete service and a real sandbox.
//
// Only tests import it.
package scenario

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed cases/*.yaml photos
var files embed.FS

// Photo is a photo of the table, by name.
func Photo(name string) ([]byte, error) { return files.ReadFile("photos/" + name) }

// Case is one request of a caller.
type Case struct {
	Name string `yaml:"name"`
	// RPC is "Service/Method" of package zhaohuo.v1.
	RPC string `yaml:"rpc"`
	// Request is the request in JSON. "@name" is the photo of that name in base64. "id@name" is the id of that photo, which
	// is sent before. The request of BatchImageSearch is its REST body.
	Request map[string]any `yaml:"request"`
	// Upload is the photo that a client stream sends after the request, which is then the options.
	Upload string `yaml:"upload"`
	// REST lists the routes, "POST /v1/…". The request is sent as the body, or as the query of a GET. FORM and RAW send the
	// upload as multipart/form-data or as it is. When empty, the case runs over gRPC only.
	REST []string `yaml:"rest"`
	// Fresh marks a case that changes how the service treats later questions (a throttled rate, a used-up allowance). Each
	// of its calls gets its own service.
	Fresh bool `yaml:"fresh"`
	// Timeout is that of the call. The default is long enough for any machine.
	Timeout string `yaml:"timeout"`
	// Expect is the answer of both dialects. AOP and TOP override it for one of them.
	Expect *Expect `yaml:"expect"`
	AOP    *Expect `yaml:"aop"`
	TOP    *Expect `yaml:"top"`
}

// Expect is an expected answer.
type Expect struct {
	// Code is the name of the gRPC code; the default is OK.
	Code string `yaml:"code"`
	// Reason is that of ErrorInfo. It is empty for an error that the client may have made itself, without details.
	Reason string `yaml:"reason"`
	// Fields lists all paths of BadRequest.
	Fields []string `yaml:"fields"`
	// Retry reports whether RetryInfo must be there.
	Retry bool `yaml:"retry"`
	// Meta lists entries that ErrorInfo must have.
	Meta map[string]string `yaml:"meta"`
	// Checks examine the answer. A server stream's answer is the list of its messages, also when the stream fails after
	// them.
	Checks []Check `yaml:"checks"`
}

// Check examines one place of the answer in JSON. Path has the syntax of gjson.
type Check struct {
	Path string `yaml:"path"`
	// Equals is the value; null means absent.
	Equals any `yaml:"equals"`
	// Absent requires that nothing is there.
	Absent bool `yaml:"absent"`
	// Sorted, "asc" or "desc", requires at least two numbers in this order.
	Sorted string `yaml:"sorted"`
	// Min and Max bound every number there. There must be at least one.
	Min *float64 `yaml:"min"`
	Max *float64 `yaml:"max"`
	// Contains must be part of every text there. There must be at least one.
	Contains string `yaml:"contains"`
	// Matches is a regular expression that every text there matches. There must be at least one.
	Matches string `yaml:"matches"`
	// Distinct requires at least two values, all different.
	Distinct bool `yaml:"distinct"`
}

// Cases reads the whole table.
func Cases() ([]Case, error) {
	names, err := fs.Glob(files, "cases/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []Case
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		var cases []Case
		if err := decoder.Decode(&cases); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for i := range cases {
			if err := cases[i].putPhotos(); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		all = append(all, cases...)
	}
	return all, nil
}

// putPhotos inserts photos where the request names them.
func (c *Case) putPhotos() error { return putPhotosIn(c.Request) }

func putPhotosIn(message map[string]any) error {
	for key, value := range message {
		if inner, ok := value.(map[string]any); ok {
			if err := putPhotosIn(inner); err != nil {
				return err
			}
			continue
		}
		name, ok := value.(string)
		if !ok || !strings.HasPrefix(name, "@") {
			continue
		}
		photo, err := Photo(name[1:])
		if err != nil {
			return err
		}
		message[key] = base64.StdEncoding.EncodeToString(photo)
	}
	return nil
}

// For returns what the case expects of a dialect, "aop" or "top".
func (c Case) For(dialect string) (Expect, error) {
	e := c.Expect
	if dialect == "aop" && c.AOP != nil {
		e = c.AOP
	}
	if dialect == "top" && c.TOP != nil {
		e = c.TOP
	}
	if e == nil {
		return Expect{}, fmt.Errorf("%s: nothing is expected of %s", c.Name, dialect)
	}
	want := *e
	if want.Code == "" {
		want.Code = "OK"
	}
	return want, nil
}
