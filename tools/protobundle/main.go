// Command protobundle writes the contract for use outside this repository: every .proto file that a client needs, and an
// archive of them. The rules of buf.validate and their imports are left out, because several generators cannot read them.
// The comments state the bounds.
package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	// These register the options that the contract uses.
	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	_ "google.golang.org/genproto/googleapis/api/annotations"
)

const contractPackage = "zhaohuo/"

// rulesFile declares the contract's own rules. It has nothing else.
const rulesFile = "zhaohuo/v1/rules.proto"

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "protobundle:", err)
		os.Exit(1)
	}
}

// run reads the compiled contract, which must have comments. It empties the directory and writes the bundle into it. It
// also writes the bundle as an archive beside the directory.
func run(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: protobundle CONTRACT.binpb DIRECTORY")
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	contract := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(data, contract); err != nil {
		return fmt.Errorf("%s is no compiled contract: %w", args[0], err)
	}
	texts, err := bundle(contract)
	if err != nil {
		return err
	}
	dir := filepath.Clean(args[1])
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := writeFiles(dir, texts); err != nil {
		return err
	}
	archive := dir + ".tar.gz"
	if err := writeArchive(archive, texts); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d protos written into %s and %s\n", len(texts), dir, archive)
	return err
}

// singleElementList matches an option whose value is a list of one message. protobuf.js cannot read lists of messages in
// options. Such a list means the same without its brackets.
var singleElementList = regexp.MustCompile(`: \[ (\{[^][{}]*\}) \]`)

// file is one .proto file of the bundle.
type file struct{ path, text string }

// bundle gives the contract's files and what they import, ordered by path. The compiler brings google/protobuf itself.
func bundle(contract *descriptorpb.FileDescriptorSet) ([]file, error) {
	for _, each := range contract.GetFile() {
		removeRules(each)
	}
	contract.File = slices.DeleteFunc(contract.GetFile(), func(each *descriptorpb.FileDescriptorProto) bool { return isRules(each.GetName()) })
	// No message of the contract refers to the details of errors, but every error has them.
	details := errdetails.File_google_rpc_error_details_proto
	contract.File = append(contract.File, protodesc.ToFileDescriptorProto(details))
	registry, err := protodesc.NewFiles(contract)
	if err != nil {
		return nil, fmt.Errorf("without its rules the contract does not hold together: %w", err)
	}
	var files []file
	seen := map[string]bool{}
	printer := protoprint.Printer{}
	var visit func(path string) error
	visit = func(path string) error {
		if seen[path] || strings.HasPrefix(path, "google/protobuf/") {
			return nil
		}
		seen[path] = true
		found, err := registry.FindFileByPath(path)
		if err != nil {
			return err
		}
		for i := range found.Imports().Len() {
			if err := visit(found.Imports().Get(i).Path()); err != nil {
				return err
			}
		}
		text, err := printer.PrintProtoToString(found)
		if err != nil {
			return fmt.Errorf("printing %s: %w", path, err)
		}
		if text = singleElementList.ReplaceAllString(text, ": $1"); strings.Contains(text, "[ {") {
			return fmt.Errorf("%s has an option with a list of messages, which protobuf.js cannot read", path)
		}
		files = append(files, file{path, text})
		return nil
	}
	for _, each := range contract.GetFile() {
		if strings.HasPrefix(each.GetName(), contractPackage) || each.GetName() == details.Path() {
			if err := visit(each.GetName()); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

func isRules(path string) bool { return strings.HasPrefix(path, "buf/") || path == rulesFile }

// removeRules takes all options of buf.validate out of a file, and the imports that only they need.
func removeRules(f *descriptorpb.FileDescriptorProto) {
	f.Dependency = slices.DeleteFunc(f.GetDependency(), isRules)
	f.PublicDependency, f.WeakDependency = nil, nil // The contract has none; their numbers would be wrong.
	removeOptions(f.ProtoReflect())
}

// removeOptions goes through a descriptor and removes options of buf.validate wherever they are.
func removeOptions(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsExtension() && strings.HasPrefix(string(field.FullName()), "buf.validate."):
			m.Clear(field)
		case field.IsMap() || field.Message() == nil:
		case field.IsList():
			for i := range value.List().Len() {
				removeOptions(value.List().Get(i).Message())
			}
		default:
			removeOptions(value.Message())
			if field.Name() == "options" && proto.Size(value.Message().Interface()) == 0 {
				m.Clear(field)
			}
		}
		return true
	})
}

func writeFiles(dir string, files []file) error {
	for _, each := range files {
		path := filepath.Join(dir, filepath.FromSlash(each.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(each.text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// writeArchive writes a compressed tar file. The same contract gives the same bytes.
func writeArchive(path string, files []file) (err error) {
	to, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	zip := gzip.NewWriter(to)
	archive := tar.NewWriter(zip)
	for _, each := range files {
		header := &tar.Header{Name: each.path, Mode: 0o644, Size: int64(len(each.text)), ModTime: time.Unix(0, 0).UTC(), Format: tar.FormatPAX}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.WriteString(archive, each.text); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), zip.Close())
}
