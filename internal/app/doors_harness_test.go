package app

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc/codes"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// rawHTTP2 is a connection with hand-written frames, for requests that no client sends.
type rawHTTP2 struct {
	*http2.Framer
	conn net.Conn
	next uint32
}

func dialRawHTTP2(t *testing.T, a *App) *rawHTTP2 {
	t.Helper()
	conn, err := net.Dial("tcp", a.GRPCAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(testTimeout))
	c := &rawHTTP2{http2.NewFramer(conn, conn), conn, 1}
	c.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return c
}

// begin opens a stream and sends the beginning of a message: sent of its size bytes. The rest never comes.
func (c *rawHTTP2) begin(method string, size uint32, sent int) error {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range [][2]string{
		{":method", "POST"},
		{":scheme", "http"},
		{":path", method},
		{":authority", "x"},
		{"content-type", "application/grpc"},
		{"te", "trailers"},
	} {
		_ = encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
	}
	id := c.next
	c.next += 2
	err := c.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndHeaders: true})
	message := append(binary.BigEndian.AppendUint32([]byte{0}, size), make([]byte, sent)...)
	for len(message) > 0 && err == nil {
		n := min(len(message), 16<<10)
		err = c.WriteData(id, false, message[:n])
		message = message[n:]
	}
	return err
}

// ending is the gRPC status that ends a stream, or the error that ends the connection.
func (c *rawHTTP2) ending() (codes.Code, error) {
	for {
		f, err := c.ReadFrame()
		if err != nil {
			return 0, err
		}
		if headers, ok := f.(*http2.MetaHeadersFrame); ok && headers.StreamEnded() {
			for _, field := range headers.Fields {
				if field.Name == "grpc-status" {
					code, err := strconv.Atoi(field.Value)
					return codes.Code(code), err
				}
			}
			return 0, errors.New("the stream ended without a status")
		}
	}
}

// slowBody sends the beginning of a JSON body that never ends, and returns the connection.
func slowBody(t *testing.T, a *App, size, sent int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", a.HTTPAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(testTimeout))
	_, err = fmt.Fprintf(conn, "POST /v1/products:batchGet HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		size, strings.Repeat(" ", sent))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// statusLine reads a connection to its end and returns the first line of the answer.
func statusLine(conn net.Conn) (string, error) {
	all, err := io.ReadAll(conn)
	line, _, _ := strings.Cut(string(all), "\r\n")
	return line, err
}

func keyed(t *testing.T, names ...string) (config.Environ, []secret.Text) {
	t.Helper()
	var list strings.Builder
	var keys []secret.Text
	for _, name := range names {
		key, entry := callers.Mint(callers.Entry{Name: name})
		list.WriteString(entry.YAML())
		keys = append(keys, key)
	}
	return config.Environ{"ZHAOHUO_API_KEYS": list.String()}, keys
}

const (
	keywordSearch = "/zhaohuo.v1.SearchService/KeywordSearch"
	batchImages   = "/zhaohuo.v1.SearchService/BatchImageSearch"
)
