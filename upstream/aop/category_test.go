package aop_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

func TestEncodeCategories(t *testing.T) {
	d := aop.New(aop.Config{})
	found, err := d.FindCategories.Encode(&zhaohuov1.FindCategoriesRequest{Name: "连衣裙", LanguageCode: "zh"})
	want := upstream.Call{API: crossborder + "category.translation.getByKeyword-1", Params: []upstream.Param{
		{Name: "language", Value: "en"}, {Name: "cateName", Value: "连衣裙"},
	}}
	if diff := cmp.Diff(want, found); err != nil || diff != "" {
		t.Errorf("by name: %v (-want +got):\n%s", err, diff)
	}
	one, err := d.GetCategory.Encode(&zhaohuov1.GetCategoryRequest{Id: "0", LanguageCode: "ja"})
	want = upstream.Call{API: crossborder + "category.translation.getById-1", Params: []upstream.Param{
		{Name: "language", Value: "ja"}, {Name: "categoryId", Value: "0"},
	}}
	if diff := cmp.Diff(want, one); err != nil || diff != "" {
		t.Errorf("by id: %v (-want +got):\n%s", err, diff)
	}
}

// dress is the published sample of a category, in the two forms that leaf and parentCateId have.
func dress(translated *string) *zhaohuov1.ProductCategory {
	return &zhaohuov1.ProductCategory{
		Id: "1031910", Name: "连衣裙", NameTranslated: translated, Leaf: proto.Bool(false), Level: proto.Int32(2), ParentId: proto.String("10166"),
	}
}

const (
	// dressSample is the printed sample of getById: the category beside the envelope's members, with no list of children
	// although it is no leaf.
	dressSample = `{"result":{"fromCache":true,"children":null,"level":"2","chineseName":"连衣裙","language":"ja","leaf":false,
		"translatedName":"ワンピース","categoryId":1031910,"parentCateId":10166},"success":true,"code":"S0000","message":"成功"}`
	// dressTexts is the same as its schema has it.
	dressTexts = `{"fromCache":true,"level":"2","chineseName":"连衣裙","language":"ja","leaf":"false","translatedName":"ワンピース",
		"categoryId":1031910,"parentCateId":"10166"`
)

func TestDecodeGetCategory(t *testing.T) {
	d := aop.New(aop.Config{})
	japanese := proto.String("ワンピース")
	wrap := func(category string) string {
		return `{"result":{"success":true,"code":"S0000","message":"成功","result":` + category + `}}`
	}
	for _, c := range []struct {
		name, body, language string
		want                 *zhaohuov1.GetCategoryResponse
	}{
		{"the printed sample", dressSample, "ja", &zhaohuov1.GetCategoryResponse{Category: dress(japanese), ChildrenUnknown: true}},
		{
			"the schema, with children", wrap(dressTexts + `,"children":[{"categoryId":7,"chineseName":"短裙","translatedName":"ミニ","leaf":true,"level":"3","parentCateId":1031910}]}`), "ja",
			&zhaohuov1.GetCategoryResponse{Category: dress(japanese), Children: []*zhaohuov1.ProductCategory{{
				Id: "7", Name: "短裙", NameTranslated: proto.String("ミニ"), Leaf: proto.Bool(true), Level: proto.Int32(3), ParentId: proto.String("1031910"),
			}}},
		},
		{"untranslated, no children", wrap(dressTexts + `,"children":[]}`), "", &zhaohuov1.GetCategoryResponse{Category: dress(nil)}},
		{
			"a leaf with null", wrap(`{"categoryId":"7","chineseName":"短裙","leaf":"true","children":null}`), "",
			&zhaohuov1.GetCategoryResponse{Category: &zhaohuov1.ProductCategory{Id: "7", Name: "短裙", Leaf: proto.Bool(true)}},
		},
		{
			"the root, of which little is said", wrap(`{"categoryId":0,"leaf":"","level":"x","parentCateId":""}`), "en",
			&zhaohuov1.GetCategoryResponse{Category: &zhaohuov1.ProductCategory{Id: "0"}, ChildrenUnknown: true},
		},
	} {
		payload, err := d.Wire.Open(upstream.Call{}, 200, []byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got, err := d.GetCategory.Decode(&zhaohuov1.GetCategoryRequest{LanguageCode: c.language}, payload)
		if diff := cmp.Diff(c.want, got, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
	for _, body := range []string{`[]`, `7`, `{}`, `{"categoryId":"x"}`, `{"categoryId":7,"children":[{"chineseName":"裙"}]}`} {
		payload, err := d.Wire.Open(upstream.Call{}, 200, []byte(wrap(body)))
		if err == nil {
			_, err = d.GetCategory.Decode(&zhaohuov1.GetCategoryRequest{}, payload)
		}
		if fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func TestDecodeFindCategories(t *testing.T) {
	d := aop.New(aop.Config{})
	decode := func(list string) (*zhaohuov1.FindCategoriesResponse, error) {
		payload, err := d.Wire.Open(upstream.Call{}, 200, []byte(`{"result":{"success":true,"code":"200","result":`+list+`}}`))
		if err != nil {
			return nil, err
		}
		return d.FindCategories.Decode(&zhaohuov1.FindCategoriesRequest{LanguageCode: "ja"}, payload)
	}
	got, err := decode(`[` + dressTexts + `}]`)
	want := &zhaohuov1.FindCategoriesResponse{Categories: []*zhaohuov1.ProductCategory{dress(proto.String("ワンピース"))}}
	if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err := decode(`[]`); err != nil || got.GetCategories() != nil {
		t.Errorf("no category: %v, %v", got, err)
	}
	for _, list := range []string{`{}`, `null`, `[{"chineseName":"裙"}]`} {
		if got, err := decode(list); fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: %v, %v", list, got, err)
		}
	}
}
