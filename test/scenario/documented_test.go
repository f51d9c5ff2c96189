package scenario_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// parameter is a query or path parameter as the served API description lists it.
type parameter struct {
	Name, In, Type, Format string
	Required               bool
	Items, Schema          struct{ Type, Format string }
	Enum                   []string
}

// TestDocumentedParametersAreTaken asks every GET route with each parameter that /openapi.json lists for it, alone and all
// together. The value may be refused; the parameter and its form may not.
func TestDocumentedParametersAreTaken(t *testing.T) {
	s := start(t, map[string]string{"ZHAOHUO_DIALECT": "aop"})
	var api struct {
		Paths map[string]map[string]struct{ Parameters []parameter }
	}
	if err := json.Unmarshal([]byte(get(t, s.url+"/openapi.json")), &api); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for path, methods := range api.Paths {
		operation, ok := methods["get"]
		if !ok {
			continue
		}
		required, all := url.Values{}, url.Values{}
		var optional []parameter
		for _, p := range operation.Parameters {
			switch {
			case p.In == "path":
				path = strings.ReplaceAll(path, "{"+p.Name+"}", sample(p))
			case p.Name == "keyword" || p.Name == "categoryId" && strings.Contains(path, "opKeywords"):
				required.Set(p.Name, sample(p))
				all.Set(p.Name, sample(p))
			default:
				optional = append(optional, p)
				all.Set(p.Name, sample(p))
			}
		}
		s.takes(t, path, required)
		s.takes(t, path, all)
		for _, p := range optional {
			query := url.Values{p.Name: {sample(p)}}
			for name, values := range required {
				query[name] = values
			}
			s.takes(t, path, query)
			asked++
		}
	}
	if asked < 30 {
		t.Errorf("%d parameters were asked with; the description lists too few", asked)
	}
}

func (s *service) takes(t *testing.T, path string, query url.Values) {
	t.Helper()
	response, err := http.Get(s.url + path + "?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	switch reason := gjson.GetBytes(body, "details.#(reason).reason").String(); reason {
	case "UNKNOWN_FIELD", "MALFORMED_REQUEST", "ROUTE_NOT_FOUND", "INTERNAL":
		t.Errorf("GET %s?%s: %d %s", path, query.Encode(), response.StatusCode, body)
	}
}

// sample is a value of the parameter's type and form.
func sample(p parameter) string {
	switch {
	case strings.HasPrefix(p.Name, "price"):
		return "9.90"
	case p.Name == "maxStaleness":
		return "60s"
	case p.Name == "language":
		return "en"
	case len(p.Enum) > 0:
		return p.Enum[len(p.Enum)-1]
	case p.Type == "boolean":
		return "true"
	case p.Type == "integer":
		return "2"
	case strings.HasSuffix(strings.ToLower(p.Name), "id") || strings.HasSuffix(p.Name, "ids"):
		return "1512"
	}
	return fmt.Sprintf("耳机 %s", p.In)
}
