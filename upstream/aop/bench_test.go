package aop_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// benchmarkPath and benchmarkParams are those of a usual keyword search.
const benchmarkPath = "param2/1/com.alibaba.fenxiao.crossborder/product.search.keywordQuery/1000000"

func benchmarkParams() []upstream.Param {
	return []upstream.Param{
		{Name: "offerQueryParam", Value: `{"keyword":"蓝牙耳机","beginPage":1,"pageSize":20,"country":"en","sort":"{\"price\":\"asc\"}"}`},
		{Name: "_aop_timestamp", Value: "1700000000000"},
		{Name: "access_token", Value: vectorToken},
	}
}

// signedText is what the signature of params covers, in one piece.
func signedText(params []upstream.Param) []byte {
	joined := []byte(benchmarkPath)
	for _, p := range params {
		joined = append(append(joined, p.Name...), text(p)...)
	}
	return joined
}

// benchmarkHMAC hashes the text in one piece, the least that a signature costs, and gives the time of one hash.
func benchmarkHMAC(b *testing.B, name string, text []byte) (perOp float64) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			mac := hmac.New(sha1.New, []byte("test123"))
			mac.Write(text)
			mac.Sum(nil)
		}
		perOp = timePerOp(b)
	})
	return perOp
}

// timePerOp is the mean time of one round of b.Loop in nanoseconds. Call it after the loop.
func timePerOp(b *testing.B) float64 {
	b.Helper()
	return float64(b.Elapsed().Nanoseconds()) / float64(b.N)
}

// BenchmarkSign compares a signature with a bare HMAC-SHA1 over the same bytes.
func BenchmarkSign(b *testing.B) {
	photoParams := []upstream.Param{{Name: "uploadImageParam", Value: `{"imageBase64":"`, Photo: photo(strings.Repeat("abc", 100_000)), Tail: `"}`}}
	for _, c := range []struct {
		name   string
		params []upstream.Param
	}{{"search", benchmarkParams()}, {"photo", photoParams}} {
		joined := signedText(c.params)
		bare := benchmarkHMAC(b, c.name+"/hmac", joined)
		b.Run(c.name+"/sign", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(joined)))
			for b.Loop() {
				if _, _, err := aop.Sign("test123", benchmarkPath, c.params); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(timePerOp(b)/bare, "×hmac")
		})
	}
}

// BenchmarkRequest signs and writes a whole HTTP request, and compares that with a bare HMAC-SHA1 over the same bytes.
func BenchmarkRequest(b *testing.B) {
	d := aop.New(aop.Config{})
	call, err := d.KeywordSearch.Encode(&zhaohuov1.KeywordSearchRequest{Keyword: "无线蓝牙耳机 降噪", PriceMax: "99.90"})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Unix(1_700_000_000, 0)
	bare := benchmarkHMAC(b, "hmac", signedText(append(call.Params, benchmarkParams()[1:]...)))
	b.Run("request", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.Wire.NewRequest(b.Context(), call, upstream.Credential{AppKey: "1000000", AppSecret: "test123"}, now); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(timePerOp(b)/bare, "×hmac")
	})
}

// BenchmarkDecode opens an answer of 20 products and decodes it into the contract. It compares that with encoding/json, which
// reads the same bytes into maps.
func BenchmarkDecode(b *testing.B) {
	const products = 20
	rows := make([]string, products)
	for i := range rows {
		rows[i] = strings.Replace(fullOffer, "620201390233", fmt.Sprint(620201390233+i), 1)
	}
	body := []byte(`{"result":{"success":true,"code":"200","message":"成功","result":` +
		page(`"totalRecords":2000,"totalPage":101,"pageSize":20,"currentPage":1`, strings.Join(rows, ",")) + `}}`)
	var bare float64
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := json.Unmarshal(body, &v); err != nil {
				b.Fatal(err)
			}
		}
		bare = timePerOp(b)
	})
	b.Run("decode", func(b *testing.B) {
		d := aop.New(aop.Config{})
		q := &zhaohuov1.KeywordSearchRequest{Keyword: "饼干", LanguageCode: "en"}
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			payload, err := d.Wire.Open(upstream.Call{API: keywordAPI}, 200, body)
			if err != nil {
				b.Fatal(err)
			}
			answer, err := d.KeywordSearch.Decode(q, payload)
			if err != nil || len(answer.GetProducts()) != products {
				b.Fatal(answer, err)
			}
		}
		b.ReportMetric(timePerOp(b)/bare, "×encoding/json")
	})
}
