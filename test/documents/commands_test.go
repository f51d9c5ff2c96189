package documents_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/cli"
)

var (
	// commandLine is a command in a code span or in a block, up to a comment, a pipe or the like.
	commandLine = regexp.MustCompile("(?m)(?:^|`)(?:bin/)?zhaohuo ([a-z][^`#|;>\n]*)")
	longFlag    = regexp.MustCompile(`--[a-z][a-z0-9-]*`)
	rpcSpan     = regexp.MustCompile("`(?:zhaohuo\\.v1\\.)?([A-Z][A-Za-z]+Service)[./]([A-Z][A-Za-z]+)`")
	// fieldRow is a row of the tables that give the field for what the tutorial sends or reads.
	fieldRow = regexp.MustCompile("(?m)^\\| `[a-zA-Z_]+`[^|]* \\| ((?:`[a-z_.]+`(?:, |、)?)+) \\|")
)

// TestDocumentsNameCommandsThatExist: each command that a document shows exists, and has the flags it is shown with.
func TestDocumentsNameCommandsThatExist(t *testing.T) {
	helps := map[string]string{}
	for _, document := range documents(t) {
		for _, found := range commandLine.FindAllStringSubmatch(read(t, document), -1) {
			command := strings.Fields(found[1])[:1]
			if rest := strings.Fields(found[1])[1:]; slices.Contains([]string{"admin", "watch", "auth", "keys"}, command[0]) && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
				command = append(command, rest[0])
			}
			name := strings.Join(command, " ")
			if _, known := helps[name]; !known {
				helps[name] = helpOf(t, command)
			}
			if !strings.HasPrefix(helps[name], "Usage: zhaohuo "+name) {
				t.Errorf("%s shows zhaohuo %s, which is no command", document, name)
				continue
			}
			for _, flag := range longFlag.FindAllString(found[1], -1) {
				if !regexp.MustCompile(flag + `\b[^-]`).MatchString(helps[name]) {
					t.Errorf("%s shows zhaohuo %s with %s, which it does not have", document, name, flag)
				}
			}
		}
	}
	if len(helps) < 15 {
		t.Errorf("only %d commands were found: is their form still read?", len(helps))
	}
}

// helpOf is what a command prints with --help.
func helpOf(t *testing.T, command []string) string {
	t.Helper()
	var out, failure bytes.Buffer
	cli.Run(t.Context(), cli.Process{
		Version: "test", Args: slices.Concat([]string{"zhaohuo"}, command, []string{"--help"}), Environ: []string{"LC_ALL=C.UTF-8"},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &failure,
	})
	return out.String()
}

// TestDocumentsNameRPCsThatExist: each RPC that a document names is one of the contract.
func TestDocumentsNameRPCsThatExist(t *testing.T) {
	named := 0
	for _, document := range documents(t) {
		for _, found := range rpcSpan.FindAllStringSubmatch(read(t, document), -1) {
			named++
			name := protoreflect.FullName("zhaohuo.v1." + found[1] + "." + found[2])
			if _, err := protoregistry.GlobalFiles.FindDescriptorByName(name); err != nil {
				t.Errorf("%s names %s: %v", document, name, err)
			}
		}
	}
	if named < 30 {
		t.Errorf("only %d RPCs were found: is their form still read?", named)
	}
}

// TestMigratingNamesFieldsThatExist: what replaces the tutorial's parameters and fields is a field of a search or of a product.
func TestMigratingNamesFieldsThatExist(t *testing.T) {
	messages := []protoreflect.MessageDescriptor{
		(&zhaohuov1.KeywordSearchRequest{}).ProtoReflect().Descriptor(),
		(&zhaohuov1.ImageSearchRequest{}).ProtoReflect().Descriptor(),
		(&zhaohuov1.Product{}).ProtoReflect().Descriptor(),
	}
	named := 0
	for _, row := range fieldRow.FindAllStringSubmatch(read(t, "docs/MIGRATING.md"), -1) {
		for _, span := range codeSpan.FindAllStringSubmatch(row[1], -1) {
			named++
			if !slices.ContainsFunc(messages, func(m protoreflect.MessageDescriptor) bool { return hasField(m, span[1]) }) {
				t.Errorf("no search and no product has a field %s", span[1])
			}
		}
	}
	if named < 20 {
		t.Errorf("only %d fields were found: is their form still read?", named)
	}
}

// hasField reports whether a message has a field, given by its path.
func hasField(m protoreflect.MessageDescriptor, path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		if m == nil {
			return false
		}
		field := m.Fields().ByName(protoreflect.Name(name))
		if field == nil {
			return false
		}
		m = field.Message()
	}
	return true
}

// documents are those that describe the present.
func documents(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(filesNamed(t, "*.md"), func(name string) bool {
		return name == "CHANGELOG.md" || strings.HasPrefix(name, "docs/adr/")
	})
}
