package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// The ways to get a photo to an upstream, or nowhere.
const (
	photoByService = iota
	photoStraight
	photoBare
	photoWays
)

// photoWay is one of them. servers are the processes that work for it, without the upstream.
type photoWay struct {
	send    func(context.Context, []byte) error
	servers []*child
}

// photoSpent is what a photo costs on one way.
type photoSpent struct {
	// rate is photos a second. sender and servers are processor time for each photo, of this process and of the servers.
	rate            float64
	sender, servers time.Duration
}

func (c photoSpent) all() float64 { return (c.sender + c.servers).Seconds() }

// photoRate compares uploads through the complete service with a straight-line program that does the same, and with a stream whose
// handler discards the photo. All three take turns. What counts is processor time: of the sender and of the service, without the
// upstream. Rates stand beside it.
func photoRate(ctx context.Context, r *report, sink string) (err error) {
	s, err := servePhotos(ctx, sink, nil)
	if err != nil {
		return err
	}
	defer s.close()
	bare, err := startChild(ctx, nil, bareUploadRole)
	if err != nil {
		return err
	}
	defer bare.stop()
	bareConn, err := dialText(bare.said)
	if err != nil {
		return err
	}
	defer bareConn.Close() //nolint:errcheck // Nothing depends on it.
	client := &http.Client{Timeout: 30 * time.Second}
	photo, _ := picture(false)
	ways := [photoWays]photoWay{
		photoByService: {func(ctx context.Context, photo []byte) error { return upload(ctx, s.conn, photo) }, []*child{s.child}},
		photoStraight:  {func(ctx context.Context, photo []byte) error { return straight(ctx, client, sink, photo) }, nil},
		photoBare:      {func(ctx context.Context, photo []byte) error { return upload(ctx, bareConn, photo) }, []*child{bare}},
	}
	n := uint32(0)
	var costs [photoWays][]photoSpent
	var straightRatio, broughtRatio, bareRatio []float64
	for round := range photoRounds {
		var now [photoWays]photoSpent
		for i, way := range ways {
			fresh := make([][]byte, photosInRound)
			for j := range fresh {
				n++
				fresh[j] = another(photo, n)
			}
			if now[i], err = way.cost(ctx, fresh); err != nil {
				return err
			}
		}
		if round == 0 {
			continue // It warms up.
		}
		for i := range now {
			costs[i] = append(costs[i], now[i])
		}
		straightRatio = append(straightRatio, now[photoStraight].all()/now[photoByService].all())
		broughtRatio = append(broughtRatio, (now[photoStraight].all()+now[photoBare].all())/now[photoByService].all())
		bareRatio = append(bareRatio, now[photoBare].all()/now[photoByService].all())
	}
	for i, name := range [photoWays]string{
		photoByService: "photos of 5 MB through the whole service, to an upstream that only takes them",
		photoStraight:  "a straight-line program: hash, encode, sign and POST to the same upstream",
		photoBare:      "a bare client stream that throws the photo away",
	} {
		r.figure(name, "%s", describePhotoCosts(costs[i]))
	}
	// The straight-line program has the photo already. The service receives it from another process, as the bare stream does.
	got := median(broughtRatio)
	r.promise("whole service against the straight-line program and a bare stream to bring it the photo, processor time", got >= ratioPromise,
		fmt.Sprintf("≥ %.1f", ratioPromise), "%.2f (%.2f–%.2f)", got, slices.Min(broughtRatio), slices.Max(broughtRatio))
	r.figure("whole service against the straight-line program alone, processor time, median", "%.2f (%.2f–%.2f)", median(straightRatio),
		slices.Min(straightRatio), slices.Max(straightRatio))
	r.figure("whole service against the bare client stream, processor time, median", "%.2f", median(bareRatio))
	return nil
}

// describePhotoCosts says the medians.
func describePhotoCosts(all []photoSpent) string {
	of := func(value func(photoSpent) float64) float64 {
		var values []float64
		for _, c := range all {
			values = append(values, value(c))
		}
		return median(values)
	}
	return fmt.Sprintf("%.1f ms of processor time (sender %.1f, server %.1f), %.1f a second", of(func(c photoSpent) float64 { return 1000 * c.all() }),
		of(func(c photoSpent) float64 { return 1000 * c.sender.Seconds() }), of(func(c photoSpent) float64 { return 1000 * c.servers.Seconds() }),
		of(func(c photoSpent) float64 { return c.rate }))
}

// cost sends the photos and measures that.
func (w photoWay) cost(ctx context.Context, photos [][]byte) (c photoSpent, err error) {
	runtime.GC() // What other ways have left is not this one's.
	before, err := w.spent()
	if err != nil {
		return c, err
	}
	if c.rate, err = photosASecond(ctx, w.send, photos); err != nil {
		return c, err
	}
	after, err := w.spent()
	n := time.Duration(len(photos))
	c.sender, c.servers = (after.sender-before.sender)/n, (after.servers-before.servers)/n
	return c, err
}

// spent is the processor time that was used so far.
func (w photoWay) spent() (c photoSpent, err error) {
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		return c, err
	}
	c.sender = time.Duration(own.Utime.Nano() + own.Stime.Nano())
	for _, server := range w.servers {
		spent, err := server.spent()
		if err != nil {
			return c, err
		}
		c.servers += spent
	}
	return c, nil
}

// photosASecond sends all photos, from a few callers.
func photosASecond(ctx context.Context, way func(context.Context, []byte) error, photos [][]byte) (float64, error) {
	var mu sync.Mutex
	var failed error
	var all sync.WaitGroup
	from := time.Now()
	for share := range slices.Chunk(photos, (len(photos)+photoCallers-1)/photoCallers) {
		all.Go(func() {
			for _, photo := range share {
				if err := way(ctx, photo); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
			}
		})
	}
	all.Wait()
	return float64(len(photos)) / time.Since(from).Seconds(), failed
}

// straight does what a simple program would do: it hashes a photo in memory, puts it into JSON as base64, signs, escapes
// and sends it, then searches by the id.
func straight(ctx context.Context, client *http.Client, sink string, photo []byte) error {
	_ = sha256.Sum256(photo)
	err := straightCall(ctx, client, sink, "product.image.upload", "uploadImageParam", `{"imageBase64":"`+base64.StdEncoding.EncodeToString(photo)+`"}`)
	if err != nil {
		return err
	}
	return straightCall(ctx, client, sink, "product.search.imageQuery", "offerQueryParam", `{"imageId":"1490507813791335080","beginPage":1,"pageSize":20,"country":"en"}`)
}

func straightCall(ctx context.Context, client *http.Client, sink, api, name, value string) error {
	path := "param2/1/com.alibaba.fenxiao.crossborder/" + api + "/" + benchKey
	form := url.Values{name: {value}, "_aop_timestamp": {strconv.FormatInt(time.Now().UnixMilli(), 10)}}
	pairs := []string{}
	for key, values := range form {
		pairs = append(pairs, key+values[0])
	}
	slices.Sort(pairs)
	mac := hmac.New(sha1.New, []byte(benchSecret))
	mac.Write([]byte(path + strings.Join(pairs, "")))
	form.Set("_aop_signature", strings.ToUpper(hex.EncodeToString(mac.Sum(nil))))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, sink+"/openapi/"+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && !bytes.Contains(body, []byte(`"success":"true"`)) {
		err = fmt.Errorf("the sink answered %s", body)
	}
	return err
}

// bareUploadRole is a gRPC server whose only handler reads a stream and discards it.
const bareUploadRole = "--as-bare-upload"

// runBareUpload runs in the child process. It prints its address and serves until it is signalled.
func runBareUpload() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	zhaohuov1.RegisterSearchServiceServer(server, bareUpload{})
	context.AfterFunc(ctx, server.Stop)
	fmt.Println(port.Addr())
	return server.Serve(port)
}

type bareUpload struct {
	zhaohuov1.UnimplementedSearchServiceServer
}

// UploadImageSearch implements the service.
func (bareUpload) UploadImageSearch(stream grpc.ClientStreamingServer[zhaohuov1.UploadImageSearchRequest, zhaohuov1.UploadImageSearchResponse]) error {
	for {
		_, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&zhaohuov1.UploadImageSearchResponse{})
		}
		if err != nil {
			return err
		}
	}
}
