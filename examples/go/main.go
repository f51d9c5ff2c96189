// The program go tells the five stories of examples/README.md with the generated client and nothing else of this repository:
//
//	go run ./examples/go photo.jpg
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// chunkBytes is the size of the parts that a photo is sent in.
const chunkBytes = 64 << 10

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./examples/go PHOTO")
		os.Exit(2)
	}
	if err := tell(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tell tells all stories.
func tell(photo string) error {
	address := os.Getenv("ZHAOHUO_GRPC_ADDR")
	if address == "" {
		address = "127.0.0.1:9090"
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if key := os.Getenv("ZHAOHUO_API_KEY"); key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	}
	search := zhaohuov1.NewSearchServiceClient(conn)
	for _, story := range []func() error{
		func() error { return keyword(ctx, search) },
		func() error { return upload(ctx, search, photo) },
		func() error { return batch(ctx, search) },
		func() error { return refused(ctx, search) },
		func() error { return strategy(ctx, zhaohuov1.NewComboServiceClient(conn)) },
	} {
		if err := story(); err != nil {
			return err
		}
	}
	return nil
}

// keyword searches by words.
func keyword(ctx context.Context, search zhaohuov1.SearchServiceClient) error {
	answer, err := search.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "蓝牙耳机", PageSize: new(int32(5))})
	if err != nil {
		return err
	}
	fmt.Println("# keyword")
	printIDs(answer.GetProducts())
	return nil
}

// upload sends a photo in chunks and searches by it.
func upload(ctx context.Context, search zhaohuov1.SearchServiceClient, photo string) error {
	file, err := os.Open(photo)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // What was only read loses nothing.
	stream, err := search.UploadImageSearch(ctx)
	if err != nil {
		return err
	}
	options := &zhaohuov1.ImageSearchOptions{PageSize: new(int32(5))}
	err = stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: options}})
	for chunk := make([]byte, chunkBytes); err == nil; {
		var n int
		n, err = file.Read(chunk)
		if n > 0 {
			err = errors.Join(err, stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: chunk[:n]}}))
		}
	}
	if !errors.Is(err, io.EOF) { // The end of the file, or the server has refused the photo and CloseAndRecv says why.
		return err
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	fmt.Println("# photo")
	printIDs(answer.GetResponse().GetProducts())
	return nil
}

// batch searches by many keywords, leaves after the first result, and resumes.
func batch(ctx context.Context, search zhaohuov1.SearchServiceClient) error {
	request := &zhaohuov1.BatchKeywordSearchRequest{Keywords: []string{"蓝牙耳机", "手机壳", "保温杯"}, PageSize: new(int32(3))}
	pages := map[string][]*zhaohuov1.Product{}
	for _, most := range []int{1, len(request.GetKeywords())} {
		var err error
		if request.ResumeToken, err = readBatch(ctx, search, request, most, pages); err != nil {
			return err
		}
	}
	fmt.Println("# batch")
	for _, keyword := range request.GetKeywords() {
		printIDs(pages[keyword])
	}
	return nil
}

// readBatch reads results into pages, at most so many, and returns the token to resume with.
func readBatch(ctx context.Context, search zhaohuov1.SearchServiceClient, request *zhaohuov1.BatchKeywordSearchRequest, most int, pages map[string][]*zhaohuov1.Product) (token string, err error) {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	stream, err := search.BatchKeywordSearch(ctx, request)
	if err != nil {
		return "", err
	}
	for read := 0; read < most; {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return token, nil
		}
		if err != nil {
			return "", err
		}
		token = message.GetResumeToken()
		result := message.GetResult()
		if result == nil {
			continue // A report of progress.
		}
		if result.GetError() != nil {
			return "", status.ErrorProto(result.GetError())
		}
		if pages[result.GetKeyword()] != nil {
			return "", fmt.Errorf("the page of %s came twice", result.GetKeyword())
		}
		pages[result.GetKeyword()] = result.GetResponse().GetProducts()
		read++
	}
	return token, nil
}

// refused asks for nothing and reads why that is refused.
func refused(ctx context.Context, search zhaohuov1.SearchServiceClient) error {
	_, err := search.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: " "})
	if err == nil {
		return errors.New("a search for nothing was answered")
	}
	var reason, field string
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			reason = detail.GetReason()
		case *errdetails.BadRequest:
			field = detail.GetFieldViolations()[0].GetField()
		}
	}
	fmt.Println("# error")
	fmt.Println(reason, field)
	return nil
}

// strategy compares prices at a quantity.
func strategy(ctx context.Context, combo zhaohuov1.ComboServiceClient) error {
	answer, err := combo.ComparePrices(ctx, &zhaohuov1.ComparePricesRequest{Keyword: "蓝牙耳机", Quantity: 10})
	if err != nil {
		return err
	}
	fmt.Println("# strategy")
	offers := answer.GetSimilar().GetOffers()
	for _, offer := range offers[:min(5, len(offers))] {
		fmt.Println(offer.GetProduct().GetId())
	}
	return nil
}

func printIDs(products []*zhaohuov1.Product) {
	for _, product := range products {
		fmt.Println(product.GetId())
	}
}
