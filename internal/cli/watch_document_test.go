package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// documentTimeout bounds the commands of a document: under the race detector on a busy machine, reading all pictures of the
// sandbox alone may take minutes. No outcome depends on it.
const documentTimeout = 10 * time.Minute

// largePhoto is the photo in a file of more than 3 MiB, as a camera's own data makes it.
func largePhoto(t *testing.T, photo string) string {
	t.Helper()
	content, err := os.ReadFile(photo)
	if err != nil {
		t.Fatal(err)
	}
	const size = 65_000 // of a segment of comments, with its own two bytes of length
	segment := append([]byte{0xff, 0xfe, size >> 8, size & 0xff}, make([]byte, size-2)...)
	large := append(append(content[:2:2], bytes.Repeat(segment, comboImageMax/size+1)...), content[2:]...)
	path := filepath.Join(t.TempDir(), "large.jpg")
	if err := os.WriteFile(path, large, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWatchDocument runs the commands that the document of price watches shows first, in their order, against a server that is
// begun as it says, with the id of the watch that was added in the place of the document's.
func TestWatchDocument(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs/PRICE_WATCHES.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "```sh\n")
	block, _, _ = strings.Cut(block, "\n```")
	lines := strings.Split(block, "\n")
	if !found || len(lines) != 5 {
		t.Fatalf("the document begins with %d commands", len(lines))
	}
	dir := t.TempDir()
	words := func(line, id string) []string {
		t.Helper()
		line, ours := strings.CutPrefix(line, "bin/zhaohuo ")
		if !ours {
			t.Fatalf("%q is no command of ours", line)
		}
		all := strings.Fields(line)
		for i, word := range all {
			switch {
			case regexp.MustCompile(`^pw_[a-z0-9]+$`).MatchString(word):
				all[i] = id
			case strings.HasPrefix(word, "test/"):
				all[i] = filepath.Join(root, word)
			case strings.HasSuffix(word, ".xlsx"):
				all[i] = filepath.Join(dir, word)
			}
		}
		return all
	}
	server := launch(t, []string{"ZHAOHUO_DATA_DIR=" + dir, "ZHAOHUO_UPSTREAM_TIMEOUT=5m", "ZHAOHUO_DEFAULT_TIMEOUT=10m"},
		append(words(lines[0], ""), "--grpc-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0", "--ops-addr=127.0.0.1:0", "--lame-duck=0s")...)
	at := server.stdout.await(t, `gRPC     (\S+)\n  REST     (\S+)\n`)
	ctx, cancel := context.WithTimeout(t.Context(), documentTimeout)
	defer cancel()
	do := func(args ...string) outcome {
		t.Helper()
		var stdout, stderr bytes.Buffer
		code := Run(ctx, Process{goods: service.Goods(t), Version: "v1.2.3", Args: append([]string{"zhaohuo"}, args...), Environ: []string{"ZHAOHUO_GRPC_ADDR=" + at[0]}, Stdout: &stdout, Stderr: &stderr})
		if code != exitOK {
			t.Fatalf("%q: exit %d\n%s%s\nserver:\n%s", args, code, &stdout, &stderr, server.stderr)
		}
		return outcome{code, stdout.String(), stderr.String()}
	}
	photo := filepath.Join(root, "test/scenario/photos/earphones.jpg")
	do("image", photo, "--timeout", "10m")              // The pictures are read now,
	do("compare", "--image", photo, "--timeout", "10m") // and those of the offers are drawn and compared.
	id := ""
	for i, line := range lines[1:] {
		got := do(words(line, id)...)
		switch i {
		case 0:
			added := regexp.MustCompile(`^price watch +(pw_\w+)\nname +耳机\n`).FindStringSubmatch(got.stdout)
			if added == nil {
				t.Fatalf("%s: %s", line, got.stdout)
			}
			id = added[1]
		case 1:
			if n := strings.Count(got.stdout, "  耳机  "); n != 3 || !regexp.MustCompile(`price (fell|rose)  ¥[0-9.]+( \([^)]+\))? → ¥[0-9.]+ \([^)]+\), [+-][0-9.]+ %`).MatchString(got.stdout) {
				t.Errorf("%s:\n%s", line, got.stdout)
			}
		case 2:
			if !strings.Contains(got.stdout, "● median") || !strings.Contains(got.stdout, ", lowest ¥") || !strings.Contains(got.stderr, "SANDBOX: ") {
				t.Errorf("%s:\n%s%s", line, got.stdout, got.stderr)
			}
		case 3:
			rows, err := openBook(t, filepath.Join(dir, "prices.xlsx")).GetRows("prices")
			if err != nil || len(rows) < 3 || rows[1][6] != "SANDBOX" || rows[1][12] == "" {
				t.Errorf("%s: %v %q", line, err, rows)
			}
		}
	}
	added := do(words("bin/zhaohuo watch add "+largePhoto(t, filepath.Join(root, "test/scenario/photos/earphones.jpg"))+" --name large", "")...)
	large := regexp.MustCompile(`^price watch +(pw_\w+)\nname +large\nwatches +goods on an image of \d+ KiB\n`).FindStringSubmatch(added.stdout)
	if large == nil || !strings.Contains(added.stderr, "large.jpg is larger than 3 MiB: it is sent by a search first, which costs upstream calls\n") {
		t.Fatalf("%s%s", added.stdout, added.stderr)
	}
	if seen := do("watch", "run", large[1]); !strings.Contains(seen.stdout, "¥") {
		t.Errorf("the goods on the large photo: %s", seen.stdout)
	}
	if code := server.stop(); code != exitOK {
		t.Errorf("exit %d: %s", code, server.stderr)
	}
}
