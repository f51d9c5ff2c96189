package app

import (
	"testing"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestLikenessIsCounted: metrics count the images that one question fetched and decoded, and its fine comparisons.
func TestLikenessIsCounted(t *testing.T) {
	r := start(t, settings(t, nil, "--photo-dir="+t.TempDir(), "--default-timeout=5m"), true)
	answer, err := zhaohuov1.NewComboServiceClient(r.Conn()).FindSource(t.Context(), &zhaohuov1.FindSourceRequest{
		Keyword: headphones().GetKeyword(), VerifyImages: proto.Int32(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	families, err := r.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	work, comparisons := map[string]uint64{}, 0.0
	for _, family := range families {
		switch family.GetName() {
		case "zhaohuo_likeness_wait_seconds":
			for _, m := range family.GetMetric() {
				work[m.GetLabel()[0].GetValue()] = m.GetHistogram().GetSampleCount()
			}
		case "zhaohuo_likeness_fine_comparisons_total":
			comparisons = family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	fetched := uint64(answer.GetMeta().GetImagesFetched())
	if fetched == 0 || work["fetch"] != fetched {
		t.Errorf("%d fetches are counted, the answer says %d", work["fetch"], fetched)
	}
	// An image is decoded once for its fingerprint, and again for its print if it is compared finely.
	if n := work["decode"]; n < fetched || n > 2*fetched {
		t.Errorf("%d images decoded, %d fetched", n, fetched)
	}
	if comparisons == 0 {
		t.Error("no fine comparison is counted")
	}
}
