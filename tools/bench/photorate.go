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
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// photoRate compares uploads through the complete service with a straight-line program that does the same, and with a
// stream whose handler discards the photo. All three take turns.
func photoRate(ctx context.Context, r *report, sink string) (err error) {
	s, err := servePhotos(ctx, sink, nil)
	if err != nil {
		return err
	}
	defer s.close()
	bare, err := startBareUpload(ctx)
	if err != nil {
		return err
	}
	defer bare.stop()
	client := &http.Client{Timeout: 30 * time.Second}
	photo, _ := picture(false)
	ways := []func(context.Context, []byte) error{
		func(ctx context.Context, photo []byte) error { return upload(ctx, s.conn, photo) },
		func(ctx context.Context, photo []byte) error { return straight(ctx, client, sink, photo) },
		func(ctx context.Context, photo []byte) error { return upload(ctx, bare.conn, photo) },
	}
	n := uint32(0)
	var rates [3][]float64
	var straightRatio, bareRatio []float64
	for round := range photoRounds {
		var now [3]float64
		for i, way := range ways {
			fresh := make([][]byte, photosInRound)
			for j := range fresh {
				n++
				fresh[j] = another(photo, n)
			}
			if now[i], err = photosASecond(ctx, way, fresh); err != nil {
				return err
			}
		}
		if round == 0 {
			continue // It warms up.
		}
		for i := range now {
			rates[i] = append(rates[i], now[i])
		}
		straightRatio, bareRatio = append(straightRatio, now[0]/now[1]), append(bareRatio, now[0]/now[2])
	}
	r.figure("photos of 5 MB through the whole service, to an upstream that only takes them", "%.1f a second", median(rates[0]))
	r.figure("a straight-line program: hash, encode, sign and POST to the same upstream", "%.1f a second", median(rates[1]))
	r.figure("a bare client stream that throws the photo away", "%.1f a second", median(rates[2]))
	got := median(straightRatio)
	r.promise("whole service against the straight-line program, median of the rounds", got >= ratioPromise, "≥ 0.7", "%.2f", got)
	r.figure("whole service against the bare client stream, median of the rounds", "%.2f", median(bareRatio))
	return nil
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

// bareUpload is a gRPC server whose only handler reads a stream and discards it.
type bareUpload struct {
	zhaohuov1.UnimplementedSearchServiceServer
	conn *grpc.ClientConn
	stop func()
}

func startBareUpload(ctx context.Context) (*bareUpload, error) {
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &bareUpload{}
	server := grpc.NewServer()
	zhaohuov1.RegisterSearchServiceServer(server, b)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(port) }) // Without it the first call fails.
	if b.conn, err = dial(port.Addr()); err != nil {
		return nil, err
	}
	b.stop = func() { _ = b.conn.Close(); server.Stop(); serving.Wait() }
	return b, nil
}

// UploadImageSearch implements the service.
func (*bareUpload) UploadImageSearch(stream grpc.ClientStreamingServer[zhaohuov1.UploadImageSearchRequest, zhaohuov1.UploadImageSearchResponse]) error {
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
