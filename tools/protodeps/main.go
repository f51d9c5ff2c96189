// Command protodeps prints the third-party .proto files that the contract imports into a directory that git ignores.
//
// The files come out of the descriptors compiled into the pinned Go packages, so that the contract is compiled against
// exactly the versions that go.mod names, without a network, a lock file of its own, or copied files in the repository.
// It does not print google/protobuf/*: the compiler brings those itself.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	// Each of these registers the descriptors of the files named in roots.
	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/api/httpbody"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"
	_ "google.golang.org/genproto/googleapis/rpc/status"
	_ "google.golang.org/genproto/googleapis/type/money"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "protodeps:", err)
		os.Exit(1)
	}
}

// run prints every root and what it imports below the directory named by the only argument, which is emptied first.
func run(args []string, out io.Writer) error {
	if len(args) != 1 || args[0] == "" {
		return errors.New("usage: protodeps DIRECTORY")
	}
	dir := filepath.Clean(args[0])
	files, err := closure(protoregistry.GlobalFiles, roots())
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("emptying %s: %w", dir, err)
	}
	if err := printAll(files, dir); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d third-party protos printed into %s\n", len(files), dir)
	return err
}

// roots names the files that the contract may import; what they import in turn is found by closure.
func roots() []string {
	return []string{
		"buf/validate/validate.proto",
		"google/api/annotations.proto",
		"google/api/field_behavior.proto",
		"google/api/field_behavior.proto",
		"google/api/httpbody.proto",
		"google/rpc/error_details.proto",
		"google/rpc/status.proto",
		"google/type/money.proto",
	}
}

// closure looks the paths up and follows their imports; every file comes once, after the files it imports.
// A path that no linked package registers is an error that names it.
func closure(registry *protoregistry.Files, paths []string) ([]protoreflect.FileDescriptor, error) {
	var (
		files []protoreflect.FileDescriptor
		visit func(path string) error
		seen  = make(map[string]bool)
	)
	visit = func(path string) error {
		if seen[path] || strings.HasPrefix(path, "google/protobuf/") {
			return nil
		}
		seen[path] = true
		file, err := registry.FindFileByPath(path)
		if err != nil {
			return fmt.Errorf("no linked Go package registers %s: %w", path, err)
		}
		imports := file.Imports()
		for i := range imports.Len() {
			if err := visit(imports.Get(i).Path()); err != nil {
				return err
			}
		}
		files = append(files, file)
		return nil
	}
	for _, path := range paths {
		if err := visit(path); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// printAll writes each file below dir at the path by which others import it.
func printAll(files []protoreflect.FileDescriptor, dir string) error {
	printer := protoprint.Printer{}
	for _, file := range files {
		text, err := printer.PrintProtoToString(file)
		if err != nil {
			return fmt.Errorf("printing %s: %w", file.Path(), err)
		}
		path := filepath.Join(dir, filepath.FromSlash(file.Path()))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
