package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCall calls the sandbox of the command's own process: what it prints is the text of the answer, and wrong input gives a sentence.
func TestCall(t *testing.T) {
	file := filepath.Join(t.TempDir(), "parameters.json")
	if err := os.WriteFile(file, []byte(`{"offerDetailParam": {"offerId": 767500314824, "country": "en"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "list.json")
	if err := os.WriteFile(wrong, []byte(`[1]`), 0o600); err != nil {
		t.Fatal(err)
	}
	const category, detail = "com.alibaba.product:alibaba.category.get-1", "com.alibaba.fenxiao.crossborder:product.search.queryProductDetail-1"
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"parameters":         {[]string{category, "categoryID=0"}, 0, `"succes":"true"`},
		"a file":             {[]string{detail, "--json-file", file}, 0, `"offerId":767500314824`},
		"where it came from": {[]string{category, "categoryID=0", "-o", "answer"}, 0, "ANSWER_SOURCE_SANDBOX"},
		"no value":           {[]string{category, "categoryID"}, 2, `"categoryID" is not of the form KEY=VALUE`},
		"twice":              {[]string{category, "a=1", "a=2"}, 2, "the parameter a is given twice"},
		"no object":          {[]string{category, "--json-file", wrong}, 2, wrong + " is not a JSON object"},
		"no file":            {[]string{category, "--json-file", file + "x"}, 2, "--json-file: "},
		"not allowed":        {[]string{"system.oauth2:getToken-1"}, 3, "call-apis-file"},
		"a credential":       {[]string{category, "access_token=x"}, 2, "parameters[access_token]"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, nil, append([]string{"call", "--addr=none"}, test.args...)...)
			if got.code != test.code || !strings.Contains(got.stdout+got.stderr, test.want) {
				t.Errorf("exit code %d\n%s%s\nwant %d and %q", got.code, got.stdout, got.stderr, test.code, test.want)
			}
		})
	}
}
