// Package weight weighs the page for people: the bytes of its files as a service sends them.
package weight

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/web"
)

// Max is the promise: the bytes of all files of the page, without those of /docs.
const Max = 120 << 10

// requestMax bounds the request of one file.
const requestMax = 30 * time.Second

// Of is the size of all built files, in bytes, compressed as the service sends them to a browser: those of the page, and those of
// /docs. The address ends with a slash.
func Of(ctx context.Context, service string) (page, docs int, err error) {
	names, err := fs.Glob(web.Files(), "*")
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		path, of := "assets/"+name, &page
		switch name {
		case "index.html":
			path = ""
		case "docs.html":
			path, of = "docs", &docs
		case "rapidoc.js":
			of = &docs
		}
		n, err := sent(ctx, service+path)
		if err != nil {
			return 0, 0, err
		}
		*of += n
	}
	return page, docs, nil
}

// sent is the size of a body as a browser gets it.
func sent(ctx context.Context, address string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Accept", "text/html,*/*;q=0.8")
	request.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	response, err := (&http.Client{Timeout: requestMax}).Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", address, response.Status)
	}
	return int(n), err
}
