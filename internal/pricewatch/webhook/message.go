package webhook

import (
	"bytes"
	"encoding/json"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// typeOf is the type of the message about an event.
func typeOf(kind zhaohuov1.PriceEventKind) string {
	switch kind {
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_FELL:
		return "price.fell"
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRICE_ROSE:
		return "price.rose"
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_NEW_CHEAPEST:
		return "price.new_cheapest"
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_APPEARED:
		return "supplier.appeared"
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_SUPPLIER_LEFT:
		return "supplier.left"
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_MEDIAN_MOVED:
		return "price.median_moved"
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_GONE:
		return "product.gone"
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_PRODUCT_BACK:
		return "product.back"
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_FAILING:
		return "watch.failing"
	case zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_RECOVERED:
		return "watch.recovered"
	default:
		return "unspecified"
	}
}

// bodyOf is the message about an event, in JSON: the event as REST writes it, under its type and its time.
func bodyOf(event *zhaohuov1.PriceEvent) ([]byte, error) {
	data, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(event)
	if err != nil {
		return nil, err
	}
	var compact bytes.Buffer // protojson puts a space here and there at random.
	if err := json.Compact(&compact, data); err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Type      string          `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{typeOf(event.GetKind()), event.GetTime().AsTime(), compact.Bytes()})
}
