package cli

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// pricesOf is a point of a trend: the lowest price, the median and the highest.
func pricesOf(at int, low, middle, high int64) *zhaohuov1.PriceTrendPoint {
	return &zhaohuov1.PriceTrendPoint{Time: atHour(at), Min: yuan(low, 0), Median: yuan(middle, 0), Max: yuan(high, 0), ObservationCount: 1}
}

// history has an observation, one that failed and one that found nothing.
func history(t *testing.T) []*zhaohuov1.PriceObservation {
	t.Helper()
	failed, err := status.New(codes.Unavailable, "the upstream does not answer").WithDetails(&errdetails.ErrorInfo{Reason: "UPSTREAM_UNAVAILABLE", Domain: "zhaohuo.dev"})
	if err != nil {
		t.Fatal(err)
	}
	sold := int64(0)
	return []*zhaohuov1.PriceObservation{
		{
			WatchId: "pw_1", DueTime: atHour(0), FetchTime: atHour(1), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, UpstreamCalls: 2, ProductCount: 2,
			Statistics: &zhaohuov1.PriceStatistics{Min: yuan(9, 500_000_000), Median: yuan(9, 500_000_000), Max: yuan(9, 500_000_000)},
			Products: []*zhaohuov1.ObservedPrice{
				{
					ProductId: "610947572360", Title: "=保温杯", Price: yuan(9, 500_000_000), PriceBasis: zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY,
					MinOrderQuantity: 2, SoldCount: &sold, SupplierId: "b2b-1", SupplierName: "厂", ImageCompared: true,
					Tiers: []*zhaohuov1.QuantityPrice{{MinQuantity: 1, Price: yuan(11, 0)}, {MinQuantity: 100, Price: yuan(9, 500_000_000)}},
				},
				{ProductId: "610947572361", Unpriced: zhaohuov1.UnpricedReason_UNPRICED_REASON_NEGOTIABLE},
			},
			Unseen: []string{"610947572362"},
		},
		{WatchId: "pw_1", DueTime: atHour(2), Error: failed.Proto(), UpstreamCalls: 1},
		{WatchId: "pw_1", DueTime: atHour(3), FetchTime: atHour(3), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE},
	}
}

// TestWatchExport: a row for each product, a failure is a row with its reason, and what is not known is no zero.
func TestWatchExport(t *testing.T) {
	w := &watchServer{history: history(t)}
	addr := w.serve(t)
	at := func(n int) string { return momentText(atHour(n)) }
	want := [][]string{
		observationHeader(),
		{"pw_1", at(0), at(1), "observed", "", "", "LIVE", "2", "610947572362", "610947572360", "'=保温杯", "CNY", "9.50", "exact-at-quantity", "", "2", "0", "b2b-1", "厂", "true", "1:11;100:9.50"},
		{"pw_1", at(0), at(1), "observed", "", "", "LIVE", "2", "610947572362", "610947572361", "", "", "", "", "negotiable", "", "", "", "", "false", ""},
		{"pw_1", at(2), "", "failed", "UPSTREAM_UNAVAILABLE", "the upstream does not answer", "", "1", "", "", "", "", "", "", "", "", "", "", "", "", ""},
		{"pw_1", at(3), at(3), "nothing-found", "", "", "LIVE", "0", "", "", "", "", "", "", "", "", "", "", "", "", ""},
	}
	check := func(what, text string, want [][]string) {
		t.Helper()
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(rows) != len(want) {
			t.Fatalf("%s: %v, %d rows: %s", what, err, len(rows), text)
		}
		for i, row := range rows {
			if got := strings.Join(row, "|"); got != strings.Join(want[i], "|") {
				t.Errorf("%s, row %d:\n%s\nwant\n%s", what, i, got, strings.Join(want[i], "|"))
			}
		}
	}
	got := run(t, nil, "watch", "export", "pw_1", "--addr", addr)
	if got.code != 0 || got.stderr != "" {
		t.Fatalf("%+v", got)
	}
	check("standard output", got.stdout, want)
	dir := t.TempDir()
	file := filepath.Join(dir, "prices.csv")
	wantNote := outcome{0, "", "zhaohuo: " + file + ": 3 observations\n"}
	if got := run(t, nil, "watch", "export", "pw_1", "-o", file, "--plain-csv", "--addr", addr); got != wantNote {
		t.Errorf("%+v", got)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	check("the file", string(text), want)
	if got := run(t, nil, "watch", "export", "pw_1", "-o", file, "--addr", addr); got.code != exitUsage || !strings.Contains(got.stderr, "exists already") {
		t.Errorf("again: %+v", got)
	}
	if got := run(t, nil, "watch", "export", "pw_1", "-o", "ndjson", "--addr", addr); got.code != 0 || strings.Count(got.stdout, "\n") != 3 ||
		!strings.Contains(got.stdout, `"reason":"UPSTREAM_UNAVAILABLE"`) {
		t.Errorf("NDJSON: %+v", got)
	}
	excel := filepath.Join(dir, "prices.xlsx")
	if got := run(t, nil, "watch", "export", "pw_1", "-o", excel, "--addr", addr); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	book := openBook(t, excel)
	rows, err := book.GetRows("prices")
	if err != nil || len(rows) != 5 || rows[1][10] != "=保温杯" || !strings.HasPrefix(rows[1][12], "9.5") || len(rows[3]) > 9 {
		t.Errorf("%v %q", err, rows)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%v %v", left, err)
	}
	bad := filepath.Join(dir, "bad.csv")
	if got := run(t, nil, "watch", "export", "pw_1", "-o", bad, "--addr", nobody); got.code != exitLater {
		t.Errorf("%+v", got)
	}
	if _, err := os.Lstat(bad); err == nil {
		t.Error("a file was left of an export that failed")
	}
}

// TestWatchTrend: what was not observed is blank, a failure is marked, and nothing is drawn at zero.
func TestWatchTrend(t *testing.T) {
	failed := &zhaohuov1.PriceTrendPoint{Time: atHour(3), FailedCount: 1}
	w := &watchServer{
		watches: []*zhaohuov1.PriceWatch{{
			Id: "pw_1", DisplayName: "杯", Interval: durationpb.New(time.Hour), State: zhaohuov1.PriceWatchState_PRICE_WATCH_STATE_ACTIVE,
			Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"610947572360"}}},
		}},
		trend: &zhaohuov1.QueryPriceTrendResponse{Points: []*zhaohuov1.PriceTrendPoint{
			pricesOf(0, 10, 12, 14), pricesOf(1, 10, 12, 18), pricesOf(2, 10, 12, 14), failed, pricesOf(8, 12, 16, 18), pricesOf(9, 14, 16, 18),
		}},
		history: history(t)[:1],
	}
	w.trend.Recorded = []*zhaohuov1.RecordedTrends{
		{ProductId: "610947572360", FirstMedianPrice: yuan(11, 0), LastMedianPrice: yuan(12, 0)},
		{ProductId: "7", Trends: []*zhaohuov1.ProductTrend{{Error: status.New(codes.Unavailable, "too fast").Proto()}}},
	}
	w.history[0].DueTime = atHour(9)
	got := run(t, nil, "watch", "show", "pw_1", "--trends", "--addr", w.serve(t))
	from, to := localTime(atHour(0).AsTime()), localTime(atHour(9).AsTime())
	want := "\n" +
		"¥18 ┤ │      ││\n    ┤ │      ││\n    ┤ │      ●●\n    ┤ │      ││\n    ┤│││     ││\n    ┤│││     │\n    ┤●●●     │\n    ┤│││\n¥10 ┤│││\n" +
		"        ×\n    └──────────\n     " + from + "  " + to + "\n" +
		"● median  │ lowest to highest  · between two observations  × failed; blank: not observed\n"
	if got.code != 0 || !strings.Contains(got.stdout, want) {
		t.Errorf("exit %d:\n%s%s\nwant\n%s", got.code, got.stdout, got.stderr, want)
	}
	if !strings.Contains(got.stderr, "without 7: too fast") {
		t.Errorf("stderr %q", got.stderr)
	}
	for _, part := range []string{
		"reports        only that it fails or recovers\n", "observes every 60 minutes\n", to + ": 2 goods, lowest ¥9.50, median ¥9.50, highest ¥9.50\ncould not be seen: 610947572362\n",
		"\n\nrecorded by 1688 itself, as the median of 30 days; no buyer was offered these prices\n",
		"610947572360     -           ¥11          ¥12           -     0\n",
		"610947572360  =保温杯  ¥9.50  exact ", "610947572361  -            -  negotiable ",
	} {
		if !strings.Contains(got.stdout, part) {
			t.Errorf("no %q in\n%s", part, got.stdout)
		}
	}
}

// TestTrendColumns: observations that come a little early or late leave no hole, and many share a column.
func TestTrendColumns(t *testing.T) {
	var points []*zhaohuov1.PriceTrendPoint
	for i := range 30 {
		p := pricesOf(i, 10, 12, 14)
		p.Time.Seconds += int64(i * 7919 % 1700) // Up to half an hour late.
		points = append(points, p)
	}
	for _, widest := range []int{100, 20, 7, 1} {
		columns := trendColumns(points, time.Hour, widest)
		for i, c := range columns {
			if !c.priced {
				t.Errorf("at most %d columns: column %d of %d is blank", widest, i, len(columns))
			}
		}
		if len(columns) > widest {
			t.Errorf("%d columns, at most %d", len(columns), widest)
		}
	}
	points = append(points[:10:10], points[20:]...)
	blank := 0
	for _, c := range trendColumns(points, time.Hour, 100) {
		if !c.priced {
			blank++
		}
	}
	if blank < 8 || blank > 10 {
		t.Errorf("ten hours without observations are %d columns", blank)
	}
}

func TestWatchRunShowsAFailure(t *testing.T) {
	w := &watchServer{history: history(t)[:2]}
	got := run(t, nil, "watch", "run", "pw_1", "--addr", w.serve(t))
	if got.code != exitLater || got.stdout != localTime(atHour(2).AsTime())+": failed\n" || !strings.Contains(got.stderr, "UNAVAILABLE UPSTREAM_UNAVAILABLE") {
		t.Errorf("%+v", got)
	}
}
