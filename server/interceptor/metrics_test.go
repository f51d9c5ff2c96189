package interceptor_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	grpccodes "google.golang.org/grpc/codes"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	r := start(t, interceptor.Config{Metrics: registry}, &service{search: answer})
	for _, q := range []*zhaohuov1.KeywordSearchRequest{words(), words(), {}} {
		_, _ = ask(t.Context(), r.outside, q)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got, codes := map[string]float64{}, map[string]int{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if family.GetName() == "grpc_server_handled_total" && labels["grpc_method"] == "KeywordSearch" {
				codes[labels["grpc_code"]]++
				if n := metric.GetCounter().GetValue(); n > 0 {
					got[labels["grpc_code"]] = n
				}
			}
		}
	}
	if diff := cmp.Diff(map[string]float64{"OK": 2, "InvalidArgument": 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for code := range grpccodes.Unauthenticated + 1 {
		if codes[code.String()] != 1 {
			t.Errorf("%d counters of %v, want one from the beginning", codes[code.String()], code)
		}
	}
	if _, err := interceptor.New(interceptor.Config{Metrics: registry}); err == nil {
		t.Error("a second chain in one registry was accepted")
	}
}
