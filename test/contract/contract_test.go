// Package contract_test checks rules of the contract that buf lint does not know, over the descriptors of every file.
package contract_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const contractPackage = "zhaohuo.v1"

// restBody is the body of the only request that exists in REST alone.
const restBody = "zhaohuo.v1.BatchImageSearchBody"

// files lists every file of the contract.
func files(t *testing.T) []protoreflect.FileDescriptor {
	t.Helper()
	var all []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFilesByPackage(contractPackage, func(f protoreflect.FileDescriptor) bool {
		all = append(all, f)
		return true
	})
	if len(all) < 20 {
		t.Fatalf("only %d files of %s are registered", len(all), contractPackage)
	}
	return all
}

// requests lists every message that a caller can send, including nested ones.
func requests(t *testing.T) []protoreflect.MessageDescriptor {
	t.Helper()
	var all []protoreflect.MessageDescriptor
	var add func(m protoreflect.MessageDescriptor)
	add = func(m protoreflect.MessageDescriptor) {
		if m.IsMapEntry() || m.ParentFile().Package() != contractPackage || slices.Contains(all, m) {
			return
		}
		all = append(all, m)
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			if inner := field.Message(); inner != nil && !slices.Contains(behaviors(field), annotations.FieldBehavior_OUTPUT_ONLY) {
				add(inner)
			}
		}
	}
	for _, f := range files(t) {
		for i := range f.Services().Len() {
			for j := range f.Services().Get(i).Methods().Len() {
				add(f.Services().Get(i).Methods().Get(j).Input())
			}
		}
	}
	body, err := protoregistry.GlobalFiles.FindDescriptorByName(restBody)
	if err != nil {
		t.Fatal(err)
	}
	add(body.(protoreflect.MessageDescriptor))
	return all
}

// A name of one word clashes with a keyword, a macro or another library's type once it is imported into C++, Python or PHP.
// Product and Supplier are what 1688 itself has, and keep the plain noun. They are released, so they cannot change.
func TestTopLevelNamesHaveTwoWords(t *testing.T) {
	twoWords := regexp.MustCompile(`^[A-Z][a-z0-9]+[A-Z]`)
	check := func(d protoreflect.Descriptor) {
		plain := []protoreflect.Name{"Product", "Supplier"}
		if name := d.Name(); !twoWords.MatchString(string(name)) && !slices.Contains(plain, name) {
			t.Errorf("%s: prefix the name: a single word clashes in other languages", d.FullName())
		}
	}
	for _, f := range files(t) {
		for i := range f.Messages().Len() {
			check(f.Messages().Get(i))
		}
		for i := range f.Enums().Len() {
			check(f.Enums().Get(i))
		}
	}
}

// Every file names its packages itself, so that plain protoc makes the same code as buf.
func TestFilesNameTheirPackages(t *testing.T) {
	for _, f := range files(t) {
		options, _ := f.Options().(*descriptorpb.FileOptions)
		if options.GetGoPackage() != "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1;zhaohuov1" || options.GetJavaPackage() != "dev.zhaohuo.v1" ||
			!options.GetJavaMultipleFiles() || options.GetCsharpNamespace() != "Zhaohuo.V1" || options.GetPhpNamespace() != `Zhaohuo\V1` {
			t.Errorf("%s: go_package, java_package, java_multiple_files, csharp_namespace or php_namespace is missing: %v", f.Path(), options)
		}
	}
}

// Every field of a request declares whether it is required. The fields for which an empty request is refused are REQUIRED.
func TestRequestFieldsDeclareTheirBehavior(t *testing.T) {
	for _, m := range requests(t) {
		refused := refusedWhenEmpty(t, m)
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			behavior := behaviors(field)
			switch {
			case len(behavior) != 1:
				t.Errorf("%s: field_behavior is %v, want REQUIRED, OPTIONAL or, in a resource, OUTPUT_ONLY", field.FullName(), behavior)
			case behavior[0] == annotations.FieldBehavior_OUTPUT_ONLY && strings.HasSuffix(string(m.Name()), "Request"):
				t.Errorf("%s: a request has no OUTPUT_ONLY field", field.FullName())
			case refused[field.Name()] && behavior[0] != annotations.FieldBehavior_REQUIRED:
				t.Errorf("%s: a request without it is refused, but it says %v", field.FullName(), behavior)
			}
		}
	}
}

func behaviors(field protoreflect.FieldDescriptor) []annotations.FieldBehavior {
	all, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return all
}

// refusedWhenEmpty lists the fields for which an empty message is refused.
func refusedWhenEmpty(t *testing.T, m protoreflect.MessageDescriptor) map[protoreflect.Name]bool {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(m.FullName())
	if err != nil {
		t.Fatal(err)
	}
	refused := map[protoreflect.Name]bool{}
	if invalid, ok := errors.AsType[*protovalidate.ValidationError](protovalidate.Validate(kind.New().Interface())); ok {
		for _, violation := range invalid.Violations {
			if elements := violation.Proto.GetField().GetElements(); len(elements) > 0 {
				refused[protoreflect.Name(elements[0].GetFieldName())] = true
			}
		}
	}
	return refused
}

// Patterns, lists of words and expressions are defined once in rules.proto, and fields refer to them.
func TestNoPatternIsRepeated(t *testing.T) {
	for _, m := range requests(t) {
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			rules, _ := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
			for rules != nil {
				s := rules.GetString()
				if len(rules.GetCel()) > 0 || len(rules.GetCelExpression()) > 0 || s.HasPattern() || len(s.GetIn()) > 0 || len(s.GetNotIn()) > 0 {
					t.Errorf("%s: make the rule a predefined one in rules.proto", field.FullName())
				}
				rules = rules.GetRepeated().GetItems()
			}
		}
	}
	expressions := map[string]protoreflect.FullName{}
	for _, f := range files(t) {
		for i := range f.Extensions().Len() {
			rule := f.Extensions().Get(i)
			predefined, _ := proto.GetExtension(rule.Options(), validate.E_Predefined).(*validate.PredefinedRules)
			for _, cel := range predefined.GetCel() {
				expression := string(rule.ContainingMessage().FullName()) + " " + cel.GetExpression()
				if other := expressions[expression]; other != "" {
					t.Errorf("%s and %s are one rule", rule.FullName(), other)
				}
				expressions[expression] = rule.FullName()
			}
		}
	}
	if len(expressions) < 8 {
		t.Errorf("only %d predefined rules were found", len(expressions))
	}
}

// A list of enum values may be longer than the enum is today, so that a new value does not break an old server or client.
func TestListsOfEnumsAllowNewValues(t *testing.T) {
	lists := 0
	for _, m := range requests(t) {
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			if field.Kind() != protoreflect.EnumKind || !field.IsList() {
				continue
			}
			lists++
			rules, _ := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
			if most := rules.GetRepeated().GetMaxItems(); most < 2*uint64(field.Enum().Values().Len()) {
				t.Errorf("%s: takes %d of %d values, which leaves too little room for new ones", field.FullName(), most, field.Enum().Values().Len())
			}
		}
	}
	if lists == 0 {
		t.Error("no list of enum values was found")
	}
}
