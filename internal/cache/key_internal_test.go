package cache

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

type q = zhaohuov1.KeywordSearchRequest

var searchForm = form{kind: KeywordSearch, defaults: listDefaults(20)}

func keyIn(t testing.TB, s Scope, f form, extra string, m proto.Message) Key {
	t.Helper()
	before := proto.CloneOf(m)
	tidy := canonical(m, f)
	sent := proto.CloneOf(tidy)
	text, err := withDefaults(f, tidy.ProtoReflect())
	if err != nil {
		t.Fatal(err)
	}
	key := keyOf(s.prefix(), f.kind, extra, text)
	if !proto.Equal(before, m) {
		t.Errorf("the question changed: %v", m)
	}
	if !proto.Equal(sent, tidy) {
		t.Errorf("the question that is sent has defaults in it: %v", tidy)
	}
	return key
}

// The ids of photos share the store with answers: what their keys are made of begins as no question's does.
func TestNoQuestionHasThePhotoIDsKind(t *testing.T) {
	if slices.Contains(Kinds(), photoIDs) {
		t.Error("a kind of question is named like the ids of photos")
	}
	scope := Scope{Account: "a"}
	ids := PhotoIDs{prefix: appendText(appendText(scope.prefix(), string(photoIDs)), "b")}
	other := PhotoIDs{prefix: appendText(appendText(scope.prefix(), string(photoIDs)), "bc")}
	if ids.key("cd") == other.key("d") {
		t.Error("App Key and photo run into each other")
	}
}

func TestQuestionsThatMeanTheSameShareAKey(t *testing.T) {
	for name, pair := range map[string][2]*q{
		"page 1":                  {{Keyword: "杯"}, {Keyword: "杯", Page: proto.Int32(1)}},
		"page size 20":            {{Keyword: "杯"}, {Keyword: "杯", PageSize: proto.Int32(20)}},
		"relevance":               {{Keyword: "杯"}, {Keyword: "杯", Sort: zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE}},
		"Chinese":                 {{Keyword: "杯"}, {Keyword: "杯", LanguageCode: "zh"}},
		"10 and 10.00":            {{Keyword: "杯", PriceMin: "10", PriceMax: "99.9"}, {Keyword: "杯", PriceMin: "10.00", PriceMax: "99.90"}},
		"order of filters":        {{Keyword: "杯", Filters: []zhaohuov1.ProductFilter{3, 1, 8}}, {Keyword: "杯", Filters: []zhaohuov1.ProductFilter{8, 3, 1}}},
		"a filter twice":          {{Keyword: "杯", Filters: []zhaohuov1.ProductFilter{3, 1, 3}}, {Keyword: "杯", Filters: []zhaohuov1.ProductFilter{1, 3}}},
		"space around":            {{Keyword: "红 杯"}, {Keyword: "  红 杯\t"}},
		"space within":            {{Keyword: "红 杯"}, {Keyword: "红 \u3000\u00a0 杯"}},
		"composed (NFC)":          {{Keyword: "caf\u00e9"}, {Keyword: "cafe\u0301"}},
		"facets in any order":     {{Keyword: "杯", FacetIds: []string{"10", "2"}}, {Keyword: "杯", FacetIds: []string{"2", "10"}}},
		"categories in any order": {{Keyword: "杯", CategoryIds: []string{"10", "2"}}, {Keyword: "杯", CategoryIds: []string{"2", "10"}}},
		"raw not asked for":       {{Keyword: "杯"}, {Keyword: "杯", IncludeRaw: false}},
		"how old it may be":       {{Keyword: "杯"}, {Keyword: "杯", MaxStaleness: durationpb.New(time.Minute)}},
		"ask the upstream now":    {{Keyword: "杯", MaxStaleness: durationpb.New(0)}, {Keyword: "杯"}},
	} {
		if keyIn(t, Scope{}, searchForm, "", pair[0]) != keyIn(t, Scope{}, searchForm, "", pair[1]) {
			t.Errorf("%s: %v and %v have different keys", name, pair[0], pair[1])
		}
	}
}

func TestQuestionsThatDifferHaveDifferentKeys(t *testing.T) {
	all := map[string]*q{
		"plain":             {Keyword: "杯"},
		"another word":      {Keyword: "杯子"},
		"two words":         {Keyword: "杯 子"},
		"upper case":        {Keyword: "CUP"},
		"lower case":        {Keyword: "cup"},
		"full width":        {Keyword: "ｃｕｐ"},
		"page 2":            {Keyword: "杯", Page: proto.Int32(2)},
		"page size 2":       {Keyword: "杯", PageSize: proto.Int32(2)},
		"both 2":            {Keyword: "杯", Page: proto.Int32(2), PageSize: proto.Int32(2)},
		"price from":        {Keyword: "杯", PriceMin: "10"},
		"price to":          {Keyword: "杯", PriceMax: "10"},
		"a fen more":        {Keyword: "杯", PriceMin: "10.01"},
		"ten times":         {Keyword: "杯", PriceMin: "100"},
		"from nothing":      {Keyword: "杯", PriceMin: "0"},
		"category":          {Keyword: "杯", CategoryId: "10"},
		"facet":             {Keyword: "杯", FacetIds: []string{"10"}},
		"categories":        {Keyword: "杯", CategoryIds: []string{"10"}},
		"two categories":    {Keyword: "杯", CategoryIds: []string{"10", "2"}},
		"region":            {Keyword: "杯", RegionOpp: "10"},
		"another region":    {Keyword: "杯", RegionOpp: "1"},
		"sold in a week":    {Keyword: "杯", Sales: &zhaohuov1.SalesFilter{Week: &zhaohuov1.SalesRange{Min: proto.Int64(10)}}},
		"sold in a month":   {Keyword: "杯", Sales: &zhaohuov1.SalesFilter{Month: &zhaohuov1.SalesRange{Min: proto.Int64(10)}}},
		"sold at most":      {Keyword: "杯", Sales: &zhaohuov1.SalesFilter{Week: &zhaohuov1.SalesRange{Max: proto.Int64(10)}}},
		"sold from nothing": {Keyword: "杯", Sales: &zhaohuov1.SalesFilter{Week: &zhaohuov1.SalesRange{Min: proto.Int64(0), Max: proto.Int64(10)}}},
		"price order":       {Keyword: "杯", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC},
		"a filter":          {Keyword: "杯", Filters: []zhaohuov1.ProductFilter{1}},
		"another filter":    {Keyword: "杯", Filters: []zhaohuov1.ProductFilter{2}},
		"both filters":      {Keyword: "杯", Filters: []zhaohuov1.ProductFilter{1, 2}},
		"English":           {Keyword: "杯", LanguageCode: "en"},
		"Japanese":          {Keyword: "杯", LanguageCode: "ja"},
		"raw":               {Keyword: "杯", IncludeRaw: true},
		"words in a number": {Keyword: "10"},
	}
	seen := map[Key]string{}
	for name, question := range all {
		key := keyIn(t, Scope{}, searchForm, "", question)
		if twin, ok := seen[key]; ok {
			t.Errorf("%s and %s share a key", name, twin)
		}
		seen[key] = name
	}
}

func TestScopesKindsAndPicturesAreApart(t *testing.T) {
	product := &zhaohuov1.GetProductRequest{Id: "1"}
	plain := func(s Scope) Key { return keyIn(t, s, searchForm, "", &q{Keyword: "杯"}) }
	related := form{kind: ListRelatedProducts, defaults: listDefaults(10)}
	keys := map[string]Key{
		"empty":               plain(Scope{}),
		"account":             plain(Scope{Account: "a"}),
		"origin":              plain(Scope{Origin: "a"}),
		"reading":             plain(Scope{Reading: "a"}),
		"aop":                 plain(Scope{Dialect: zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP}),
		"top":                 plain(Scope{Dialect: zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_TOP}),
		"sandbox":             plain(Scope{Sandbox: true}),
		"account, origin":     plain(Scope{Account: "ab", Origin: "c"}),
		"account, origin'":    plain(Scope{Account: "a", Origin: "bc"}),
		"origin, reading":     plain(Scope{Origin: "ab", Reading: "c"}),
		"origin, reading'":    plain(Scope{Origin: "a", Reading: "bc"}),
		"an image":            keyIn(t, Scope{}, form{kind: ImageSearch, defaults: listDefaults(20)}, "url:x", &zhaohuov1.ImageSearchRequest{}),
		"a photo":             keyIn(t, Scope{}, form{kind: ImageSearch, defaults: listDefaults(20)}, "photo:x", &zhaohuov1.ImageSearchRequest{}),
		"a product":           keyIn(t, Scope{}, form{kind: GetProduct}, "", product),
		"in another currency": keyIn(t, Scope{}, form{kind: GetProduct}, "", &zhaohuov1.GetProductRequest{Id: "1", Currency: "HKD"}),
		"for a member":        keyIn(t, Scope{}, form{kind: GetProduct}, "", &zhaohuov1.GetProductRequest{Id: "1", OutMemberId: "HKD"}),
		"with a title":        keyIn(t, Scope{}, form{kind: ImageSearch, defaults: listDefaults(20)}, "url:x", &zhaohuov1.ImageSearchRequest{ItemTitle: "a"}),
		"with a hint":         keyIn(t, Scope{}, form{kind: ImageSearch, defaults: listDefaults(20)}, "url:x", &zhaohuov1.ImageSearchRequest{AuxiliaryText: "a"}),
		"its freight":         keyIn(t, Scope{}, form{kind: EstimateFreight}, "", &zhaohuov1.EstimateFreightRequest{Id: "1"}),
		"its relatives":       keyIn(t, Scope{}, related, "", &zhaohuov1.ListRelatedProductsRequest{Id: "1"}),
	}
	seen := map[Key]string{}
	for name, key := range keys {
		if twin, ok := seen[key]; ok {
			t.Errorf("%s and %s share a key", name, twin)
		}
		seen[key] = name
	}
	ten := keyIn(t, Scope{}, related, "", &zhaohuov1.ListRelatedProductsRequest{Id: "1", PageSize: proto.Int32(10)})
	if ten != keys["its relatives"] {
		t.Error("the default of related goods is a page of 10")
	}
}

// A change of this key means that everything kept is asked for again. It is allowed, but not by accident.
func TestTheKeyIsPinned(t *testing.T) {
	scope := Scope{Account: "main", Dialect: zhaohuov1.UpstreamDialect_UPSTREAM_DIALECT_AOP, Origin: "https://gw.open.1688.com"}
	got := keyIn(t, scope, searchForm, "", &q{
		Keyword: " 连衣裙 ", PriceMin: "10.00", Filters: []zhaohuov1.ProductFilter{3, 1}, LanguageCode: "en", IncludeRaw: true,
	}).String()
	if want := "27019a6843bf423899357faa9f3f84ea"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAnEntryOfAnotherVersionIsNone(t *testing.T) {
	e := append(newEntry(shapeAnswer, zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, time.Unix(1, 2), time.Unix(3, 4), 4), "body"...).sealed()
	unsummed := append([]byte{unsummedFormat}, e[1:sumAt]...)
	for name, b := range map[string][]byte{"this": e, "the format before": append(unsummed, "body"...)} {
		got, ok := entryOf(b)
		if !ok || !got.at().Equal(time.Unix(1, 2)) || !got.until().Equal(time.Unix(3, 4)) || got.source() != zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE ||
			string(got.body()) != "body" {
			t.Errorf("%s: an entry is not what it was: %v", name, b)
		}
	}
	for name, b := range map[string][]byte{
		"nothing":        nil,
		"half a header":  e[:headerSize-1],
		"no sum":         e[:sumAt],
		"another format": append([]byte{entryFormat + 1}, e[1:]...),
		"another shape":  append([]byte{unsummedFormat, shapeNotFound + 1}, e[2:]...),
	} {
		if _, ok := entryOf(b); ok {
			t.Errorf("%s was read", name)
		}
	}
	for i := range e { // Whatever byte changes, it is noticed.
		changed := bytes.Clone(e)
		changed[i] ^= 0x40
		if _, ok := entryOf(changed); ok {
			t.Errorf("byte %d may change", i)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add(" 连衣裙\u3000夏 ", "10.00", "99", int32(0), uint8(3))
	f.Add("cafe\u0301", "", "x", int32(7), uint8(0))
	f.Fuzz(func(t *testing.T, keyword, low, high string, page int32, filters uint8) {
		question := &q{Keyword: keyword, PriceMin: low, PriceMax: high, Page: proto.Int32(page)}
		for i := range filters % 8 {
			question.Filters = append(question.Filters, zhaohuov1.ProductFilter(1+(filters+i*5)%27))
		}
		once := canonical(question, searchForm)
		text, err := withDefaults(searchForm, once.ProtoReflect())
		if err != nil {
			return // A text that is not UTF-8 has no wire form.
		}
		twice := canonical(once, searchForm)
		second, err := withDefaults(searchForm, twice.ProtoReflect())
		if err != nil || !bytes.Equal(text, second) || !proto.Equal(once, twice) {
			t.Fatalf("tidying twice differs: %v, %v", once, twice)
		}
	})
}

func FuzzEntry(f *testing.F) {
	f.Add([]byte(newEntry(shapeNotFound, 0, time.Unix(1, 0), time.Unix(2, 0), 0)))
	f.Add([]byte{1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, ok := entryOf(b)
		if !ok {
			return
		}
		a, err := decodeAnswer[*zhaohuov1.GetProductResponse](e, &zhaohuov1.AnswerMeta{})
		if (a == nil) == (err == nil) {
			t.Fatalf("neither an answer nor a fault: %v, %v", a, err)
		}
	})
}
