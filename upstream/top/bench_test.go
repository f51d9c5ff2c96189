package top_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// searchAnswer is a gateway's answer with n products.
func searchAnswer(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"com_alibaba_product_search_response":{"result":{"success":true,"code":"200","totalRecords":2000,"pageSize":20,"result":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"productId":%d,"subject":"新款无线蓝牙耳机 降噪运动入耳式 厂家直销 %d","price":"%d.50-%d.80","imageUrl":"https://cbu01.alicdn.com/img/ibank/O1CN01abc%d.jpg",`+
			`"companyName":"深圳市某某电子科技有限公司","minOrderQuantity":%d,"detailUrl":"https://detail.1688.com/offer/%d.html","saleCount":"%d+","location":"广东 深圳"}`,
			620201390233+i, i, i+1, i+2, i, i+1, 620201390233+i, 100*i)
	}
	b.WriteString(`]},"request_id":"16r1l8xk2q0"}}`)
	return []byte(b.String())
}

// BenchmarkDecode20 opens and decodes an answer of 20 goods.
func BenchmarkDecode20(b *testing.B) {
	d := top.New(top.Config{Limits: limits})
	body := searchAnswer(20)
	q := &zhaohuov1.KeywordSearchRequest{Keyword: "蓝牙耳机"}
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		payload, err := d.Wire.Open(searchCall, http.StatusOK, body)
		if err != nil {
			b.Fatal(err)
		}
		answer, err := d.KeywordSearch.Decode(q, payload)
		if err != nil || len(answer.GetProducts()) != 20 {
			b.Fatal(answer, err)
		}
	}
}
