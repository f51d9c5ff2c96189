package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	photoBytes   = 5_000_000
	photosAtOnce = 64
	photoChunk   = 64 << 10
	crowdTime    = 5 * time.Minute
	// noise is chosen so that about 12 million pixels take 5 MB, as with phones.
	noise         = 40
	photoRounds   = 7
	photosInRound = 24
	photoCallers  = 2

	ratioPromise = 0.8
	heapPromise  = 1.3
	pixelPromise = 6
	rssPromise   = 256 << 20
)

// photos measures what photos cost: time compared with a straight-line program, memory of one photo, and memory of many at
// once.
func photos(ctx context.Context, r *report) error {
	sink, err := startChild(ctx, nil, sinkRole)
	if err != nil {
		return err
	}
	defer sink.stop()
	for _, f := range []func(context.Context, *report, string) error{photoRate, photoHeap, photoCrowd, photoREST, photoStream} {
		if err := f(ctx, r, sink.said); err != nil {
			return err
		}
	}
	return nil
}

// picture makes a JPEG of about 5 MB. turned adds an orientation that has to be undone.
func picture(turned bool) (content []byte, pixels int) {
	dice := rand.New(rand.NewPCG(1, 2))
	side := 400
	for {
		m := image.NewYCbCr(image.Rect(0, 0, side, side), image.YCbCrSubsampleRatio420)
		for i := range m.Y {
			m.Y[i] = 96 + byte(dice.UintN(noise))
		}
		for i := range m.Cb {
			m.Cb[i], m.Cr[i] = 128, 128
		}
		var b bytes.Buffer
		_ = jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}) // Into memory it never fails.
		if b.Len() >= photoBytes*97/100 {
			content, pixels = b.Bytes(), side*side
			break
		}
		side = max(side+16, int(float64(side)*math.Sqrt(float64(photoBytes)/float64(b.Len()))))
	}
	if turned {
		content = slices.Concat(content[:2], []byte(orientation6), content[2:])
	}
	return content, pixels
}

// orientation6 is an EXIF segment with orientation 6: the picture must be turned by 90 degrees.
const orientation6 = "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"

// another returns a copy of a photo with other pixels, so that no cache has an answer for it.
func another(of []byte, n uint32) []byte {
	b := bytes.Clone(of)
	for at := len(b) / 2; at < len(b); at++ {
		if bytes.IndexByte(b[at-1:at+9], 0xff) < 0 {
			for i := range 8 {
				b[at+i] = 0x10 + byte(n>>(4*i)&15)
			}
			return b
		}
	}
	return b
}

// upload streams a photo into a service.
func upload(ctx context.Context, conn *grpc.ClientConn, photo []byte) error {
	stream, err := zhaohuov1.NewSearchServiceClient(conn).UploadImageSearch(ctx)
	if err != nil {
		return err
	}
	err = stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: &zhaohuov1.ImageSearchOptions{}}})
	for chunk := range slices.Chunk(photo, photoChunk) {
		if err == nil {
			err = stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: chunk}})
		}
	}
	if err != nil && !errors.Is(err, io.EOF) { // At EOF the answer says why.
		return err
	}
	_, err = stream.CloseAndRecv()
	return err
}

// served is a service in a process of its own.
type served struct {
	*child
	conn    *grpc.ClientConn
	web     string
	metrics string
}

// freeAddr returns an address that no program listens on.
func freeAddr(ctx context.Context) (string, error) {
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return port.Addr().String(), port.Close()
}

func servePhotos(ctx context.Context, sink string, settings map[string]string) (*served, error) {
	web, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	ops, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]string{"ZHAOHUO_HTTP_ADDR": web, "ZHAOHUO_OPS_ADDR": ops, "ZHAOHUO_PHOTO_SEND_BYTES": "6000000"}
	for name, value := range settings {
		all[name] = value
	}
	c, err := startChild(ctx, against(sink, all), serviceRole)
	if err != nil {
		return nil, err
	}
	conn, err := dialText(c.said)
	if err != nil {
		c.stop()
		return nil, err
	}
	return &served{child: c, conn: conn, web: "http://" + web, metrics: "http://" + ops + "/metrics"}, nil
}

func dialText(addr string) (*grpc.ClientConn, error) {
	where, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, err
	}
	return dial(where)
}

func (s *served) close() { _ = s.conn.Close(); s.stop() }

// errNoMetric: nothing was counted in it yet.
var errNoMetric = errors.New("the service has no such metric")

// metric reads one of the service's metrics.
func (s *served) metric(ctx context.Context, name string) (float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.metrics, nil)
	if err != nil {
		return 0, err
	}
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("%w: %s", errNoMetric, name)
}

// peakRSS returns the highest resident memory of the process.
func (s *served) peakRSS() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kB, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kB << 10, err
		}
	}
	return 0, errors.New("no VmHWM")
}

// photoHeap counts all that one photo allocates, with the garbage collector off. The peak cannot be higher.
func photoHeap(ctx context.Context, r *report, sink string) error {
	s, err := servePhotos(ctx, sink, map[string]string{"GOGC": "off"})
	if err != nil {
		return err
	}
	defer s.close()
	for _, turned := range []bool{false, true} {
		photo, pixels := picture(turned)
		var added []float64
		for i := range uint32(4) {
			before, errBefore := s.metric(ctx, "go_memstats_alloc_bytes_total")
			err := upload(ctx, s.conn, another(photo, i))
			after, errAfter := s.metric(ctx, "go_memstats_alloc_bytes_total")
			if err := errors.Join(errBefore, err, errAfter); err != nil {
				return err
			}
			if i > 0 { // The first one warms up.
				added = append(added, after-before)
			}
		}
		if got := median(added); turned {
			got /= float64(pixels)
			r.promise(fmt.Sprintf("one photo of %.1f MP that is decoded: all it allocates", float64(pixels)/1e6), got <= pixelPromise,
				"≤ 6 bytes a pixel", "%.2f bytes a pixel", got)
		} else {
			got /= float64(len(photo))
			r.promise("one photo of 5 MB passed through: all it allocates", got <= heapPromise, "≤ 1.3 × the photo", "%.2f × the photo", got)
		}
	}
	return nil
}

// photoCrowd sends many photos at once to a service with little memory for photos.
func photoCrowd(ctx context.Context, r *report, sink string) error {
	for _, turned := range []bool{false, true} {
		s, how, err := serveCrowd(ctx, sink, turned)
		if err != nil {
			return err
		}
		photo, _ := picture(turned)
		answered, retried, took, first := crowd(ctx, s, photo)
		peak, err := s.peakRSS()
		s.close()
		if err != nil {
			return err
		}
		if first != nil {
			r.figure("one that was not answered", "%v", first)
		}
		r.promise("64 photos of 5 MB at once, "+how+", 64 MiB: answered", answered == photosAtOnce, "64", "%d in %.1f s, %d retries", answered, took.Seconds(), retried)
		r.promise("64 photos of 5 MB at once, "+how+", 64 MiB: peak RSS", peak <= rssPromise, "≤ 256 MiB", "%d MiB", peak>>20)
	}
	return nil
}

// serveCrowd starts a service with little memory for photos, and describes what it does with them.
func serveCrowd(ctx context.Context, sink string, turned bool) (s *served, how string, err error) {
	how = "passed through"
	settings := map[string]string{"ZHAOHUO_PHOTO_MEMORY": strconv.Itoa(64 << 20)}
	if turned {
		how = "turned and shrunk"
		// The limit of 1688. There is memory to decode one photo at a time, so most concurrent ones are refused with a time
		// to retry.
		settings["ZHAOHUO_PHOTO_SEND_BYTES"] = "3000000"
	}
	s, err = servePhotos(ctx, sink, settings)
	return s, how, err
}

// crowd sends all photos at once, each over its own connection. A caller that is refused retries when RetryInfo says so.
func crowd(ctx context.Context, s *served, photo []byte) (answered, retried int, took time.Duration, first error) {
	ctx, cancel := context.WithTimeout(ctx, crowdTime)
	defer cancel()
	var good, retries atomic.Int64
	var once sync.Once
	var all sync.WaitGroup
	from := time.Now()
	for i := range uint32(photosAtOnce) {
		all.Go(func() {
			if err := persist(ctx, s.said, another(photo, i), &retries); err != nil {
				once.Do(func() { first = err })
				return
			}
			good.Add(1)
		})
	}
	all.Wait()
	return int(good.Load()), int(retries.Load()), time.Since(from), first
}

// persist sends one photo until it is answered or refused without RetryInfo.
func persist(ctx context.Context, addr string, photo []byte, retries *atomic.Int64) error {
	conn, err := dialText(addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for {
		err := upload(ctx, conn, photo)
		wait, ok := retryDelay(err)
		if !ok {
			return err
		}
		retries.Add(1)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}

// retryDelay returns the time that a refusal asks to wait.
func retryDelay(err error) (time.Duration, bool) {
	for _, detail := range status.Convert(err).Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			return retry.GetRetryDelay().AsDuration(), true
		}
	}
	return 0, false
}
