package callers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// API is an API of the platform that a caller may call by its name.
type API struct {
	// Name is "namespace:name-version" in AOP, the method in TOP.
	Name string
	// Write is true if the API may change something. It is never repeated once it may have arrived, and never cached.
	Write bool
	// Cache is how old a stored answer may be; 0 for none.
	Cache time.Duration
	// Batch is true if the calls wait for those of people.
	Batch bool
	// Budget is the number of upstream calls a day, in China's days; 0 for no bound.
	Budget int
}

// APIs are the APIs that one caller may call, in the order of their names. None is allowed that is not there.
type APIs []API

// Find returns the API of a name.
func (all APIs) Find(name string) (API, bool) {
	i, ok := slices.BinarySearchFunc(all, name, func(a API, name string) int { return strings.Compare(a.Name, name) })
	if !ok {
		return API{}, false
	}
	return all[i], true
}

const (
	apisMax = 1000
	// CacheMax is the highest age of a stored answer that a list can allow.
	CacheMax  = 24 * time.Hour
	budgetMax = 1_000_000_000
)

// apiForm is that of either dialect.
var apiForm = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*(:[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*-[0-9]+(\.[0-9]+)*)?$`)

// tokenAPIs give out tokens: no caller may have them.
var tokenAPIs = []string{"system.oauth2:", "taobao.top.auth."}

// ReadAPIs reads a file with a list of APIs. An error names the line.
func ReadAPIs(text []byte) (APIs, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("there is no API in it")
	case err != nil:
		return nil, syntaxError(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("holds more than one document")
	}
	apis, line, err := readAPIs(document.Content[0])
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", line, err)
	}
	return apis, nil
}

// readAPIs reads a list of APIs, or the line of what is wrong.
func readAPIs(list *yaml.Node) (APIs, int, error) {
	if list.Kind != yaml.SequenceNode || len(list.Content) > apisMax {
		return nil, list.Line, fmt.Errorf("apis must be a list of at most %d APIs, such as [{api: com.alibaba.product:alibaba.category.get-1, kind: read}]", apisMax)
	}
	var apis APIs
	for _, node := range list.Content {
		api, line, err := readAPI(node)
		if err != nil {
			return nil, line, err
		}
		at, there := slices.BinarySearchFunc(apis, api.Name, func(a API, name string) int { return strings.Compare(a.Name, name) })
		if there {
			return nil, node.Line, errors.New("an API of apis is there twice")
		}
		apis = slices.Insert(apis, at, api)
	}
	return apis, list.Line, nil
}

func readAPI(node *yaml.Node) (API, int, error) {
	api := API{Write: true}
	if node.Kind != yaml.MappingNode {
		return api, node.Line, errors.New("an API of apis must have api, and may have kind, cache, class and budget")
	}
	seen, line, err := readFields(&api, node, apiFields, errors.New("an API of apis holds what is none of api, kind, cache, class and budget"))
	if err != nil {
		return api, line, err
	}
	switch {
	case !seen["api"]:
		return api, node.Line, errors.New("an API of apis has no name: api is missing")
	case api.Write && api.Cache > 0:
		return api, node.Line, errors.New("cache is for an API with kind: read")
	}
	return api, node.Line, nil
}

// apiFields are the fields of an API by name.
var apiFields = map[string]field[API]{
	"api": {plain: func(a *API, text string) error {
		a.Name = text
		if !apiForm.MatchString(text) || len(text) > 200 {
			return errors.New("api must be namespace:name-version, such as com.alibaba.product:alibaba.category.get-1, or a method of TOP")
		}
		for _, prefix := range tokenAPIs {
			if strings.HasPrefix(text, prefix) {
				return errors.New("api must not be one that gives out access tokens")
			}
		}
		return nil
	}},
	"kind": {plain: func(a *API, text string) error {
		a.Write = text == "write"
		if !a.Write && text != "read" {
			return errors.New("kind must be read or write")
		}
		return nil
	}},
	"cache": {plain: func(a *API, text string) error {
		var err error
		if a.Cache, err = time.ParseDuration(text); err != nil || a.Cache < time.Second || a.Cache > CacheMax {
			return fmt.Errorf("cache must be a duration from 1s to %s, such as 10m", CacheMax)
		}
		return nil
	}},
	"class": {plain: func(a *API, text string) error {
		class, ok := upstream.ParseClass(text)
		a.Batch = class == upstream.Batch
		if !ok {
			return errors.New("class must be interactive or batch")
		}
		return nil
	}},
	"budget": {plain: func(a *API, text string) error {
		var err error
		if a.Budget, err = strconv.Atoi(text); err != nil || a.Budget < 1 || a.Budget > budgetMax {
			return fmt.Errorf("budget must be a number of calls a day from 1 to %d", budgetMax)
		}
		return nil
	}},
}

// yaml is the list as text, below a field of an entry.
func (all APIs) yaml() string {
	var b strings.Builder
	for _, a := range all {
		kind := "read"
		if a.Write {
			kind = "write"
		}
		fmt.Fprintf(&b, "    - {api: %q, kind: %s", a.Name, kind)
		if a.Cache > 0 {
			fmt.Fprintf(&b, ", cache: %s", a.Cache)
		}
		if a.Batch {
			b.WriteString(", class: batch")
		}
		if a.Budget > 0 {
			fmt.Fprintf(&b, ", budget: %d", a.Budget)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

type apisKey struct{}

// WithAPIs says which APIs the caller of ctx may call by name.
func WithAPIs(ctx context.Context, apis APIs) context.Context {
	return context.WithValue(ctx, apisKey{}, apis)
}

// APIsOf are the APIs that the caller of ctx may call; false for a caller without an API key.
func APIsOf(ctx context.Context) (APIs, bool) {
	apis, ok := ctx.Value(apisKey{}).(APIs)
	return apis, ok
}
