package main

import (
	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// pictureZipPath is a file of all pictures of a product.
const pictureZipPath = "/v1/products/{id}/pictures.zip"

// pictureZip describes the file: it takes what GetProduct takes and answers with a ZIP file.
func (b *builder) pictureZip() (operation, error) {
	rpc := zhaohuov1.File_zhaohuo_v1_product_service_proto.Services().ByName("ProductService").Methods().ByName("GetProduct")
	op := operation{
		OperationID: "productPictures", Tags: []string{string(rpc.Parent().Name())},
		Summary: "Returns all pictures of a product in one file",
		Description: "A ZIP file of the pictures that GetProduct names, the main one first, then those of the variants, each once. Pictures that cannot be " +
			"fetched are listed in `missing.txt` inside. If none can be fetched, or there is none, the answer is the error IMAGE_FETCH_FAILED.",
	}
	parameters, err := b.parameters(rpc.Input(), namesIn(pictureZipPath), exampleOf(rpc))
	if err != nil {
		return op, err
	}
	op.Parameters = append(parameters, commonParameters()...)
	op.Responses = responses(response{
		Description: "The file. It is sent while the pictures arrive; one that is cut off has no end and cannot be opened.",
		Headers:     map[string]header{"X-Request-Id": {Ref: "#/components/headers/RequestId"}},
		Content:     map[string]media{"application/zip": {Schema: &schema{Type: "string", ContentMediaType: "application/zip"}}},
	}, statuses(false, false))
	return op, nil
}
