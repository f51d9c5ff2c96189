package form_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
)

// photo is an image in memory. Its stated size may be wrong.
type photo struct {
	bytes []byte
	size  int64
	open  func(io.Reader) io.Reader
}

func newPhoto(b []byte) photo { return photo{bytes: b, size: int64(len(b))} }

func (p photo) Size() int64 { return p.size }

func (p photo) Open() io.Reader {
	if p.open != nil {
		return p.open(bytes.NewReader(p.bytes))
	}
	return bytes.NewReader(p.bytes)
}

// text is a parameter's text in one piece.
func text(p upstream.Param) string {
	middle := ""
	if p.Photo != nil {
		all, err := io.ReadAll(p.Photo.Open())
		if err != nil {
			panic(err)
		}
		middle = base64.StdEncoding.EncodeToString(all)
	}
	return p.Value + middle + p.Tail
}

// drawParams draws parameters whose texts often share a prefix.
func drawParams(t *rapid.T) []upstream.Param {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("a+/=A 手")), 0, 5, -1)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) upstream.Param {
		p := upstream.Param{Name: word.Draw(t, "name"), Value: word.Draw(t, "value"), Tail: word.Draw(t, "tail")}
		if rapid.Bool().Draw(t, "with photo") {
			// 0x69 0xa6 0x9a is "aaaa" in base64, 0xfb 0xef 0xbe is "++++".
			b := rapid.SliceOfN(rapid.SampledFrom([]byte{0x69, 0xa6, 0x9a, 0xfb, 0xef, 0xbe, 0xff, 0}), 0, 200).Draw(t, "photo")
			p.Photo = newPhoto(b)
			if rapid.Bool().Draw(t, "by halves") {
				p.Photo = photo{bytes: b, size: int64(len(b)), open: iotest.HalfReader}
			}
		}
		return p
	}), 0, 5).Draw(t, "params")
}

// digest returns the SHA-256 of parameters, and what their photos take in a form.
func digest(t interface {
	Helper()
	Fatal(...any)
}, params []upstream.Param,
) (string, int64) {
	t.Helper()
	d := form.NewDigest(sha256.New(), 10)
	for _, p := range params {
		if err := d.Param(p); err != nil {
			t.Fatal(err)
		}
	}
	return d.Hex(), d.PhotoBytes()
}

func TestStreamedEqualsOnePiece(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		params := drawParams(t)
		var hashed, sent string
		for i, p := range params {
			hashed += p.Name + text(p)
			if i > 0 {
				sent += "&"
			}
			sent += url.QueryEscape(p.Name) + "=" + url.QueryEscape(text(p))
			if form.Empty(p) != (text(p) == "") {
				t.Fatalf("%v: Empty is %v", p, form.Empty(p))
			}
		}
		sum, photoBytes := digest(t, params)
		if want := fmt.Sprintf("%X", sha256.Sum256([]byte(hashed))); sum != want {
			t.Fatalf("hashed as %s, want %s", sum, want)
		}
		request, err := form.NewRequest(t.Context(), "http://x.test/y", params, photoBytes)
		if err != nil {
			t.Fatal(err)
		}
		from := io.Reader(request.Body)
		if rapid.Bool().Draw(t, "byte by byte") {
			from = iotest.OneByteReader(from)
		}
		got, err := io.ReadAll(from)
		if err != nil || string(got) != sent || request.ContentLength != int64(len(sent)) {
			t.Fatalf("sent %q of length %d (%v)\nwant %q of length %d", got, request.ContentLength, err, sent, len(sent))
		}
	})
}

func TestCompareJoinedEqualsOnePiece(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		params := drawParams(t)
		for _, a := range params {
			for _, b := range params {
				got, err := form.CompareJoined(a, b)
				if want := strings.Compare(a.Name+text(a), b.Name+text(b)); err != nil || got != want {
					t.Fatalf("%q against %q: %d (%v), want %d", a.Name+text(a), b.Name+text(b), got, err, want)
				}
			}
		}
	})
}

// A comparison reads no more than necessary: no byte of a photo if the text before it differs.
func TestCompareJoinedIsLazy(t *testing.T) {
	untouched := photo{size: 1 << 20, open: func(io.Reader) io.Reader {
		t.Error("the photo was opened")
		return nil
	}}
	if c, err := form.CompareJoined(upstream.Param{Name: "a", Value: "x", Photo: untouched}, upstream.Param{Name: "a", Value: "y", Photo: untouched}); c != -1 || err != nil {
		t.Errorf("got %d, %v", c, err)
	}
	read := 0
	counted := photo{bytes: make([]byte, 1<<20), size: 1 << 20, open: func(r io.Reader) io.Reader {
		return io.TeeReader(r, writer(func(p []byte) { read += len(p) }))
	}}
	if c, err := form.CompareJoined(upstream.Param{Photo: counted}, upstream.Param{Value: "B"}); c != -1 || err != nil || read > 100 {
		t.Errorf("got %d, %v after %d bytes", c, err, read)
	}
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

func random(n int) []byte {
	b := make([]byte, n)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(b)
	return b
}

// photosThatFail are photos that do not match their stated size.
func photosThatFail() map[string]photo {
	b := random(100_000)
	return map[string]photo{
		"shorter":         {bytes: b[:99_999], size: 100_000},
		"longer":          {bytes: b, size: 99_999},
		"longer, by much": {bytes: b, size: 3},
		"empty":           {size: 1},
		"not empty":       {bytes: b},
		"broken": {bytes: b, size: 100_000, open: func(r io.Reader) io.Reader {
			return io.MultiReader(io.LimitReader(r, 60_000), iotest.ErrReader(errors.New("disk")))
		}},
	}
}

func TestDigestRefusesAPhotoThatIsNotItsSize(t *testing.T) {
	for name, p := range photosThatFail() {
		if err := form.NewDigest(sha256.New(), 10).Param(upstream.Param{Name: "a", Photo: p}); fault.KindOf(err) != fault.Internal || err == nil {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := form.CompareJoined(upstream.Param{Photo: p}, upstream.Param{Photo: p}); fault.KindOf(err) != fault.Internal || err == nil {
			t.Errorf("%s, compared: got %v", name, err)
		}
	}
}

// A photo that changes between signing and sending ends the request at once: the server neither waits for bytes that
// never come nor gets more than announced.
func TestPhotoThatChangedEndsTheRequest(t *testing.T) {
	good := random(100_000)
	_, signed := digest(t, []upstream.Param{{Photo: newPhoto(good)}})
	changed := photosThatFail()
	changed["more escapes"] = newPhoto(bytes.Repeat([]byte{0xff}, 100_000))
	changed["fewer escapes"] = newPhoto(make([]byte, 100_000))
	arrived := make(chan int, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body) // The error is expected: the request breaks off.
		arrived <- int(n)
	}))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for name, p := range changed {
		request, err := form.NewRequest(t.Context(), server.URL, []upstream.Param{{Name: "a", Photo: p}}, signed)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if f, ok := fault.As(err); !ok || f.Kind != fault.Internal {
			t.Errorf("%s: got %v (%v)", name, err, response)
		}
		if n := <-arrived; int64(n) >= request.ContentLength {
			t.Errorf("%s: %d bytes arrived, announced were %d", name, n, request.ContentLength)
		}
	}
}

func TestClosedBodyTouchesNoPhoto(t *testing.T) {
	closed := false
	p := photo{bytes: random(1 << 20), size: 1 << 20, open: func(r io.Reader) io.Reader {
		return io.TeeReader(r, writer(func([]byte) {
			if closed {
				t.Error("the photo is read after Close")
			}
		}))
	}}
	params := []upstream.Param{{Name: "a", Photo: p}}
	_, photoBytes := digest(t, params)
	request, err := form.NewRequest(t.Context(), "http://x.test", params, photoBytes)
	if err != nil {
		t.Fatal(err)
	}
	reading := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		if _, err := io.CopyN(io.Discard, request.Body, 1000); err != nil {
			t.Error(err)
		}
		close(begun)
		_, err := io.Copy(io.Discard, iotest.OneByteReader(request.Body))
		reading <- err
	}()
	<-begun
	if err := request.Body.Close(); err != nil {
		t.Error(err)
	}
	closed = true
	if err := <-reading; !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Errorf("got %v", err)
	}
}

func TestNewRequestNeedsAnAddress(t *testing.T) {
	if _, err := form.NewRequest(t.Context(), "http://[", nil, 0); err == nil {
		t.Error("taken")
	}
}

// pass is one pass of signing over a photo of n bytes.
func pass(n int) func() {
	params := upstream.Param{Name: "a", Photo: newPhoto(random(n))}
	h := sha256.New()
	return func() {
		h.Reset()
		d := form.NewDigest(h, 100)
		if err := d.Param(params); err != nil {
			panic(err)
		}
	}
}

func TestAllocationsOfAPassAreConstant(t *testing.T) {
	small, large := testing.AllocsPerRun(5, pass(100_000)), testing.AllocsPerRun(5, pass(3_000_000))
	if small != large || large > 6 {
		t.Errorf("%v allocations for 100 kB, %v for 3 MB", small, large)
	}
}

func TestAllocationsOfABodyAreConstant(t *testing.T) {
	allocations := func(n int) float64 {
		params := []upstream.Param{{Name: "a", Photo: newPhoto(random(n))}}
		_, photoBytes := digest(t, params)
		buf := make([]byte, 32<<10)
		return testing.AllocsPerRun(5, func() {
			request, err := form.NewRequest(t.Context(), "http://x.test", params, photoBytes)
			for err == nil {
				_, err = request.Body.Read(buf)
			}
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		})
	}
	if small, large := allocations(100_000), allocations(3_000_000); small != large {
		t.Errorf("%v allocations for 100 kB, %v for 3 MB", small, large)
	}
}

func BenchmarkDigest(b *testing.B) {
	for _, n := range []int{100_000, 5_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			once := pass(n)
			b.ReportAllocs()
			b.SetBytes(int64(n))
			for b.Loop() {
				once()
			}
		})
	}
}

func BenchmarkBody(b *testing.B) {
	const n = 5_000_000
	params := []upstream.Param{{Name: "a", Photo: newPhoto(random(n))}}
	_, photoBytes := digest(b, params)
	buf := make([]byte, 32<<10)
	b.ReportAllocs()
	b.SetBytes(n)
	for b.Loop() {
		request, err := form.NewRequest(b.Context(), "http://x.test", params, photoBytes)
		for err == nil {
			_, err = request.Body.Read(buf)
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
}

// BenchmarkInOnePiece is the cost of a body that holds the base64 and its escapes.
func BenchmarkInOnePiece(b *testing.B) {
	const n = 5_000_000
	photo := random(n)
	b.ReportAllocs()
	b.SetBytes(n)
	for b.Loop() {
		if len(url.QueryEscape(base64.StdEncoding.EncodeToString(photo))) < n {
			b.Fatal("too short")
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add("name", "value{", []byte("photo"), "}", 7)
	f.Add("", "+/=", []byte{0xff, 0xef, 0xbe, 0xfb}, "", 1)
	f.Fuzz(func(t *testing.T, name, value string, picture []byte, tail string, size int) {
		p := upstream.Param{Name: name, Value: value, Photo: newPhoto(picture), Tail: tail}
		_, photoBytes := digest(t, []upstream.Param{p})
		request, err := form.NewRequest(t.Context(), "http://x.test", []upstream.Param{p}, photoBytes)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		buf := make([]byte, 1+uint(size)%100)
		for {
			n, err := request.Body.Read(buf)
			got.Write(buf[:n])
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || n == 0 {
				t.Fatalf("%d bytes, %v", n, err)
			}
		}
		if want := url.QueryEscape(name) + "=" + url.QueryEscape(text(p)); got.String() != want || request.ContentLength != int64(len(want)) {
			t.Errorf("got %q of length %d, want %q", got.String(), request.ContentLength, want)
		}
	})
}
