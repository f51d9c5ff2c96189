package gateway_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httputil"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// The most that a malicious file may cost.
const (
	hostileTime   = time.Second
	hostileMemory = 64 << 20
)

// pngChunk is a chunk with its checksum.
func pngChunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngBomb claims a size, with transparency, and inflates to that many zero bytes.
func pngBomb(t *testing.T, w, h uint32, inflated int64) []byte {
	t.Helper()
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	var pixels bytes.Buffer
	z, err := zlib.NewWriterLevel(&pixels, zlib.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(z, forever(0), inflated); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(header, 8, 6, 0, 0, 0)),
		pngChunk("IDAT", pixels.Bytes()), pngChunk("IEND", nil))
}

// gifBomb claims a size, and has one frame with hardly any pixels.
func gifBomb(w, h uint16) []byte {
	size := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, w), h)
	return slices.Concat([]byte("GIF89a"), size, []byte{0x80, 0, 0, 0, 0, 0, 255, 255, 255},
		[]byte{0x2c, 0, 0, 0, 0}, size, []byte{0, 2, 2, 0x44, 0x01, 0, 0x3b})
}

// webp is a WebP file of these chunks, each a name of four letters and data of even length.
func webp(chunks ...string) []byte {
	b := []byte("WEBP")
	for _, chunk := range chunks {
		b = append(b, chunk[:4]...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(chunk)-4))
		b = append(b, chunk[4:]...)
	}
	return append(append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(len(b)))...), b...)
}

// losslessHead starts a lossless WebP of this size.
func losslessHead(w, h uint32) string {
	return "VP8L\x2f" + string(binary.LittleEndian.AppendUint32(nil, (w-1)|(h-1)<<14))
}

// webpBomb claims the largest size that lossless WebP has, and has no pixels.
func webpBomb() []byte { return webp(losslessHead(16384, 16384) + "\x00\x00\x00\x00\x00") }

// webpPixel is one pixel; in any other size all pixels are equal, so few bytes are a large picture.
func webpPixel(w, h uint32) []byte {
	return webp(losslessHead(w, h) + "\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00\x00")
}

// webpCanvas claims a canvas of a size that only the extended form allows, over one pixel.
func webpCanvas(w, h uint32) []byte {
	size := func(n uint32) string { return string(binary.LittleEndian.AppendUint32(nil, n-1)[:3]) }
	return webp("VP8X\x00\x00\x00\x00"+size(w)+size(h), losslessHead(1, 1)+"\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00\x00")
}

// jpegBomb is a JPEG whose header claims a wrong size.
func jpegBomb(t *testing.T, w, h uint16) []byte {
	t.Helper()
	b := slices.Clone(smallPictures(t)["jpeg"])
	at := bytes.Index(b, []byte{0xff, 0xc0})
	if at < 0 {
		t.Fatal("a JPEG without a frame")
	}
	binary.BigEndian.PutUint16(b[at+5:], h)
	binary.BigEndian.PutUint16(b[at+7:], w)
	return b
}

// forever is a stream of one byte.
type forever byte

func (f forever) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(f)
	}
	return len(b), nil
}

// smallPictures are one of each format.
func smallPictures(t *testing.T) map[string][]byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.Black, color.White})
	all := map[string][]byte{}
	for name, write := range map[string]func(io.Writer) error{
		"jpeg": func(w io.Writer) error { return jpeg.Encode(w, m, nil) },
		"png":  func(w io.Writer) error { return png.Encode(w, m) },
		"gif":  func(w io.Writer) error { return gif.Encode(w, m, nil) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		all[name] = b.Bytes()
	}
	all["webp"] = webpPixel(1, 1)
	return all
}

// doors are the upload methods: each returns the reason of the refusal, "" for none.
func (u *uploads) doors() map[string]func(*testing.T, io.Reader) string {
	return map[string]func(*testing.T, io.Reader) string{
		"REST": func(t *testing.T, file io.Reader) string {
			t.Helper()
			got := u.do(t, http.MethodPost, uploadPath, file, "Content-Type", "image/jpeg")
			if got.code == http.StatusOK {
				return ""
			}
			_, reason, _ := got.read(t)
			return reason
		},
		"gRPC": func(t *testing.T, file io.Reader) string {
			t.Helper()
			return reasonOf(t, u.stream(t.Context(), file))
		},
	}
}

// stream sends a file as gRPC callers do, until there is an answer.
func (u *uploads) stream(ctx context.Context, file io.Reader) error {
	stream, err := zhaohuov1.NewSearchServiceClient(u.conn).UploadImageSearch(ctx)
	if err != nil {
		return err
	}
	err = stream.Send(&zhaohuov1.UploadImageSearchRequest{
		Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: &zhaohuov1.ImageSearchOptions{}},
	})
	buffer := make([]byte, 64<<10)
	for err == nil {
		n, readErr := io.ReadFull(file, buffer)
		if n > 0 {
			err = stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: buffer[:n]}})
		}
		err = errors.Join(err, readErr)
	}
	_, err = stream.CloseAndRecv()
	return err
}

func reasonOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	t.Fatalf("a refusal without a reason: %v", err)
	return ""
}

// bounded runs f and fails if it took too much CPU time or memory, both sides together. It measures CPU time, not the
// clock: a busy machine does not make a file malicious.
func bounded(t *testing.T, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := processorTime(t)
	f()
	if took := processorTime(t) - began; took > hostileTime {
		t.Errorf("took %v of CPU time", took)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > hostileMemory {
		t.Errorf("took %d bytes of memory", grown)
	}
}

// processorTime is the CPU time of this process.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func TestHostileFiles(t *testing.T) {
	const unreadable, large = "IMAGE_UNREADABLE", "IMAGE_TOO_LARGE"
	small := smallPictures(t)
	files := map[string]struct {
		file   []byte
		reason string
	}{
		"png, 65535 x 65535":            {pngBomb(t, 65535, 65535, 100), large},
		"png, more than there is room":  {pngBomb(t, 7000, 7000, 10_000_000), large},
		"png, more pixels than said":    {pngBomb(t, 100, 100, 100_000_000), unreadable},
		"png, fewer pixels than said":   {pngBomb(t, 1000, 900, 1000), unreadable},
		"gif, 65535 x 65535":            {gifBomb(65535, 65535), large},
		"gif, more than there is room":  {gifBomb(7000, 7000), large},
		"gif, fewer pixels than said":   {gifBomb(1000, 900), unreadable},
		"jpeg, 65535 x 65535":           {jpegBomb(t, 65535, 65535), large},
		"webp, 16384 x 16384":           {webpBomb(), large},
		"webp, canvas of 65535":         {webpCanvas(65535, 65535), large},
		"webp, canvas of 16777216":      {webpCanvas(1<<24, 1<<24), large},
		"webp, more than there is room": {webpPixel(7000, 7100), large},
		"shell, then png":               {append([]byte("#!/bin/sh\n"), small["png"]...), unreadable},
		"gif, then script":              {[]byte("GIF89a/*\x01\x00\x01\x00\x00*/=1;alert(1)//"), unreadable},
		"html":                          {[]byte("<!DOCTYPE html><img src=a.jpg>"), unreadable},
		"pdf":                           {[]byte("%PDF-1.7\n"), unreadable},
		"zeros":                         {make([]byte, 1<<20), unreadable},
	}
	// These bytes end a file without adding a pixel: without them the picture is complete, as browsers show it.
	endMarkers := map[string]int{"jpeg": 2, "gif": 1}
	u := startUploads(t, nil)
	for way, send := range u.doors() {
		for name, row := range files {
			t.Run(way+" "+name, func(t *testing.T) {
				bounded(t, func() {
					if reason := send(t, bytes.NewReader(row.file)); reason != row.reason {
						t.Errorf("%q, want %s", reason, row.reason)
					}
				})
			})
		}
		for name, full := range small {
			t.Run(way+" truncated "+name, func(t *testing.T) {
				for n := 1; n < len(full)-endMarkers[name]; n++ {
					bounded(t, func() {
						if reason := send(t, bytes.NewReader(full[:n])); reason != unreadable {
							t.Errorf("the first %d of %d bytes: %q", n, len(full), reason)
						}
					})
				}
			})
		}
	}
	if questions, _ := u.searcher.take(); questions != nil {
		t.Errorf("asked upstream: %v", questions)
	}
}

// TestEndlessFiles: a caller who never stops sending gets an answer as soon as it is too much.
func TestEndlessFiles(t *testing.T) {
	u := startUploads(t, nil)
	begin := smallPictures(t)["jpeg"]
	t.Run("gRPC", func(t *testing.T) {
		bounded(t, func() {
			err := u.stream(t.Context(), io.MultiReader(bytes.NewReader(begin), forever('x')))
			if reason := reasonOf(t, err); reason != "IMAGE_TOO_LARGE" {
				t.Errorf("%q", reason)
			}
		})
	})
	t.Run("REST", func(t *testing.T) {
		bounded(t, func() {
			c := u.talk(t, "POST "+uploadPath+" HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n")
			var sending sync.WaitGroup
			sending.Go(func() {
				body := httputil.NewChunkedWriter(c)
				_, _ = io.Copy(body, io.MultiReader(bytes.NewReader(begin), forever('x'))) // Ends with the connection.
			})
			got := c.answer(t)
			_ = c.Close()
			sending.Wait()
			if _, reason, _ := got.read(t); got.code != 413 || reason != "IMAGE_TOO_LARGE" {
				t.Errorf("%d %s", got.code, got.body)
			}
		})
	})
}

// TestPolyglots: what follows a picture is not sent on.
func TestPolyglots(t *testing.T) {
	u := startUploads(t, nil)
	full := smallPictures(t)["jpeg"]
	for way, send := range u.doors() {
		for name, behind := range map[string]string{
			"archive": "PK\x03\x04 an archive", "script": "<script>alert(1)</script>", "picture": string(full),
		} {
			bounded(t, func() {
				if reason := send(t, io.MultiReader(bytes.NewReader(full), bytes.NewReader([]byte(behind)))); reason != "" {
					t.Errorf("%s, %s behind: %s", way, name, reason)
				}
			})
			if _, contents := u.searcher.take(); len(contents) != 1 || contents[0] != string(full) {
				t.Errorf("%s, %s behind: sent %q", way, name, contents)
			}
		}
	}
}
