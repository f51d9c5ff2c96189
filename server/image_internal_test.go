package server

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
)

// filled sets every field of a message to a value other than its default.
func filled(t *testing.T, m proto.Message) {
	t.Helper()
	fields := m.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch {
		case field.IsList() && field.Kind() == protoreflect.EnumKind:
			m.ProtoReflect().Mutable(field).List().Append(protoreflect.ValueOfEnum(1))
		case field.IsList():
			m.ProtoReflect().Mutable(field).List().AppendMutable()
		case field.Message() != nil:
			m.ProtoReflect().Mutable(field)
		default:
			m.ProtoReflect().Set(field, value(t, field, i+1))
		}
	}
}

func value(t *testing.T, field protoreflect.FieldDescriptor, n int) protoreflect.Value {
	t.Helper()
	switch field.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(string(field.Name()))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(field.Name()))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(n))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(n))
	}
	t.Fatalf("%s has a kind that this test does not support", field.FullName())
	return protoreflect.Value{}
}

// carried checks that all fields of one message are in the other, except the named ones.
func carried(t *testing.T, from, to proto.Message, but ...string) {
	t.Helper()
	left := map[string]bool{}
	for _, name := range but {
		left[name] = true
	}
	a, b := from.ProtoReflect(), to.ProtoReflect()
	for i := range a.Descriptor().Fields().Len() {
		field := a.Descriptor().Fields().Get(i)
		counterpart := b.Descriptor().Fields().ByName(field.Name())
		switch {
		case left[string(field.Name())]:
			delete(left, string(field.Name()))
		case counterpart == nil:
			t.Errorf("%s has no %s", b.Descriptor().Name(), field.Name())
		case !b.Has(counterpart) || !a.Get(field).Equal(b.Get(counterpart)):
			t.Errorf("%s is not copied: %v, want %v", field.Name(), b.Get(counterpart), a.Get(field))
		}
	}
	for name := range left {
		t.Errorf("%s has no %s to leave out", a.Descriptor().Name(), name)
	}
}

func TestEveryOptionIsCopied(t *testing.T) {
	options := &zhaohuov1.ImageSearchOptions{}
	filled(t, options)
	request := imageRequestOf(options)
	carried(t, options, request)
	carried(t, request, options, "image")
	if diff := cmp.Diff(&zhaohuov1.ImageSearchRequest{}, imageRequestOf(&zhaohuov1.ImageSearchOptions{}), protocmp.Transform()); diff != "" {
		t.Errorf("an empty message does not stay empty (-want +got):\n%s", diff)
	}
}

// TestWithID: an answer with an id loses nothing, and the original answer, which another caller may share, does not
// change.
func TestWithID(t *testing.T) {
	answer := &zhaohuov1.ImageSearchResponse{}
	filled(t, answer)
	answer.ImageId, answer.ExpireTime = "", nil
	before := proto.CloneOf(answer)
	store, err := photo.New(photo.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	if err := png.Encode(&content, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	kept, err := store.KeepBytes(t.Context(), "", content.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Release()
	own := withID(answer, kept)
	if own.GetImageId() != kept.ID() || !own.GetExpireTime().AsTime().Equal(kept.Expires()) {
		t.Errorf("%v", own)
	}
	own.ImageId, own.ExpireTime = "", nil
	for got, what := range map[*zhaohuov1.ImageSearchResponse]string{own: "the answer with an id", answer: "the answer", withID(answer, nil): "without an id"} {
		if diff := cmp.Diff(before, got, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

func TestWithoutPicture(t *testing.T) {
	q := &zhaohuov1.ImageSearchRequest{}
	filled(t, q)
	plain := withoutPicture(q)
	carried(t, q, plain, "image")
	if plain.GetImage() != nil {
		t.Errorf("%v", plain)
	}
}
