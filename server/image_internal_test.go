package server

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// filled sets every field of a message to something that is not its default.
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
	t.Fatalf("%s is of a kind this test does not know", field.FullName())
	return protoreflect.Value{}
}

// carried tells that all fields of the one message are in the other, but for those that are named.
func carried(t *testing.T, from, to proto.Message, but ...string) {
	t.Helper()
	left := map[string]bool{}
	for _, name := range but {
		left[name] = true
	}
	a, b := from.ProtoReflect(), to.ProtoReflect()
	for i := range a.Descriptor().Fields().Len() {
		field := a.Descriptor().Fields().Get(i)
		twin := b.Descriptor().Fields().ByName(field.Name())
		switch {
		case left[string(field.Name())]:
			delete(left, string(field.Name()))
		case twin == nil:
			t.Errorf("%s has no %s", b.Descriptor().Name(), field.Name())
		case !b.Has(twin) || !a.Get(field).Equal(b.Get(twin)):
			t.Errorf("%s is not carried over: %v, want %v", field.Name(), b.Get(twin), a.Get(field))
		}
	}
	for name := range left {
		t.Errorf("%s has no %s to leave out", a.Descriptor().Name(), name)
	}
}

func TestEveryOptionIsCarriedOver(t *testing.T) {
	options := &zhaohuov1.ImageSearchOptions{}
	filled(t, options)
	request := imageRequestOf(options)
	carried(t, options, request)
	carried(t, request, options, "image_url", "image_content", "image_id")
	if diff := cmp.Diff(&zhaohuov1.ImageSearchRequest{}, imageRequestOf(&zhaohuov1.ImageSearchOptions{}), protocmp.Transform()); diff != "" {
		t.Errorf("of nothing comes something (-want +got):\n%s", diff)
	}
}

func TestEveryAnswerFieldIsCarriedOver(t *testing.T) {
	answer := &zhaohuov1.ImageSearchResponse{}
	filled(t, answer)
	upload := uploadAnswerOf(answer, "img_x", time.Unix(7, 0))
	carried(t, answer, upload)
	carried(t, upload, answer, "image_id", "expires_at")
	if upload.GetImageId() != "img_x" || upload.GetExpiresAt().GetSeconds() != 7 {
		t.Errorf("%v", upload)
	}
	if empty := uploadAnswerOf(&zhaohuov1.ImageSearchResponse{}, "", time.Time{}); empty.Total != nil {
		t.Error("unknown is zero")
	}
}

func TestWithoutPicture(t *testing.T) {
	q := &zhaohuov1.ImageSearchRequest{}
	filled(t, q)
	plain := withoutPicture(q)
	carried(t, q, plain, "image_url", "image_content", "image_id")
	if plain.GetImageUrl() != "" || plain.GetImageContent() != nil || plain.GetImageId() != "" {
		t.Errorf("%v", plain)
	}
}
