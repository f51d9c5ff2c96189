package hostile

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// answerBytes is how much of an answer over REST is read.
const answerBytes = 1 << 20

// Invoke calls an RPC of any kind with one message and returns its error. With the first answer, whose fields are not read, it returns nil.
func Invoke(ctx context.Context, conn grpc.ClientConnInterface, method protoreflect.MethodDescriptor, q proto.Message) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, contract.FullMethod(method))
	if err != nil {
		return err
	}
	// Receiving returns the reason of a failure to send.
	_ = stream.SendMsg(q)
	_ = stream.CloseSend()
	if err := stream.RecvMsg(&emptypb.Empty{}); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// Post sends JSON and returns the status of the answer. header may be nil.
func Post(ctx context.Context, client *http.Client, address string, header http.Header, body []byte) (status int, err error) {
	return ask(ctx, client, http.MethodPost, address, header, body)
}

// Get sends only a query and returns the status of the answer. header may be nil.
func Get(ctx context.Context, client *http.Client, address string, header http.Header) (status int, err error) {
	return ask(ctx, client, http.MethodGet, address, header, nil)
}

func ask(ctx context.Context, client *http.Client, method, address string, header http.Header, body []byte) (int, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, answerBytes)
	return response.StatusCode, nil
}

// Queries are queries of a search by words, named by what is wrong with them: as many parameters as fit into a header.
func Queries() map[string]string {
	unknown := url.Values{}
	for i := range 8000 {
		unknown.Set("x"+strconv.Itoa(i), "")
	}
	return map[string]string{
		"unknown": unknown.Encode(), "filters": strings.Repeat("filters=X&", 6000), "page": strings.Repeat("page=0&", 8000),
	}
}
