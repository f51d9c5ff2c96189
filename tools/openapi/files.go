package main

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// chartPath is the picture of a price watch's trend.
const chartPath = "/v1/priceWatches/{id}/chart.svg"

// pictureZipPath is a file of all pictures of a product.
const pictureZipPath = "/v1/products/{id}/pictures.zip"

// chart describes the picture: it takes what QueryPriceTrend takes and answers with an image.
func (b *builder) chart() (operation, error) {
	rpc := zhaohuov1.File_zhaohuo_v1_price_watch_service_proto.Services().ByName("PriceWatchService").Methods().ByName("QueryPriceTrend")
	op, err := b.file(chartPath, rpc, operation{
		OperationID: "priceTrendChart",
		Summary:     "Draws the trend of a watch",
		Description: "An SVG image of what QueryPriceTrend gives: the lowest to the highest price, the middle half and the median, or the median " +
			"and the prices of `productIds`. A line is broken where nothing is known. Texts are Chinese or English by `Accept-Language`.",
	}, response{
		Description: "The picture. It has no script and refers to nothing else.",
		Content:     map[string]media{"image/svg+xml": {Schema: &schema{Type: "string"}}},
	})
	if err == nil {
		op.Responses["304"] = response{Description: "The answer is the one that `If-None-Match` names."}
	}
	return op, err
}

// pictureZip describes the file: it takes what GetProduct takes and answers with a ZIP file.
func (b *builder) pictureZip() (operation, error) {
	rpc := zhaohuov1.File_zhaohuo_v1_product_service_proto.Services().ByName("ProductService").Methods().ByName("GetProduct")
	return b.file(pictureZipPath, rpc, operation{
		OperationID: "productPictures",
		Summary:     "Returns all pictures of a product in one file",
		Description: "A ZIP file of the pictures that GetProduct names, the main one first, then those of the variants, each once. Pictures that cannot be " +
			"fetched are listed in `missing.txt` inside. If none can be fetched, or there is none, the answer is the error IMAGE_FETCH_FAILED.",
	}, response{
		Description: "The file. It is sent while the pictures arrive; one that is cut off has no end and cannot be opened.",
		Content:     map[string]media{"application/zip": {Schema: &schema{Type: "string", ContentMediaType: "application/zip"}}},
	})
}

// file completes the description of a file that is made from the answer of an RPC, whose parameters it takes.
func (b *builder) file(path string, rpc protoreflect.MethodDescriptor, op operation, answer response) (operation, error) {
	op.Tags = []string{string(rpc.Parent().Name())}
	parameters, err := b.parameters(rpc.Input(), namesIn(path), exampleOf(rpc))
	if err != nil {
		return op, err
	}
	op.Parameters = append(parameters, commonParameters()...)
	answer.Headers = map[string]header{"X-Request-Id": {Ref: "#/components/headers/RequestId"}}
	op.Responses = responses(answer, statuses(false, false))
	return op, nil
}
