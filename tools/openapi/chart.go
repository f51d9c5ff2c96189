package main

import (
	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// chartPath is the picture of a price watch's trend.
const chartPath = "/v1/priceWatches/{id}/chart.svg"

// chart describes the picture: it takes what QueryPriceTrend takes and answers with an image.
func (b *builder) chart() (operation, error) {
	rpc := zhaohuov1.File_zhaohuo_v1_price_watch_service_proto.Services().ByName("PriceWatchService").Methods().ByName("QueryPriceTrend")
	op := operation{
		OperationID: "priceTrendChart", Tags: []string{string(rpc.Parent().Name())},
		Summary: "Draws the trend of a watch",
		Description: "An SVG image of what QueryPriceTrend gives: the lowest to the highest price, the middle half and the median, or the median " +
			"and the prices of `productIds`. A line is broken where nothing is known. Texts are Chinese or English by `Accept-Language`.",
	}
	parameters, err := b.parameters(rpc.Input(), namesIn(chartPath), exampleOf(rpc))
	if err != nil {
		return op, err
	}
	op.Parameters = append(parameters, commonParameters()...)
	op.Responses = responses(response{
		Description: "The picture. It has no script and refers to nothing else.",
		Headers:     map[string]header{"X-Request-Id": {Ref: "#/components/headers/RequestId"}},
		Content:     map[string]media{"image/svg+xml": {Schema: &schema{Type: "string"}}},
	}, statuses(false, false))
	op.Responses["304"] = response{Description: "The answer is the one that `If-None-Match` names."}
	return op, nil
}
