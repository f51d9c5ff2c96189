package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	restPromise      = 400 << 20
	restSmallPromise = 160 << 20
)

// photoREST sends many photos at once over REST, to a service with default settings and to one with little memory for
// photos.
func photoREST(ctx context.Context, r *report, sink string) error {
	for _, test := range []struct {
		name     string
		settings map[string]string
		promise  int64
		all      bool
	}{
		{"default settings", map[string]string{"ZHAOHUO_PHOTO_SEND_BYTES": "3000000"}, restPromise, true},
		{"64 MiB, passed through", map[string]string{"ZHAOHUO_PHOTO_MEMORY": strconv.Itoa(64 << 20)}, restSmallPromise, true},
	} {
		s, err := servePhotos(ctx, sink, test.settings)
		if err != nil {
			return err
		}
		photo, _ := picture(false)
		answered, took, first := restCrowd(ctx, s.web, photo)
		peak, err := s.peakRSS()
		s.close()
		if err != nil {
			return err
		}
		if first != nil {
			r.figure("one that was not answered", "%v", first)
		}
		name := "64 photos of 5 MB at once over REST, " + test.name
		r.promise(name+": answered at the first time", answered == photosAtOnce, "64", "%d in %.1f s", answered, took.Seconds())
		r.promise(name+": peak RSS", peak <= test.promise, fmt.Sprintf("≤ %d MiB", test.promise>>20), "%d MiB", peak>>20)
	}
	return nil
}

// restCrowd sends all photos at once, each over its own connection.
func restCrowd(ctx context.Context, web string, photo []byte) (answered int, took time.Duration, first error) {
	ctx, cancel := context.WithTimeout(ctx, crowdTime)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	var good atomic.Int64
	var once sync.Once
	var all sync.WaitGroup
	from := time.Now()
	for i := range uint32(photosAtOnce) {
		all.Go(func() {
			if err := restUpload(ctx, client, web, another(photo, i)); err != nil {
				once.Do(func() { first = err })
				return
			}
			good.Add(1)
		})
	}
	all.Wait()
	return int(good.Load()), time.Since(from), first
}

// restUpload posts one photo.
func restUpload(ctx context.Context, client *http.Client, web string, photo []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, web+"/v1/products:uploadImageSearch", bytes.NewReader(photo))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "image/jpeg")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", response.Status, body)
	}
	return err
}
