// Package contract_test checks rules of the contract that buf lint does not know, over the descriptors of every file.
package contract_test

import (
	"regexp"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const contractPackage = "zhaohuo.v1"

// files gives every file of the contract.
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

// A name of one word clashes with a keyword, a macro or another library's type once it is imported into C++, Python or PHP.
// Product and Supplier are the two resources of the contract and keep the plain noun.
func TestTopLevelNamesHaveTwoWords(t *testing.T) {
	twoWords := regexp.MustCompile(`^[A-Z][a-z0-9]+[A-Z]`)
	check := func(d protoreflect.Descriptor) {
		if name := string(d.Name()); !twoWords.MatchString(name) && name != "Product" && name != "Supplier" {
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
