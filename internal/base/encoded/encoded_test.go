package encoded_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
)

func TestAMessageWithMoreHasItsOwnForms(t *testing.T) {
	grown := 0
	plain, err := encoded.Of(&durationpb.Duration{Seconds: 3})
	if err != nil {
		t.Fatal(err)
	}
	plain.Forms = encoded.NewForms(func() { grown++ })
	plain.Forms.Keep(&encoded.JSON{Text: []byte(`"3s"`)})
	more := func(nanos int32) *encoded.Message {
		text, err := proto.Marshal(&durationpb.Duration{Nanos: nanos})
		if err != nil {
			t.Fatal(err)
		}
		return plain.With(text)
	}
	once := more(5)
	got, err := once.Decode()
	if err != nil || !proto.Equal(got, &durationpb.Duration{Seconds: 3, Nanos: 5}) {
		t.Errorf("%v %v", got, err)
	}
	if once.Forms != nil {
		t.Error("there is a place for what was asked for once")
	}
	twice := more(5)
	if twice.Forms == nil || twice.Forms == plain.Forms || twice.Forms.JSON() != nil {
		t.Fatalf("%v is not a place of its own", twice.Forms)
	}
	before := plain.Forms.Size()
	twice.Forms.Keep(&encoded.JSON{Text: make([]byte, 1000)})
	if now := plain.Forms.Size(); now != before+1000 || grown != 2 {
		t.Errorf("%d bytes after %d, counted %d times", now, before, grown)
	}
	if third := more(5); third.Forms.JSON() == nil {
		t.Error("what was kept is gone")
	}
	if other := more(6); other.Forms != nil {
		t.Error("something else has the forms of the last")
	}
	if string(plain.Forms.JSON().Text) != `"3s"` {
		t.Errorf("the message itself has %s", plain.Forms.JSON().Text)
	}
	if plain.Forms = nil; more(5).Forms != nil {
		t.Error("forms without a place")
	}
}
