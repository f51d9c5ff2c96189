package top_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// FuzzAnswer checks what holds for every answer: no panic, every failure is a fault, no success for a body that is not
// JSON, has an error status or an error mark, and products fit the contract.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"result":{"result":[{"productId":1,"subject":"a","price":"1.50-3.20","saleCount":"800+"}]}}`,
		`{"com_alibaba_product_search_response":{"products":[{"offerId":"2","price":"面议"}],"total":2000,"request_id":"r"}}`,
		`{"productSearchResponse":{"success":"true","products":[]}}`,
		`{"error_response":{"code":7,"sub_code":"accesscontrol.limited-by-app-access-count","sub_msg":"This ban will last for 9 more seconds"}}`,
		`{"error_response":null,"products":[]}`,
		`{"success":false,"code":"isv.item-not-exist:1","products":[]}`,
		`{"wholesale_goods_search_result":{"result_code":20010000,"result":{"items":{"goods_summary":[{"id":1,"min_price_cent":10}]}}}}`,
		`{"wholesale_goods_search_result":{"result_code":20020000,"result_memo":"System Error"}}`,
		`{"result":{"result":null}}`,
		`<error_response><code>15</code><sub_code>isp.x</sub_code></error_response>`,
		`<html>`, ``, `null`, `[]`, `{"a":{"products":[]}}`, "{\"products\":[{\"productId\":1,\"title\":\"\xff\\ud800\"}]}",
	} {
		f.Add(200, []byte(seed))
	}
	f.Add(503, []byte(`{"products":[]}`))
	d := top.New(top.Config{Limits: limits})
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		payload, err := d.Wire.Open(searchCall, status, body)
		if err == nil {
			_, err = d.KeywordSearch.Decode(&zhaohuov1.KeywordSearchRequest{}, payload)
		}
		if err != nil {
			if f, ok := fault.As(err); !ok || f.Kind == fault.Internal {
				t.Errorf("%q fails with %v, which is not an upstream fault", body, err)
			}
			return
		}
		if why := errorMark(status, body); why != "" {
			t.Errorf("%q is a success in spite of %s", body, why)
		}
		answer, err := d.KeywordSearch.Decode(&zhaohuov1.KeywordSearchRequest{IncludeRaw: true}, payload)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := proto.Marshal(answer); err != nil {
			t.Errorf("%q cannot be carried: %v", body, err)
		}
		for _, p := range answer.GetProducts() {
			if p.GetId() == "" || !json.Valid([]byte(p.GetRawJson())) {
				t.Errorf("%q gives a product without an id or with broken JSON: %v", body, p)
			}
		}
	})
}

// errorMark says why a body cannot be a success. It uses another JSON library and a simple rule.
func errorMark(status int, body []byte) string {
	if status < 200 || status > 299 {
		return fmt.Sprintf("HTTP %d", status)
	}
	var object map[string]any
	if err := json.Unmarshal(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\xef\xbb\xbf")), &object); err != nil {
		return "being no JSON object"
	}
	if object["error_response"] != nil {
		return "error_response"
	}
	if ok, isBool := object["success"].(bool); isBool && !ok {
		return "success:false"
	}
	if code, isText := object["error_code"].(string); isText && strings.TrimSpace(code) != "" {
		return "error_code"
	}
	return ""
}
