package door

import (
	"bytes"
	"testing"

	"golang.org/x/net/http2"
	"pgregory.net/rapid"
)

// TestFramesAreFollowed: however a connection's bytes are split into reads, every frame is seen, and the content of
// DATA frames.
func TestFramesAreFollowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var wire bytes.Buffer
		wire.WriteString(preface)
		framer := http2.NewFramer(&wire, nil)
		framer.AllowIllegalWrites = true
		want := map[uint32][]byte{}
		var kinds []byte
		for i := range rapid.IntRange(1, 20).Draw(t, "frames") {
			stream := uint32(1 + 2*rapid.IntRange(0, 3).Draw(t, "stream"))
			content := bytes.Repeat([]byte{byte(i)}, rapid.IntRange(0, 300).Draw(t, "size"))
			var err error
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				err = framer.WriteData(stream, false, content)
				want[stream], kinds = append(want[stream], content...), append(kinds, frameData)
			case 1:
				err = framer.WriteDataPadded(stream, false, content, make([]byte, rapid.IntRange(0, 255).Draw(t, "padding")))
				want[stream], kinds = append(want[stream], content...), append(kinds, frameData)
			case 2:
				err = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: content, EndHeaders: true, PadLength: 3})
				kinds = append(kinds, frameHeaders)
			case 3:
				err = framer.WriteRSTStream(stream, http2.ErrCodeCancel)
				kinds = append(kinds, frameReset)
			default:
				err = framer.WritePing(false, [8]byte{})
				kinds = append(kinds, byte(http2.FramePing))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		f := frames{skip: len(preface)}
		got := map[uint32][]byte{}
		var seen []byte
		for rest := wire.Bytes(); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "read")
			f.pass(rest[:n], func(f frame) { seen = append(seen, f.kind) }, func(stream uint32, p []byte) {
				got[stream] = append(got[stream], p...)
			})
			rest = rest[n:]
		}
		if !bytes.Equal(seen, kinds) {
			t.Fatalf("saw %v, want %v", seen, kinds)
		}
		for stream := range want {
			if !bytes.Equal(got[stream], want[stream]) {
				t.Fatalf("stream %d: %d bytes, want %d", stream, len(got[stream]), len(want[stream]))
			}
		}
	})
}
