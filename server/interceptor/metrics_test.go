package interceptor_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

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
	got := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if family.GetName() == "grpc_server_handled_total" && labels["grpc_method"] == "KeywordSearch" {
				got[labels["grpc_code"]] = metric.GetCounter().GetValue()
			}
		}
	}
	if diff := cmp.Diff(map[string]float64{"OK": 2, "InvalidArgument": 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := interceptor.New(interceptor.Config{Metrics: registry}); err == nil {
		t.Error("a second chain in one registry was accepted")
	}
}
