package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// decoding sets an answer of 20 products, opened and decoded into the contract, against encoding/json reading the same
// bytes into maps.
func decoding(ctx context.Context, r *report) error {
	platform, err := startSandbox(ctx)
	if err != nil {
		return err
	}
	defer platform.stop()
	for _, d := range []struct {
		name string
		*upstream.Dialect
	}{
		{"AOP", aop.New(aop.Config{BaseURL: platform.url, Limits: limits()})},
		{"TOP", top.New(top.Config{URL: platform.url + "/router/rest", SignMethod: top.SignMD5, Limits: limits()})},
	} {
		query := &zhaohuov1.KeywordSearchRequest{Keyword: "耳机", Page: proto.Int32(1), PageSize: proto.Int32(20)}
		call, err := d.KeywordSearch.Encode(query)
		if err != nil {
			return err
		}
		body, err := fetch(ctx, d.Dialect, call)
		if err != nil {
			return err
		}
		var answer *zhaohuov1.KeywordSearchResponse
		ours := benchmark(func() {
			payload, openErr := d.Wire.Open(call, http.StatusOK, body)
			if err = openErr; err == nil {
				answer, err = d.KeywordSearch.Decode(query, payload)
			}
		})
		if err != nil {
			return err
		}
		if len(answer.GetProducts()) != 20 {
			return fmt.Errorf("%s: decoded %d products, want 20", d.name, len(answer.GetProducts()))
		}
		std := benchmark(func() { var v any; err = json.Unmarshal(body, &v) })
		r.tell(fmt.Sprintf("%s answer of 20 products (%.1f KB), into the contract", d.name, float64(len(body))/1000),
			"%.0f µs, %.2f of encoding/json into maps", ours/1000, ours/std)
	}
	return nil
}

func fetch(ctx context.Context, d *upstream.Dialect, call upstream.Call) ([]byte, error) {
	cred := upstream.Credential{AppKey: benchKey, AppSecret: benchSecret}
	request, err := d.Wire.NewRequest(ctx, call, cred, time.Now())
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && bytes.Contains(body, []byte("error_code")) {
		err = fmt.Errorf("the sandbox refused: %s", body)
	}
	return body, err
}
