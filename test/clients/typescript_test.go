package clients_test

import (
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/test/service"
)

// descriptors writes the descriptors of the search service and of all that it imports, as `buf build` does, and returns the
// file.
func descriptors(t *testing.T) string {
	t.Helper()
	set := &descriptorpb.FileDescriptorSet{}
	seen := map[string]bool{}
	var visit func(file protoreflect.FileDescriptor)
	visit = func(file protoreflect.FileDescriptor) {
		if seen[file.Path()] {
			return
		}
		seen[file.Path()] = true
		for i := range file.Imports().Len() {
			visit(file.Imports().Get(i))
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
	}
	visit(zhaohuov1.File_zhaohuo_v1_search_service_proto)
	text, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "search.binpb")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTypeScriptClient runs the tests of clients/typescript: the table of behaviours, in Node's own test runner.
func TestTypeScriptClient(t *testing.T) {
	set, protos := descriptors(t), filepath.Join(t.TempDir(), "protos")
	if _, stderr, code := run(t, "go", "run", "./tools/protobundle", set, protos); code != 0 {
		t.Fatal(stderr)
	}
	environ := append(world(t), "ZHAOHUO_TEST_DESCRIPTORS="+set, "ZHAOHUO_TEST_PROTOS="+protos)
	tests, err := filepath.Glob(filepath.Join(root(t), "clients/typescript/test/*.test.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	printed := suite(t, environ, "clients/typescript", "node", append([]string{"--test", "--test-reporter=tap"}, tests...)...)
	for _, number := range behaviours(t) {
		if !regexp.MustCompile(`(?m)^ *ok \d+ - ` + number + ` `).MatchString(printed) {
			t.Errorf("no test of %s passed:\n%s", number, printed)
		}
	}
	if skipped := regexp.MustCompile(`(?m)^ *ok .*# (SKIP|TODO).*$`).FindString(printed); skipped != "" {
		t.Error(skipped)
	}
}

// contentType is that of a file. Not every system knows that of JavaScript modules.
func contentType(file string) string {
	if filepath.Ext(file) == ".mjs" {
		return "text/javascript"
	}
	return mime.TypeByExtension(filepath.Ext(file))
}

// TestTypeScriptClientInBrowser runs the part for browsers on a page of another origin, in Chromium: as files of the package,
// without a bundler.
func TestTypeScriptClientInBrowser(t *testing.T) {
	client := filepath.Join(root(t), "clients/typescript")
	files := map[string]string{
		"/":                  filepath.Join(client, "test/browser/index.html"),
		"/openapi-fetch.mjs": filepath.Join(client, "node_modules/openapi-fetch/dist/index.mjs"),
		"/photo.jpg":         filepath.Join(root(t), "test/scenario/photos/earphones.jpg"),
	}
	mux := http.NewServeMux()
	for path, file := range files {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			content, err := os.ReadFile(file)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", contentType(file))
			_, _ = w.Write(content)
		})
	}
	mux.Handle("GET /dist/", http.FileServer(http.Dir(client)))
	page := httptest.NewServer(mux)
	defer page.Close()
	s := service.Start(t, service.Options{Environ: config.Environ{"ZHAOHUO_CORS_ORIGINS": page.URL}})
	lookAtPictures(t, s)
	environ := append(os.Environ(), "PAGE="+page.URL+"/", "REST="+s.REST, "GRPC="+s.GRPC)
	suite(t, environ, "clients/typescript", "node", "--test", "--test-reporter=spec", "test/browser/rest.mjs")
}
