package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

func TestSalesOf(t *testing.T) {
	want := &zhaohuov1.SalesFilter{
		Week: &zhaohuov1.SalesRange{Min: proto.Int64(50)}, TwoWeeks: &zhaohuov1.SalesRange{Min: proto.Int64(0), Max: proto.Int64(9)},
		Month: &zhaohuov1.SalesRange{Max: proto.Int64(20)}, AllTime: &zhaohuov1.SalesRange{Min: proto.Int64(7), Max: proto.Int64(7)},
	}
	texts := []string{"week:50-", "two-weeks:0-9", "month:-20", "all-time:7-7"}
	got, err := salesOf(texts)
	if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(texts, salesTexts(got)); diff != "" {
		t.Errorf("written again (-want +got):\n%s", diff)
	}
	if none, err := salesOf(nil); none != nil || err != nil {
		t.Errorf("nothing given: %v, %v", none, err)
	}
	for _, wrong := range []string{"", "week", "week:", "week:-", "week:5", "day:1-2", "week:a-", "week:-1-2", "week:1.5-", "week:99999999999999999999-"} {
		if got, err := salesOf([]string{wrong}); err == nil {
			t.Errorf("%q is %v", wrong, got)
		}
	}
	if _, err := salesOf([]string{"week:1-", "week:-2"}); err == nil {
		t.Error("a period was given twice")
	}
}

// TestFingerprintWithoutWordCriteria: files of batches that were begun before there were these criteria can be resumed.
func TestFingerprintWithoutWordCriteria(t *testing.T) {
	plain := batchCommand{narrowing: narrowing{Category: "7"}, Pages: 2}
	before, err := fingerprint(struct {
		Keywords []string
		Pages    int32
		Raw      bool
		narrowing
		csvOptions
	}{[]string{"杯"}, 2, false, plain.narrowing, plain.csvOptions})
	if err != nil {
		t.Fatal(err)
	}
	now, err := plain.fingerprint([]string{"杯"})
	if err != nil || now != before {
		t.Errorf("%s, %v; want %s", now, err, before)
	}
	narrowed := plain
	narrowed.Sales = []string{"week:1-"}
	if other, err := narrowed.fingerprint([]string{"杯"}); err != nil || other == before {
		t.Errorf("with sales: %s, %v", other, err)
	}
}
