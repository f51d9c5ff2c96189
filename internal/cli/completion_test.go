package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompletionInBash completes typed beginnings in a real bash.
func TestCompletionInBash(t *testing.T) {
	script := run(t, nil, "completion", "bash")
	if script.code != 0 || script.stderr != "" {
		t.Fatalf("%+v", script)
	}
	file := filepath.Join(t.TempDir(), "zhaohuo.bash")
	if err := os.WriteFile(file, []byte(script.stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"zhaohuo sea":                       "search",
		"zhaohuo auth lo":                   "login",
		"zhaohuo search x --max-p":          "--max-price",
		"zhaohuo search x --sort re":        "relevance repurchase",
		"zhaohuo search x --output ":        "table json csv",
		"zhaohuo --addr a search --page-si": "--page-size",
		"zhaohuo keys new --na":             "--name",
		"zhaohuo watch ex":                  "export",
		"zhaohuo watch add x --fal":         "--falls",
		"zhaohuo watch export x --resol":    "--resolution",
	} {
		words := strings.Split(line, " ")
		ask := "source " + file + "; COMP_WORDS=(" + strings.Join(words[:len(words)-1], " ") + " '" + words[len(words)-1] + "'); COMP_CWORD=" +
			"$((${#COMP_WORDS[@]}-1)); _zhaohuo; echo ${COMPREPLY[@]}"
		out, err := exec.CommandContext(t.Context(), "bash", "--norc", "-c", ask).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s: %s (%v), want %s", line, out, err, want)
		}
	}
}

// TestCompletionKnowsAll: every command and flag is in each script and in the manual page.
func TestCompletionKnowsAll(t *testing.T) {
	for _, args := range [][]string{{"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"man"}} {
		got := run(t, nil, args...)
		text := strings.ReplaceAll(got.stdout, `\-`, "-")
		for _, word := range []string{"search", "competitors", "top-keywords", "login", "max-price", "page-size", "skip-likeness", "upstream-qps", "repurchase", "tail", "new-cheapest"} {
			if got.code != 0 || !strings.Contains(text, word) {
				t.Errorf("%v: no %s, exit %d", args, word, got.code)
			}
		}
	}
	if got := run(t, nil, "man"); !strings.HasPrefix(got.stdout, ".TH ZHAOHUO 1 ") {
		t.Errorf("%.80s", got.stdout)
	}
}
