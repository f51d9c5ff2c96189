package contract_test

import (
	"slices"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// about are the fields of KeywordSearchRequest that are not criteria: the words, and the requested part of the list.
var about = []protoreflect.Name{"keyword", "page", "page_size"}

// wordsOnly is why a search that is not by words lacks a criterion.
const wordsOnly = "AOP documents it for its search by words alone"

// lacking are the criteria that a search does not have, with the reason.
var lacking = map[protoreflect.Name]map[protoreflect.Name]string{
	"ImageSearchRequest": {
		"facet_ids": "facets belong to a keyword: no dialect's search by image has them", "category_ids": wordsOnly, "sales": wordsOnly,
		"region_opp": wordsOnly,
	},
	"ImageSearchOptions": {
		"facet_ids": "as in ImageSearchRequest", "category_ids": wordsOnly, "sales": wordsOnly, "region_opp": wordsOnly,
	},
	"ListSellerProductsRequest": {
		"facet_ids": "facets belong to a keyword: no dialect's list of a seller's goods has them", "category_ids": wordsOnly, "sales": wordsOnly,
		"region_opp": wordsOnly,
	},
}

// searches are the requests of all RPCs that search products. A stream's criteria are in its options.
func searches() []protoreflect.MessageDescriptor {
	var all []protoreflect.MessageDescriptor
	for _, method := range contract.Methods() {
		service := method.Parent().Name()
		if service != "SearchService" && service != "ComboService" && method.Name() != "ListSellerProducts" {
			continue
		}
		request := method.Input()
		if options := request.Fields().ByName("options"); options != nil {
			request = options.Message()
		}
		if !slices.Contains(all, request) {
			all = append(all, request)
		}
	}
	return all
}

// TestEverySearchHasTheSameCriteria: by name, type and bounds.
func TestEverySearchHasTheSameCriteria(t *testing.T) {
	all := searches()
	if len(all) < 9 {
		t.Fatalf("only %d searches were found", len(all))
	}
	reference := (&zhaohuov1.KeywordSearchRequest{}).ProtoReflect().Descriptor().Fields()
	for _, request := range all {
		missing := map[protoreflect.Name]bool{}
		for i := range reference.Len() {
			want := reference.Get(i)
			if slices.Contains(about, want.Name()) {
				continue
			}
			got := request.Fields().ByName(want.Name())
			switch {
			case got == nil:
				missing[want.Name()] = true
			case typeOf(got) != typeOf(want):
				t.Errorf("%s is %s, and %s is %s", got.FullName(), typeOf(got), want.FullName(), typeOf(want))
			case !proto.Equal(got.Options(), want.Options()):
				t.Errorf("%s has other options than %s: %v, %v", got.FullName(), want.FullName(), got.Options(), want.Options())
			}
		}
		for name := range missing {
			if lacking[request.Name()][name] == "" {
				t.Errorf("%s has no %s, and no reason is given", request.Name(), name)
			}
		}
		for name := range lacking[request.Name()] {
			if !missing[name] {
				t.Errorf("%s has %s: the reason for its absence is out of date", request.Name(), name)
			}
		}
	}
}

// typeOf is a field's type as in a proto file.
func typeOf(field protoreflect.FieldDescriptor) string {
	text := field.Kind().String()
	switch {
	case field.Message() != nil:
		text = string(field.Message().FullName())
	case field.Enum() != nil:
		text = string(field.Enum().FullName())
	}
	switch {
	case field.IsList():
		text = "repeated " + text
	case field.HasOptionalKeyword():
		text = "optional " + text
	}
	return text
}

// outputOnly is whether a caller cannot set a field of a message that requests and answers share.
func outputOnly(field protoreflect.FieldDescriptor) bool {
	behaviors, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviors, annotations.FieldBehavior_OUTPUT_ONLY)
}

// TestEveryImageIsOfOneShape: a request has images as ImageSource, in a field named image.
func TestEveryImageIsOfOneShape(t *testing.T) {
	shape := (&zhaohuov1.ImageSource{}).ProtoReflect().Descriptor()
	found := 0
	var walk func(m protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool)
	walk = func(m protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) {
		if seen[m.FullName()] || m.FullName() == shape.FullName() {
			return
		}
		seen[m.FullName()] = true
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			if outputOnly(field) {
				continue
			}
			switch field.Name() {
			case "image_url", "image_content", "image_id":
				t.Errorf("%s: an image in a request must be an ImageSource", field.FullName())
			}
			if field.Message() == nil {
				continue
			}
			if field.Message().FullName() == shape.FullName() {
				found++
				if field.Name() != "image" {
					t.Errorf("%s must be named image", field.FullName())
				}
			}
			walk(field.Message(), seen)
		}
	}
	for _, method := range contract.Methods() {
		walk(method.Input(), map[protoreflect.FullName]bool{})
	}
	if found < 5 {
		t.Errorf("only %d images were found", found)
	}
}
