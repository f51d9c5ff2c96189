package gateway

import (
	"context"
	"net/http"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// pathPictures is the route of BatchImageSearch for images given by URL or id. No annotation can describe it: the RPC's
// request is a stream.
const pathPictures = "/v1/products:batchImageSearch"

// picturesMax is the contract's bound of the body's images. The chain sees only the stream's messages, so it is checked
// here.
const picturesMax = 1000

// pictureRoute holds the type of the body and of the lines.
func pictureRoute() route {
	service := zhaohuov1.File_zhaohuo_v1_search_service_proto.Services().ByName("SearchService")
	method := service.Methods().ByName("BatchImageSearch")
	return route{
		rpc: method.FullName(), method: method, hasBody: true,
		request:  (&zhaohuov1.BatchImageSearchBody{}).ProtoReflect().Type(),
		response: (&zhaohuov1.BatchImageSearchResponse{}).ProtoReflect().Type(),
	}
}

// pictures serves BatchImageSearch: a list of URLs and ids in the body, one line per answer.
func (g *gateway) pictures(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		g.refuseMethod(w, r, http.MethodPost)
		return
	}
	to := pictureRoute()
	parts, err := g.pictureParts(w, r, to)
	defer func() { release(r.Body) }()
	if err != nil {
		g.fail(w, r, err)
		return
	}
	// The server receives images while it answers earlier ones, so they are sent while lines are written.
	var sending sync.WaitGroup
	defer sending.Wait()
	g.stream(w, r, to, func(ctx context.Context) (grpc.ClientStream, error) {
		messages, err := g.openStream(ctx, r, to)
		if err == nil {
			sending.Go(func() { send(messages, parts...) })
		}
		return messages, err
	})
}

// pictureParts are the stream's messages for the body.
func (g *gateway) pictureParts(w http.ResponseWriter, r *http.Request, to route) ([]proto.Message, error) {
	if err := g.check(to, w, r, nil); err != nil {
		return nil, err
	}
	question, err := g.question(to, r)
	if err != nil {
		return nil, err
	}
	body, ok := question.(*zhaohuov1.BatchImageSearchBody)
	switch n := len(body.GetImages()); {
	case !ok:
		return nil, fault.New(fault.Internal, "")
	case n == 0:
		return nil, fault.Invalid("images", ruleRequired, "must hold at least one image")
	case n > picturesMax:
		return nil, fault.Invalid("images", "repeated.max_items", "must hold at most %d images, but holds %d", picturesMax, n)
	}
	parts := []proto.Message{&zhaohuov1.BatchImageSearchRequest{
		Part: &zhaohuov1.BatchImageSearchRequest_Options{Options: body.GetOptions()},
	}}
	for _, picture := range body.GetImages() {
		parts = append(parts, &zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Image{Image: picture}})
	}
	return parts, nil
}
