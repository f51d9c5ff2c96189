package scenario_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
)

var update = flag.Bool("update", false, "write the golden answers anew")

// TestGolden compares complete answers, except meta, with reviewed ones: golden/{name}_{dialect}.json.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name, rpc, route string
		request          map[string]any
	}{
		{"find_source", "ComboService/FindSource", "POST /v1/combo:findSource", map[string]any{
			"image": map[string]any{"content": photo(t, "earphones.jpg")}, "verifyImages": 1,
		}},
		{"expand_selection", "ComboService/ExpandSelection", "POST /v1/combo:expandSelection", map[string]any{
			"seeds": []string{"骨传导 耳机"}, "winners": 2,
		}},
		{"compare_prices", "ComboService/ComparePrices", "POST /v1/combo:comparePrices", map[string]any{
			"keyword": "骨传导 耳机", "image": map[string]any{"content": photo(t, "earphones.jpg")}, "quantity": "5", "detailOffers": 2,
		}},
		{"analyze_competitors", "ComboService/AnalyzeCompetitors", "POST /v1/combo:analyzeCompetitors", map[string]any{
			"image": map[string]any{"content": photo(t, "earphones.jpg")},
		}},
	} {
		for _, dialect := range []string{"aop", "top"} {
			t.Run(c.name+"/"+dialect, func(t *testing.T) {
				s := start(t, map[string]string{"ZHAOHUO_DIALECT": dialect, "ZHAOHUO_NO_CACHE": "true"})
				asked := scenario.Case{RPC: c.rpc, Request: c.request, Timeout: "3m"}
				file := filepath.Join("golden", c.name+"_"+dialect+".json")
				for way, got := range map[string]outcome{"gRPC": s.overGRPC(t, asked), c.route: s.overREST(t, asked, c.route)} {
					holdGolden(t, way, file, c.rpc, got)
				}
			})
		}
	}
}

func holdGolden(t *testing.T, way, file, rpc string, got outcome) {
	t.Helper()
	if got.failed != nil {
		t.Fatalf("%s: %v", way, got.failed)
	}
	answer := placeless(t, got.json)
	if *update {
		if err := os.WriteFile(file, answer, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, _, want := messages(t, rpc)
	_, _, have := messages(t, rpc)
	if err := protojson.Unmarshal(text, want); err != nil {
		t.Fatal(err)
	}
	if err := protojson.Unmarshal(answer, have); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, have, protocmp.Transform(), ignoreMeta(want)); diff != "" {
		t.Errorf("%s answers otherwise than %s:\n%s", way, file, diff)
	}
}

// placeless returns an answer without meta and without the port of the sandbox.
func placeless(t *testing.T, answer []byte) []byte {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(answer, &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "meta")
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(withoutPort(fields)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func withoutPort(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			v[key] = withoutPort(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = withoutPort(inner)
		}
	case string:
		if at, err := url.Parse(v); err == nil && at.Hostname() == "127.0.0.1" {
			at.Host = "127.0.0.1:1688"
			return at.String()
		}
	}
	return v
}
