package top_test

import (
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
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

// timePerOp is the mean time of one round of b.Loop in nanoseconds. Call it after the loop.
func timePerOp(b *testing.B) float64 {
	b.Helper()
	return float64(b.Elapsed().Nanoseconds()) / float64(b.N)
}

// BenchmarkRequest signs and writes a whole HTTP request. It compares that with a bare MD5 over the same bytes.
func BenchmarkRequest(b *testing.B) {
	d := top.New(top.Config{Limits: limits, SignMethod: top.SignMD5})
	call, err := d.KeywordSearch.Encode(&zhaohuov1.KeywordSearchRequest{Keyword: "无线蓝牙耳机 降噪", PriceMax: "99.90"})
	if err != nil {
		b.Fatal(err)
	}
	cred := upstream.Credential{AppKey: "1000000", AppSecret: "0123456789abcdef0123456789abcdef"}
	now := time.Unix(1_700_000_000, 0)
	request, err := d.Wire.NewRequest(b.Context(), call, cred, now)
	if err != nil {
		b.Fatal(err)
	}
	sent, err := io.ReadAll(request.Body)
	if err != nil {
		b.Fatal(err)
	}
	var bare float64
	b.Run("md5", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			md5.Sum(sent)
		}
		bare = timePerOp(b)
	})
	b.Run("request", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.Wire.NewRequest(b.Context(), call, cred, now); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(timePerOp(b)/bare, "×md5")
	})
}

// BenchmarkDecode opens an answer of 20 products and decodes it into the contract. It compares that with encoding/json, which
// reads the same bytes into maps.
func BenchmarkDecode(b *testing.B) {
	d := top.New(top.Config{Limits: limits})
	body := searchAnswer(20)
	q := &zhaohuov1.KeywordSearchRequest{Keyword: "蓝牙耳机"}
	var bare float64
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var v any
			if err := json.Unmarshal(body, &v); err != nil {
				b.Fatal(err)
			}
		}
		bare = timePerOp(b)
	})
	b.Run("decode", func(b *testing.B) {
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
		b.ReportMetric(timePerOp(b)/bare, "×encoding/json")
	})
}
