package documents_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// refusalRow is a row of the table of refusals: 1688's code, the reason, the diagnosis (unless there is none), and the word.
var refusalRow = regexp.MustCompile("(?m)^\\| (?:`([^`]+)`|[^|`]+) \\| `([A-Z_]+)` \\| (?:`([A-Z_]+)`[^|]*?([0-9]*)\\)|[^|]+) \\|.*\\| `(sandbox:[^`]+)` \\|$")

// TestQuickStartRefusals makes the sandbox refuse a search by each word of the quick start's table: the service must give the reason that
// the table says, with 1688's own code, and the doctor must know the diagnosis and its exit code. The last row uses an allowance up.
func TestQuickStartRefusals(t *testing.T) {
	s := service.Start(t, service.Options{Environ: map[string]string{"ZHAOHUO_UPSTREAM_ATTEMPTS": "1"}})
	doctor := read(t, "docs/DOCTOR.md")
	rows := refusalRow.FindAllStringSubmatch(read(t, "docs/QUICKSTART.md"), -1)
	if len(rows) != 14 {
		t.Errorf("%d rows were found", len(rows))
	}
	for _, row := range rows {
		code, reason, diagnosis, exit, word := row[1], row[2], row[3], row[4], row[5]
		info := refusal(t, s.REST, word)
		if got := info.Get("reason").String(); got != reason {
			t.Errorf("%s has reason %s, and not %s", word, got, reason)
		}
		if got := info.Get("metadata.upstream_code").String(); code != "" && got != code {
			t.Errorf("%s has code %s, and not %s", word, got, code)
		}
		if verdict := regexp.MustCompile(`(?m)^\| [A-Z_]+ \| ` + exit + ` ?\| (FAILED|WARNING) \| .` + diagnosis + `. `); diagnosis != "" && !verdict.MatchString(doctor) {
			t.Errorf("the doctor has no diagnosis %s with exit code %q", diagnosis, exit)
		}
	}
}

// refusal is the ErrorInfo of a search that the sandbox refuses.
func refusal(t *testing.T, address, word string) gjson.Result {
	t.Helper()
	where := address + "/v1/products:keywordSearch?" + url.Values{"keyword": {"耳机 " + word}}.Encode()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, where, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, detail := range gjson.GetBytes(body, "details").Array() {
		if strings.HasSuffix(detail.Get("@type").String(), "ErrorInfo") {
			return detail
		}
	}
	t.Fatalf("%s: status %s, %s", word, answer.Status, body)
	return gjson.Result{}
}
