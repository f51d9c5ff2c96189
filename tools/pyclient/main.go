// Command pyclient writes the generated part of clients/python: messages with their types, stubs, and a typed class for each
// service. It runs Debian's protoc and grpc_python_plugin.
//
// Custom options are left out, and with them the files that declare them (buf/validate, google/api): a client needs none of
// them, and a program that also has them from another package could not load both. What the contract uses of google/rpc and
// google/type goes into a package of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

const contractFolder = "zhaohuo/v1"

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pyclient:", err)
		os.Exit(1)
	}
}

// run reads the compiled contract, which must have comments, and writes into the folder of sources, such as
// clients/python/src. It replaces what it wrote before.
func run(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: pyclient CONTRACT.binpb SOURCES")
	}
	contract, err := read(args[0])
	if err != nil {
		return err
	}
	sources := args[1]
	registry, err := protodesc.NewFiles(contract)
	if err != nil {
		return fmt.Errorf("without custom options the contract does not hold together: %w", err)
	}
	made, err := os.MkdirTemp("", "pyclient")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(made) }()
	if err := protoc(ctx, contract, made); err != nil {
		return err
	}
	if err := install(made, sources); err != nil {
		return err
	}
	return writeOwn(registry, sources)
}

// read gives the contract with the details of errors, and without custom options.
func read(path string) (*descriptorpb.FileDescriptorSet, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	contract := &descriptorpb.FileDescriptorSet{}
	// Without a resolver custom options are unknown fields.
	if err := (proto.UnmarshalOptions{Resolver: new(protoregistry.Types)}).Unmarshal(data, contract); err != nil {
		return nil, fmt.Errorf("%s is no compiled contract: %w", path, err)
	}
	contract.File = append(contract.GetFile(), protodesc.ToFileDescriptorProto(errdetails.File_google_rpc_error_details_proto))
	contract.File = slices.DeleteFunc(contract.GetFile(), func(f *descriptorpb.FileDescriptorProto) bool { return declaresOptions(f.GetName()) })
	for _, f := range contract.GetFile() {
		f.Dependency = slices.DeleteFunc(f.GetDependency(), declaresOptions)
		f.PublicDependency, f.WeakDependency = nil, nil // There are none; their numbers would be wrong.
		withoutUnknown(f.ProtoReflect())
	}
	return contract, nil
}

// declaresOptions reports whether a file has nothing but options, or what they are made of.
func declaresOptions(path string) bool {
	return strings.HasPrefix(path, "buf/") || strings.HasPrefix(path, "google/api/") || strings.HasPrefix(path, "protoc-gen-openapi") ||
		path == contractFolder+"/rules.proto"
}

// withoutUnknown removes unknown fields, and options that have no others.
func withoutUnknown(m protoreflect.Message) {
	m.SetUnknown(nil)
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap() || field.Message() == nil:
		case field.IsList():
			for i := range value.List().Len() {
				withoutUnknown(value.List().Get(i).Message())
			}
		default:
			withoutUnknown(value.Message())
			if field.Name() == "options" && proto.Size(value.Message().Interface()) == 0 {
				m.Clear(field)
			}
		}
		return true
	})
}

// protoc generates messages for all files, and stubs for files with services.
func protoc(ctx context.Context, contract *descriptorpb.FileDescriptorSet, to string) error {
	var all, services []string
	for _, f := range contract.GetFile() {
		if strings.HasPrefix(f.GetName(), "google/protobuf/") {
			continue // The library has them.
		}
		all = append(all, f.GetName())
		if len(f.GetService()) > 0 {
			services = append(services, f.GetName())
		}
	}
	slices.Sort(all)
	data, err := proto.Marshal(contract)
	if err != nil {
		return err
	}
	set := filepath.Join(to, "contract.binpb")
	if err := os.WriteFile(set, data, 0o600); err != nil {
		return err
	}
	defer func() { _ = os.Remove(set) }()
	plugin, err := exec.LookPath("grpc_python_plugin")
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		append([]string{"--python_out=" + to, "--pyi_out=" + to}, all...),
		append([]string{"--plugin=protoc-gen-grpc_python=" + plugin, "--grpc_python_out=" + to}, services...),
	} {
		//nolint:gosec // The arguments are names of the contract's files.
		printed, err := exec.CommandContext(ctx, "protoc", append([]string{"--descriptor_set_in=" + set}, args...)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("protoc: %w\n%s", err, printed)
		}
	}
	return nil
}

// sharedFolder is where files go that other packages may bring too.
const sharedFolder = "zhaohuo/_google"

var sharedImport = regexp.MustCompile(`(?m)^from google\.(rpc|type) import (\w+_pb2) as `)

// install puts what protoc made where the package has it.
func install(made, sources string) error {
	if err := os.RemoveAll(filepath.Join(sources, contractFolder)); err != nil {
		return err
	}
	for _, folder := range []string{"rpc", "type"} {
		if err := os.RemoveAll(filepath.Join(sources, sharedFolder, folder)); err != nil {
			return err
		}
	}
	return filepath.WalkDir(made, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(made, path)
		if err != nil {
			return err
		}
		text, err := fs.ReadFile(os.DirFS(made), filepath.ToSlash(name))
		if err != nil {
			return err
		}
		to := "from zhaohuo._google import $2 as "
		if strings.HasSuffix(name, ".pyi") {
			to = "from zhaohuo._google.$1 import $2 as " // A module of which types can be read.
		}
		text = sharedImport.ReplaceAll(text, []byte(to))
		if rest, shared := strings.CutPrefix(name, "google/"); shared {
			name = filepath.Join(sharedFolder, rest)
			if err := write(filepath.Join(sources, filepath.Dir(name), "__init__.py"), head); err != nil {
				return err
			}
		}
		return write(filepath.Join(sources, name), string(text))
	})
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
