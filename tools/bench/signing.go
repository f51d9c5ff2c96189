package main

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

func limits() upstream.Limits { return upstream.Limits{PageSizeMax: 50, Window: 2000} }

// signing sets a signature, and a whole signed request, against the bare hash over as many bytes.
func signing(ctx context.Context, r *report) error {
	const path = "param2/1/com.alibaba.fenxiao.crossborder/product.search.keywordQuery/1000000"
	query := &zhaohuov1.KeywordSearchRequest{Keyword: "无线蓝牙耳机 降噪", PriceMax: "99.90"}
	call, err := aop.New(aop.Config{Limits: limits()}).KeywordSearch.Encode(query)
	if err != nil {
		return err
	}
	params := append(call.Params, upstream.Param{Name: "_aop_timestamp", Value: "1700000000000"},
		upstream.Param{Name: "access_token", Value: "f14da3b8-b0b1-4f73-a5de-9bed637e0188"})
	text := []byte(path)
	for _, p := range params {
		text = append(append(text, p.Name...), p.Value...)
	}
	key := []byte("test123")
	bare := benchmark(func() { m := hmac.New(sha1.New, key); m.Write(text); m.Sum(nil) })
	signed := benchmark(func() { _, _, err = aop.Sign("test123", path, params) })
	if err != nil {
		return err
	}
	r.tell("AOP signatures a second", "%.0f k, %.2f of the bare HMAC-SHA1", 1e6/signed, bare/signed)

	dialects := []struct {
		name string
		d    *upstream.Dialect
		bare float64
	}{
		{"AOP request, signed and written", aop.New(aop.Config{Limits: limits()}), bare},
		{
			"TOP request (MD5), signed and written", top.New(top.Config{Limits: limits(), SignMethod: top.SignMD5}),
			benchmark(func() { md5.Sum(text) }),
		},
	}
	for _, d := range dialects {
		call, err := d.d.KeywordSearch.Encode(query)
		if err != nil {
			return err
		}
		cred := upstream.Credential{AppKey: "1000000", AppSecret: secret.Text(key)}
		now := time.Now()
		took := benchmark(func() { _, err = d.d.Wire.NewRequest(ctx, call, cred, now) })
		if err != nil {
			return err
		}
		r.tell(d.name, "%.2f µs, %.1f × the bare hash", took/1000, took/d.bare)
	}
	return nil
}

// benchmark is the time of one call in nanoseconds.
func benchmark(f func()) float64 {
	result := testing.Benchmark(func(b *testing.B) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
	return float64(result.T.Nanoseconds()) / float64(result.N)
}
