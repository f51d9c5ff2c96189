package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// sinkRole is an upstream that accepts everything, examines nothing and answers at once, so that only the way to it is
// measured.
const sinkRole = "--as-sink"

const (
	sinkPhoto = `{"result":{"success":"true","code":"200","result":"1490507813791335080"}}`
	sinkGoods = `{"result":{"success":"true","code":"200","result":{"totalRecords":1,"totalPage":1,"pageSize":20,"currentPage":1,` +
		`"data":[{"offerId":620201390233,"subject":"杯","priceInfo":{"price":"1.70"}}]}}}`
)

// runSink runs in the child process. It prints its address and serves until it is signalled.
func runSink() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	port, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	sink := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(r.URL.Path, "image.upload") {
			_, _ = io.WriteString(w, sinkPhoto)
			return
		}
		_, _ = io.WriteString(w, sinkGoods)
	})}
	context.AfterFunc(ctx, func() { _ = sink.Close() })
	fmt.Println("http://" + port.Addr().String())
	if err := sink.Serve(port); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
