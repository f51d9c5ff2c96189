// Package clients_test runs clients that do not use this repository's Go code: Python, Node, curl and the grpcurl that
// `make run` builds, each against the complete service.
package clients_test

import (
	"encoding/base64"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

func start(t *testing.T) *service.Service {
	t.Helper()
	s := service.Start(t, service.Options{})
	lookAtPictures(t, s)
	return s
}

// lookAtPictures makes the sandbox compute the fingerprints of its pictures before a client with its own timeout waits for
// them.
func lookAtPictures(t *testing.T, s *service.Service) {
	t.Helper()
	photo, err := os.Open(filepath.Join(root(t), "test/scenario/photos/earphones.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer photo.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.REST+"/v1/products:uploadImageSearch", photo)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "image/png")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("HTTP %d", response.StatusCode)
	}
}

// root is the folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("no caller")
	}
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// run runs a program in the root folder. It returns both output streams and the exit code.
func run(t *testing.T, program string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Dir = root(t)
	var out, wrong strings.Builder
	command.Stdout, command.Stderr = &out, &wrong
	if err := command.Run(); err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), wrong.String(), command.ProcessState.ExitCode()
}

// TestExamples runs the examples of both languages: the same words and the same photo find the same goods in each.
func TestExamples(t *testing.T) {
	s := start(t)
	photo := "test/scenario/photos/earphones.jpg"
	examples := map[string][]string{"python3": {"examples/search.py"}, "node": {"examples/search.mjs"}}
	printed := map[string][]string{}
	for program, script := range examples {
		for _, question := range [][]string{{"蓝牙耳机"}, {"--photo", photo}} {
			args := append(append(script, s.REST), question...)
			stdout, stderr, code := run(t, program, args...)
			if code != 0 || stderr != "" {
				t.Fatalf("%s %q: exit %d: %s", program, question, code, stderr)
			}
			lines := strings.Split(strings.TrimSpace(stdout), "\n")
			if lines[0] != "ANSWER_SOURCE_SANDBOX" || len(lines) != 6 {
				t.Errorf("%s %q: %q", program, question, lines)
			}
			printed[program] = append(printed[program], stdout)
		}
		if first := strings.Split(printed[program][1], "\n")[1]; !strings.HasPrefix(first, "738122029258 ¥19.30 ") {
			t.Errorf("%s: the photo found %q first", program, first)
		}
	}
	if diff := cmp.Diff(printed["python3"], printed["node"]); diff != "" {
		t.Error(diff)
	}
}

// TestExamplesShowErrors: the example programs show the reason and the field of an error.
func TestExamplesShowErrors(t *testing.T) {
	s := start(t)
	for program, script := range map[string]string{"python3": "examples/search.py", "node": "examples/search.mjs"} {
		_, stderr, code := run(t, program, script, s.REST, " ")
		if code != 1 || !strings.HasPrefix(stderr, "INVALID_FIELD keyword: ") {
			t.Errorf("%s: exit %d: %s", program, code, stderr)
		}
	}
}

// photos shows one kind of goods in every file format; one photo is rotated by its EXIF orientation (6).
func photos() []string {
	return []string{"earphones.jpg", "earphones.png", "earphones.webp", "turned.jpg"}
}

// TestPhotosFindTheirGoods sends every photo with every client in every way. The right goods must come first.
func TestPhotosFindTheirGoods(t *testing.T) {
	s := start(t)
	for _, name := range photos() {
		path := "test/scenario/photos/" + name
		content, err := os.ReadFile(filepath.Join(root(t), path))
		if err != nil {
			t.Fatal(err)
		}
		asJSON := `{"image":{"content":"` + base64.StdEncoding.EncodeToString(content) + `"}}`
		upload, search := s.REST+"/v1/products:uploadImageSearch", s.REST+"/v1/products:imageSearch"
		for way, command := range map[string][]string{
			"curl, form": {"curl", "-sS", "--fail-with-body", "-F", "image=@" + path, upload},
			"curl, raw":  {"curl", "-sS", "--fail-with-body", "-H", "content-type: application/octet-stream", "--data-binary", "@" + path, upload},
			"curl, JSON": {"curl", "-sS", "--fail-with-body", "-H", "content-type: application/json", "-d", asJSON, search},
			"grpcurl": {
				"go", "tool", "-modfile=tools/grpcurl.mod", "grpcurl", "-plaintext", "-d", asJSON, s.GRPC,
				"zhaohuo.v1.SearchService/ImageSearch",
			},
			"zhaohuo": {"go", "run", "./cmd/zhaohuo", "image", path, "--addr", s.GRPC, "-o", "json"},
		} {
			stdout, stderr, code := run(t, command[0], command[1:]...)
			first := gjson.Get(stdout, "response.products.0.id").String() + gjson.Get(stdout, "products.0.id").String()
			if code != 0 || first != "738122029258" {
				t.Errorf("%s by %s: exit %d, first %q: %s", name, way, code, first, stderr)
			}
		}
	}
}

// TestCurl sends the photo as a form, as a raw body and as JSON, as README and banner show.
func TestCurl(t *testing.T) {
	s := start(t)
	photo := "@test/scenario/photos/turned.jpg"
	for name, args := range map[string][]string{
		"words": {"-G", s.REST + "/v1/products:keywordSearch", "--data-urlencode", "keyword=骨传导 超低延迟 蓝牙耳机", "-d", "pageSize=50"},
		"form":  {"-F", "image=" + photo, s.REST + "/v1/products:uploadImageSearch"},
		"raw":   {"-H", "content-type: image/jpeg", "--data-binary", photo, s.REST + "/v1/products:uploadImageSearch"},
	} {
		stdout, stderr, code := run(t, "curl", append([]string{"-sS", "--fail-with-body"}, args...)...)
		if code != 0 || !strings.Contains(stdout, `"id":"738122029258"`) || !strings.Contains(stdout, `"source":"ANSWER_SOURCE_SANDBOX"`) {
			t.Errorf("%s: exit %d: %s %.300s", name, code, stderr, stdout)
		}
	}
	stdout, _, code := run(t, "curl", "-sS", "--fail-with-body", "-F", "image=@README.md", s.REST+"/v1/products:uploadImageSearch")
	if code != 22 || !strings.Contains(stdout, `"reason":"IMAGE_UNREADABLE"`) {
		t.Errorf("a text as a photo: exit %d: %s", code, stdout)
	}
}

// TestGrpcurl calls the service with reflection only, as the first line of the banner does.
func TestGrpcurl(t *testing.T) {
	s := start(t)
	grpcurl := func(args ...string) (string, string, int) {
		return run(t, "go", append([]string{"tool", "-modfile=tools/grpcurl.mod", "grpcurl", "-plaintext"}, args...)...)
	}
	stdout, stderr, code := grpcurl("-d", `{"keyword":"蓝牙耳机","pageSize":1}`, s.GRPC, "zhaohuo.v1.SearchService/KeywordSearch")
	if code != 0 || !strings.Contains(stdout, `"source": "ANSWER_SOURCE_SANDBOX"`) {
		t.Errorf("exit %d: %s %s", code, stdout, stderr)
	}
	_, stderr, code = grpcurl("-d", `{"keyword":"蓝牙耳机","pageSize":-1}`, s.GRPC, "zhaohuo.v1.SearchService/KeywordSearch")
	if code == 0 || !strings.Contains(stderr, "InvalidArgument") || !strings.Contains(stderr, "page_size") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
