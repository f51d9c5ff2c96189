// Package scenario holds the table of what callers do and what they must get: each case runs over gRPC and over
// REST, in both dialects of the upstream, against the whole service and a real sandbox.
//
// It is a test's material only. The service never imports it.
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

// Case is one thing a caller does.
type Case struct {
	Name string `yaml:"name"`
	// RPC is "Service/Method" of package zhaohuo.v1.
	RPC string `yaml:"rpc"`
	// Request is the request as JSON spells it; "@name" stands for the photo of that name in base64, "id@name" for the id
	// of that photo, sent before. BatchImageSearch's is its body over REST.
	Request map[string]any `yaml:"request"`
	// Upload is the photo a client stream sends after the request, which then is its options.
	Upload string `yaml:"upload"`
	// REST is the routes, "POST /v1/…": the request goes as the body, for GET as the query. FORM and RAW post the upload
	// as multipart/form-data or as it is. Empty: the case is gRPC's alone.
	REST []string `yaml:"rest"`
	// Fresh: the case changes how the service treats later questions (a throttled rate, a used-up allowance), so each
	// of its calls has a service of its own.
	Fresh bool `yaml:"fresh"`
	// Timeout of the call; by default long enough for any machine.
	Timeout string `yaml:"timeout"`
	// Expect is what both dialects must answer; AOP and TOP override it for one.
	Expect *Expect `yaml:"expect"`
	AOP    *Expect `yaml:"aop"`
	TOP    *Expect `yaml:"top"`
}

// Expect is an answer.
type Expect struct {
	// Code is the gRPC code's name; default OK.
	Code string `yaml:"code"`
	// Reason is ErrorInfo's; empty for an error the client may have made itself, without details.
	Reason string `yaml:"reason"`
	// Fields are BadRequest's paths, all of them.
	Fields []string `yaml:"fields"`
	// Retry reports whether RetryInfo must be there.
	Retry bool `yaml:"retry"`
	// Meta are entries ErrorInfo must carry.
	Meta map[string]string `yaml:"meta"`
	// Checks look into the answer; a server stream's is the list of its messages, also of one that fails after them.
	Checks []Check `yaml:"checks"`
}

// Check looks at one place of the answer as JSON. Path is gjson's.
type Check struct {
	Path string `yaml:"path"`
	// Equals is the value; null means absent.
	Equals any `yaml:"equals"`
	// Absent: nothing stands there.
	Absent bool `yaml:"absent"`
	// Sorted asc or desc: the numbers there are in this order, and there are at least two.
	Sorted string `yaml:"sorted"`
	// Min and Max bound every number there, and there is at least one.
	Min *float64 `yaml:"min"`
	Max *float64 `yaml:"max"`
	// Contains is in every text there, and there is at least one.
	Contains string `yaml:"contains"`
	// Matches is a regular expression every text there fits, and there is at least one.
	Matches string `yaml:"matches"`
	// Distinct: no value occurs twice, and there are at least two.
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

// putPhotos puts photos where the request names them.
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

// For is what the case expects of a dialect, "aop" or "top".
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
