package scenario_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// described is the part of the served description that tests read.
type described struct {
	Info struct {
		Title, Version string
	}
	Servers    []struct{ URL string }
	Paths      map[string]map[string]documented
	Components struct {
		Parameters map[string]parameter
		Responses  map[string]documentedResponse
		Schemas    map[string]any
	}
}

// documented is an operation.
type documented struct {
	OperationID string
	Parameters  []parameter
	RequestBody struct {
		Content map[string]documentedContent
	}
	Responses map[string]documentedResponse
}

type documentedResponse struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]documentedContent
}

type documentedContent struct {
	Schema   json.RawMessage
	Examples map[string]struct{ Value json.RawMessage }
}

// parameter is a query, path or header parameter.
type parameter struct {
	Ref      string `json:"$ref"`
	Name, In string
	Required bool
	Schema   struct {
		Type    any
		Enum    []string
		Pattern string
		Format  string
		Items   struct{ Enum []string }
	}
	Example any
}

// description reads /openapi.json and resolves shared parameters.
func (s *runningService) description(t *testing.T) (api described, text string) {
	t.Helper()
	text = get(t, s.REST+"/openapi.json")
	if err := json.Unmarshal([]byte(text), &api); err != nil {
		t.Fatal(err)
	}
	for path, methods := range api.Paths {
		for method, operation := range methods {
			for i, p := range operation.Parameters {
				if name, shared := strings.CutPrefix(p.Ref, "#/components/parameters/"); shared {
					operation.Parameters[i] = api.Components.Parameters[name]
				}
				if operation.Parameters[i].Name == "" {
					t.Fatalf("%s %s: parameter %d has no name", method, path, i)
				}
			}
		}
	}
	return api, text
}

// asking is a request built from parameters.
type asking struct {
	path   string
	query  url.Values
	header http.Header
}

func (a *asking) with(p parameter) asking {
	next := asking{path: a.path, query: url.Values{}, header: a.header.Clone()}
	for name, values := range a.query {
		next.query[name] = values
	}
	switch p.In {
	case "path":
		next.path = strings.ReplaceAll(next.path, "{"+p.Name+"}", url.PathEscape(sample(p)))
	case "header":
		next.header.Set(p.Name, sample(p))
	default:
		next.query.Set(p.Name, sample(p))
		if list, ok := p.Example.([]any); ok {
			next.query.Del(p.Name)
			for _, item := range list {
				next.query.Add(p.Name, fmt.Sprint(item))
			}
		}
		if strings.HasPrefix(p.Name, "region.") { // a region needs all four edges
			for edge, at := range map[string]string{"left": "0", "top": "0", "right": "1", "bottom": "1"} {
				next.query.Set("region."+edge, at)
			}
		}
	}
	return next
}

// TestDocumentedParametersAreAccepted calls every route without a body with each parameter that /openapi.json lists for it,
// alone and all together. The value may be refused; the parameter and its form may not.
func TestDocumentedParametersAreAccepted(t *testing.T) {
	s := start(t, map[string]string{"ZHAOHUO_DIALECT": "aop"})
	api, _ := s.description(t)
	asked := 0
	for path, methods := range api.Paths {
		operation, ok := methods["get"]
		if !ok {
			continue
		}
		least := asking{path: path, query: url.Values{}, header: http.Header{}}
		var optional []parameter
		for _, p := range operation.Parameters {
			if p.Required {
				least = least.with(p)
			} else {
				optional = append(optional, p)
			}
		}
		s.takes(t, least)
		all := least
		for _, p := range optional {
			s.takes(t, least.with(p))
			all = all.with(p)
			asked++
		}
		s.takes(t, all)
	}
	if asked < 70 {
		t.Errorf("%d parameters were asked with; the description lists too few", asked)
	}
}

// TestDocumentedOptionsOfUploadsAreAccepted sends a photo with each option, in the query and in a form.
func TestDocumentedOptionsOfUploadsAreAccepted(t *testing.T) {
	s := start(t, map[string]string{"ZHAOHUO_DIALECT": "aop"})
	api, _ := s.description(t)
	const path = "/v1/products:uploadImageSearch"
	tried := 0
	for _, p := range api.Paths[path]["post"].Parameters {
		alone := asking{path: path, query: url.Values{}, header: http.Header{}}
		ask := alone.with(p)
		s.takesPhoto(t, ask, "image/jpeg")
		s.takesPhoto(t, ask, "multipart/form-data")
		tried++
	}
	if tried < 15 {
		t.Errorf("%d options were tried; the description lists too few", tried)
	}
}

func (s *runningService) takes(t *testing.T, ask asking) {
	t.Helper()
	s.takesRequest(t, http.MethodGet, ask, ask.query, nil)
}

// takesPhoto sends the fields with the photo, in the query or in a form.
func (s *runningService) takesPhoto(t *testing.T, ask asking, kind string) {
	t.Helper()
	query := ask.query
	var body io.Reader = strings.NewReader(string(photo(t, "earphones.jpg")))
	if kind == "multipart/form-data" {
		var form strings.Builder
		for name, values := range ask.query {
			fmt.Fprintf(&form, "--b\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", name, values[0])
		}
		fmt.Fprintf(&form, "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n%s\r\n--b--\r\n", string(photo(t, "earphones.jpg")))
		query, body, kind = nil, strings.NewReader(form.String()), kind+"; boundary=b"
	}
	ask.header.Set("Content-Type", kind)
	s.takesRequest(t, http.MethodPost, ask, query, body)
}

func (s *runningService) takesRequest(t *testing.T, method string, ask asking, query url.Values, body io.Reader) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.REST+ask.path+"?"+query.Encode(), body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = ask.header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	// A refused stream answers with one JSON object and no line break, so its first line ends with EOF.
	text, err := readAnswer(ask.path, response.Body)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	switch reason := gjson.GetBytes(text, "details.#(reason).reason").String(); reason {
	case "UNKNOWN_FIELD", "MALFORMED_REQUEST", "ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED", "INTERNAL":
		t.Errorf("%s %s %v: %d %s", method, request.URL, ask.header, response.StatusCode, text)
	}
}

// sample returns the example of a parameter, or else a value of its type and form.
func sample(p parameter) string {
	enum := append(p.Schema.Enum, p.Schema.Items.Enum...)
	switch {
	case p.Example != nil:
		return fmt.Sprint(p.Example)
	case strings.HasPrefix(p.Name, "price"):
		return "9.90"
	case p.Name == "maxStaleness":
		return "60s"
	case p.Schema.Format == "int64":
		return "2"
	case p.Schema.Format == "date-time":
		return "2026-01-31T08:00:00Z"
	case len(enum) > 0:
		return enum[len(enum)-1]
	case p.Schema.Type == "boolean":
		return "true"
	case p.Schema.Type == "integer":
		return "2"
	case p.Schema.Type == "number":
		return "0.5"
	case strings.HasSuffix(strings.ToLower(p.Name), "id"):
		return "1512"
	}
	return "耳机"
}
