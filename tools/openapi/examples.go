package main

import "google.golang.org/protobuf/reflect/protoreflect"

// picture is a small PNG of a red square on white.
const picture = "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAWElEQVR42u3ZQQ0AMAgEQbTgXwqeWhUl0MxlDcz74ixfAAAAAAAAAAAAAAC0ASrzaQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8wAeGgAAAAAAAAAAAIBvABcOUR5ZrNgl/AAAAABJRU5ErkJggg=="

// examples are requests as JSON spells them, which the sandbox answers.
//
//nolint:gosec // An image in base64, and no credentials.
func examples() map[protoreflect.Name]string {
	return map[protoreflect.Name]string{
		"KeywordSearch":       `{"keyword": "蓝牙耳机", "pageSize": 5, "priceMax": "99.90"}`,
		"ImageSearch":         `{"image": {"content": "` + picture + `"}, "pageSize": 5}`,
		"UploadImageSearch":   `{"pageSize": 5}`,
		"BatchImageSearch":    `{"images": [{"tag": "first", "image": {"url": "https://cbu01.alicdn.com/img/ibank/O1CN01.jpg"}}]}`,
		"BatchKeywordSearch":  `{"keywords": ["保温杯", "蓝牙耳机"], "pages": 1, "pageSize": 5}`,
		"StreamKeywordSearch": `{"keyword": "保温杯", "maxResults": 10}`,
		"GetProduct":          `{"id": "767500314824"}`,
		"BatchGetProducts":    `{"ids": ["767500314824", "674335710285"]}`,
		"ListSellerProducts":  `{"sellerId": "BBBhNTzSFzUQZtlRok0ezbYuEuq", "pageSize": 5}`,
		"ListSearchFacets":    `{"keyword": "蓝牙耳机"}`,
		"ListTopKeywords":     `{"categoryId": "152010"}`,
		"ListRelatedProducts": `{"id": "767500314824", "pageSize": 5}`,
		"ListTopProducts":     `{"categoryId": "152010", "limit": 5}`,
		"GetProductTrends":    `{"id": "767500314824", "kinds": ["PRODUCT_TREND_KIND_MEDIAN_PRICE"]}`,
		"FindCategories":      `{"name": "保温杯"}`,
		"GetCategory":         `{"id": "1520"}`,
		"EstimateFreight":     `{"id": "767500314824", "quantity": "20", "destination": {"provinceCode": "330000", "cityCode": "330100", "districtCode": "330108"}}`,
		"FindSource":          `{"keyword": "保温杯", "maxUpstreamCalls": 4}`,
		"ComparePrices":       `{"keyword": "保温杯", "quantity": "100", "maxUpstreamCalls": 2}`,

		"CreatePriceWatch":      `{"priceWatch": {"displayName": "保温杯", "comparison": {"keyword": "保温杯"}, "interval": "3600s", "conditions": [{"kind": "PRICE_EVENT_KIND_PRICE_FELL", "ratio": 0.05}]}}`,
		"GetPriceWatch":         `{"id": "pw_3k7q2m5x4wzjt6ab"}`,
		"ListPriceWatches":      `{}`,
		"UpdatePriceWatch":      `{"id": "pw_3k7q2m5x4wzjt6ab", "priceWatch": {"displayName": "保温杯"}, "updateMask": "displayName"}`,
		"PausePriceWatch":       `{"id": "pw_3k7q2m5x4wzjt6ab"}`,
		"ResumePriceWatch":      `{"id": "pw_3k7q2m5x4wzjt6ab"}`,
		"DeletePriceWatch":      `{"id": "pw_3k7q2m5x4wzjt6ab"}`,
		"RunPriceWatch":         `{"id": "pw_3k7q2m5x4wzjt6ab"}`,
		"ListPriceObservations": `{"id": "pw_3k7q2m5x4wzjt6ab"}`,
		"QueryPriceTrend":       `{"id": "pw_3k7q2m5x4wzjt6ab"}`,
		"ListPriceEvents":       `{}`,
		"StreamPriceEvents":     `{}`,
		"ListWebhookDeliveries": `{"id": "pw_3k7q2m5x4wzjt6ab", "state": "WEBHOOK_DELIVERY_STATE_DEAD"}`,
		"RedeliverWebhook":      `{"id": "msg_4711_wh_6b2zq4m7x5wjt3ka"}`,
		"RotateWebhookSecret":   `{"id": "pw_3k7q2m5x4wzjt6ab", "webhookId": "wh_6b2zq4m7x5wjt3ka"}`,
		"AnalyzeCompetitors":    `{"image": {"content": "` + picture + `"}, "maxUpstreamCalls": 4}`,
		"ExpandSelection":       `{"seeds": ["保温杯"], "maxUpstreamCalls": 4}`,

		"StreamFindSource":         `{"keyword": "保温杯", "maxUpstreamCalls": 4}`,
		"StreamComparePrices":      `{"keyword": "保温杯", "quantity": "100", "maxUpstreamCalls": 2}`,
		"StreamAnalyzeCompetitors": `{"image": {"content": "` + picture + `"}, "maxUpstreamCalls": 4}`,
		"StreamExpandSelection":    `{"seeds": ["保温杯"], "maxUpstreamCalls": 4}`,

		"Call": `{"api": "com.alibaba.product:alibaba.category.get-1", "parameters": {"categoryID": "0"}}`,

		"GetServerInfo": `{}`,
		"Diagnose":      `{}`,
	}
}
