package clients_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// behaviours lists the numbers of the table that every client package passes.
func behaviours(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "clients/BEHAVIOURS.md"))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, row := range regexp.MustCompile(`(?m)^\| (B\d\d) \|`).FindAllStringSubmatch(string(text), -1) {
		numbers = append(numbers, row[1])
	}
	if len(numbers) < 15 {
		t.Fatalf("the table has %d rows: is its form still read?", len(numbers))
	}
	return numbers
}

// TestPythonClient runs the tests of clients/python: the table of behaviours, in Python's own test runner.
func TestPythonClient(t *testing.T) {
	environ := append(world(t), "PYTHONPATH="+filepath.Join(root(t), "clients/python/src"), "PYTHONDONTWRITEBYTECODE=1")
	printed := suite(t, environ, "clients/python", "/usr/bin/python3", "-W", "error::ResourceWarning", "-m", "unittest", "discover", "-s", "tests", "-v")
	for _, number := range behaviours(t) {
		passed := regexp.MustCompile(fmt.Sprintf(`(?m)^test_%s_\w+ .*\.\.\. ok$`, strings.ToLower(number)))
		if !passed.MatchString(printed) {
			t.Errorf("no test of %s passed:\n%s", number, printed)
		}
	}
}
