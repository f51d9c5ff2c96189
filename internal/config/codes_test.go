package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const codesFile = `
dialect: top
upstream_codes:
  success: ["0", 200, OK]   # What a reseller says.
  faults:
    isv.gone: PRODUCT_NOT_FOUND
    7001: UPSTREAM_THROTTLED
  scopes: {7001: api, "7": app}
  phrases:
    "该商品已失效: 请更换": PRODUCT_NOT_FOUND
    Busy: UPSTREAM_UNAVAILABLE
  ban_max: 5m
  token_codes:
    "40001": UPSTREAM_TOKEN_INVALID
`

func TestCodesAreAMapInTheFile(t *testing.T) {
	path := write(t, "z.yaml", codesFile)
	live := Environ{"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s"}
	loaded := load(t, []string{"--config", path}, live)
	got, err := loaded.Upstream.ReadCodes()
	if err != nil {
		t.Fatal(err)
	}
	want := Codes{
		Success: []string{"0", "200", "OK"},
		Faults:  map[string]fault.Kind{"isv.gone": fault.ProductNotFound, "7001": fault.UpstreamThrottled},
		Scopes:  map[string]fault.Scope{"7001": fault.ScopeAPI, "7": fault.ScopeApp},
		Phrases: []Phrase{{"该商品已失效: 请更换", fault.ProductNotFound}, {"Busy", fault.UpstreamUnavailable}},
		BanMax:  5 * time.Minute,
		Tokens:  map[string]fault.Kind{"40001": fault.UpstreamTokenInvalid},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if origin := loaded.Origins["upstream-codes"]; origin != "upstream_codes in "+path+" line 3" {
		t.Errorf("it comes from %q", origin)
	}
	// What is printed can be loaded again, and what a variable holds is the same.
	var printed strings.Builder
	if err := loaded.Print(&printed); err != nil {
		t.Fatal(err)
	}
	reloaded := load(t, []string{"--config", write(t, "again.yaml", printed.String())}, live)
	byVariable := load(t, nil, Environ{"ZHAOHUO_DIALECT": "top", "ZHAOHUO_UPSTREAM_CODES": loaded.Upstream.Codes})
	for name, other := range map[string]*Loaded{"printed": reloaded, "by variable": byVariable} {
		codes, err := other.Upstream.ReadCodes()
		if diff := cmp.Diff(want, codes); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestCodesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"success: 200":           `success: must be a list of codes, such as ["0", "200"]`,
		"success: []":            `success: must be a list of codes, such as ["0", "200"]`,
		`success: ["0", ""]`:     "success: a code is empty",
		`success: ["0", 0]`:      `success: "0" occurs twice`,
		"faults: [a]":            "faults: must be a map",
		"faults: {a: }":          `faults: "a" has no kind: name one of `,
		`faults: {"": X}`:        "faults: a key is empty",
		"faults: {a: THROTTLED}": `faults: "a": "THROTTLED" is not a kind: name one of CATEGORY_NOT_FOUND, PRODUCT_NOT_FOUND, `,
		"faults: {a: INTERNAL}":  `faults: "a": "INTERNAL" is not a kind: name one of CATEGORY_NOT_FOUND, PRODUCT_NOT_FOUND, `,
		"faults: {a.b: UPSTREAM_REFUSED, A.B: UPSTREAM_THROTTLED}":       `faults: "A.B" occurs twice`,
		"scopes: {a: everything}":                                        `scopes: "a" must be app (the limit holds for the whole App Key) or api (for the one API) but is "everything"`,
		"phrases: {gone: PRODUCT_NOT_FOUND, Gone: UPSTREAM_REFUSED}":     `phrases: "Gone" occurs twice`,
		"phrases: {gone: {}}":                                            `phrases: "gone" has no kind: name one of `,
		"ban_max: 10m":                                                   "ban_max: only dialect top reports how long a ban lasts",
		"ban_max: soon":                                                  `ban_max: must be a duration of 1s to 744h0m0s, such as 10m, but is "soon"`,
		"ban_max: 0s":                                                    `ban_max: must be a duration of 1s to 744h0m0s, such as 10m, but is "0s"`,
		"token_codes: {a: PRODUCT_NOT_FOUND}":                            `token_codes: "a": "PRODUCT_NOT_FOUND" is not a kind: name one of `,
		"fault: {a: UPSTREAM_REFUSED}":                                   `"fault" is not one of success, faults, scopes, phrases, ban_max, token_codes`,
		"{success: [OK], faults: {ok: UPSTREAM_REFUSED}}":                `"OK" is under success and under faults: remove one`,
		"{faults: {a: UPSTREAM_REFUSED}, faults: {b: UPSTREAM_REFUSED}}": `"faults" occurs twice`,
	} {
		for origin, env := range map[string]Environ{
			"upstream_codes in ":       {"ZHAOHUO_CONFIG": write(t, "z.yaml", "upstream_codes: "+inMap(text)+"\n")},
			"ZHAOHUO_UPSTREAM_CODES: ": {"ZHAOHUO_UPSTREAM_CODES": inMap(text)},
		} {
			_, err := Load(nil, env)
			if err == nil || !strings.HasPrefix(err.Error(), origin) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s\ngot:  %v\nwant: %s… %s…", text, err, origin, want)
			}
		}
	}
	if _, err := Load(nil, Environ{"ZHAOHUO_UPSTREAM_CODES": "faults: [", "ZHAOHUO_DIALECT": "top"}); err == nil || err.Error() != "ZHAOHUO_UPSTREAM_CODES: is not YAML" {
		t.Errorf("no YAML: %v", err)
	}
	top := Environ{"ZHAOHUO_UPSTREAM_CODES": "faults: {'isv.x:a': UPSTREAM_REFUSED}", "ZHAOHUO_DIALECT": "top"}
	if _, err := Load(nil, top); err == nil || !strings.Contains(err.Error(), `faults: "isv.x:a": leave out the colon`) {
		t.Errorf("a colon: %v", err)
	}
	reference := write(t, "r.yaml", "upstream_codes:\n  faults: &a {x: UPSTREAM_REFUSED}\n  token_codes: *a\n")
	if _, err := Load([]string{"--config", reference}, nil); err == nil || err.Error() != reference+": line 2: upstream_codes must not hold references (& and *)" {
		t.Errorf("a reference: %v", err)
	}
}

func inMap(text string) string {
	if strings.HasPrefix(text, "{") {
		return text
	}
	return "{" + text + "}"
}
