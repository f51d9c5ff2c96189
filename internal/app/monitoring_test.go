package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/metadata"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
	"github.com/zhaohuo-dev/zhaohuo/tools/monitoring/table"
)

var (
	descForm   = regexp.MustCompile(`^Desc\{fqName: "([^"]+)", help: "(?:[^"\\]|\\.)*"(?:, unit: "[^"]*")?, constLabels: \{([^}]*)\}, variableLabels: \{([^}]*)\}`)
	metricName = regexp.MustCompile(`\b((?:zhaohuo|grpc_server|process)_[a-z_]+)(\{[^}]*\})?`)
	labelName  = regexp.MustCompile(`([a-z_]+)(?:=~|!=|=)"`)
	grouping   = regexp.MustCompile(`\bby \(([a-z_, ]+)\)`)
)

// labelsOf are the names of the labels of every metric that a service registers.
func labelsOf(registry *prometheus.Registry) map[string][]string {
	descriptions := make(chan *prometheus.Desc)
	go func() {
		defer close(descriptions)
		registry.Describe(descriptions)
	}()
	all := map[string][]string{}
	for one := range descriptions {
		if match := descForm.FindStringSubmatch(one.String()); match != nil {
			labels := []string{"job", "instance", "le"} // Of Prometheus, and of histograms.
			for name := range strings.SplitSeq(match[3], ",") {
				labels = append(labels, strings.TrimSuffix(strings.TrimPrefix(name, "c("), ")"))
			}
			for pair := range strings.SplitSeq(match[2], ",") {
				name, _, _ := strings.Cut(pair, "=")
				labels = append(labels, name)
			}
			all[match[1]] = labels
		}
	}
	return all
}

// checkExpression compares the metrics and labels that an expression names with those of the service.
func checkExpression(t *testing.T, what, expr string, known map[string][]string) (metrics []string) {
	t.Helper()
	var labels []string
	for _, match := range metricName.FindAllStringSubmatch(expr, -1) {
		name := match[1]
		if known[name] == nil {
			name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_count"), "_sum")
		}
		if known[name] == nil {
			t.Errorf("%s: the service has no metric %s", what, match[1])
			continue
		}
		metrics, labels = append(metrics, name), append(labels, known[name]...)
		for _, label := range labelName.FindAllStringSubmatch(match[2], -1) {
			if !slices.Contains(known[name], label[1]) {
				t.Errorf("%s: %s has no label %s", what, name, label[1])
			}
		}
	}
	for _, group := range grouping.FindAllStringSubmatch(expr, -1) {
		for label := range strings.SplitSeq(group[1], ", ") {
			if !slices.Contains(labels, label) {
				t.Errorf("%s: no metric in it has a label %s", what, label)
			}
		}
	}
	if len(metrics) == 0 {
		t.Errorf("%s asks for no metric of the service: %s", what, expr)
	}
	return metrics
}

// absentAtFirst are the metrics of the dashboard that /metrics does not have before any call, with what they need.
var absentAtFirst = map[string]string{
	"zhaohuo_caller_calls_total":    "a caller who asked: callers may come and go at any time",
	"zhaohuo_caller_requests_total": "a caller who asked: callers may come and go at any time",
	"zhaohuo_account_calls_total":   "the setting accounts: TestAPinnedCallerUsesItsAccount",
	"zhaohuo_account_passed_over":   "an account that is passed over: TestAPinnedCallerUsesItsAccount",
}

// absentLater are those of them that it does not have after calls either.
var absentLater = map[string]string{
	"zhaohuo_account_calls_total": absentAtFirst["zhaohuo_account_calls_total"],
	"zhaohuo_account_passed_over": absentAtFirst["zhaohuo_account_passed_over"],
}

// TestMonitoringNamesMetricsThatExist: the panels, the alerts and their tests name metrics and labels of the running service; and every metric
// of the service is named in one of them or in OPERATIONS.md. What they ask for is in what the service gives to Prometheus.
func TestMonitoringNamesMetricsThatExist(t *testing.T) {
	key, entry := callers.Mint(callers.Entry{Name: "shop"})
	dir := t.TempDir()
	file := filepath.Join(dir, "audit.jsonl")
	apis := filepath.Join(dir, "apis.yaml")
	if err := os.WriteFile(apis, []byte(`[{api: "com.alibaba.product:alibaba.category.get-1", kind: read}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	set := settings(t, config.Environ{"ZHAOHUO_DATA_DIR": dir, "ZHAOHUO_AUDIT_FILE": file}, "--api-keys="+entry.YAML(), "--push-path=/push/1688", "--push-catch-up=0s", "--call-apis-file="+apis,
		"--upstream-qps=4", "--upstream-daily=1000")
	r := start(t, set, false)
	known := labelsOf(r.Metrics())
	if len(known) < 40 {
		t.Fatalf("only %d metrics were read: is their form still read?", len(known))
	}
	begun := scrapeOf(t, r.App) // Before any call: what is not there yet has its first event missed.
	var named []string
	for _, question := range table.Questions() {
		for _, panel := range question.Panels {
			for _, query := range panel.Queries {
				named = append(named, checkExpression(t, panel.Title, query.Expr, known)...)
				begun.check(t, panel.Title+", before any call", query.Expr, absentAtFirst)
			}
		}
	}
	for _, alert := range table.Alerts() {
		named = append(named, checkExpression(t, alert.Name, alert.Expr, known)...)
		begun.check(t, alert.Name, alert.Expr, nil)
		if alert.Chinese == "" || len(alert.Fires) == 0 || len(alert.Calm) == 0 {
			t.Errorf("%s has no Chinese, or no test", alert.Name)
		}
		for _, one := range slices.Concat(alert.Fires, alert.Calm) {
			checkExpression(t, alert.Name+"'s test", one.Name, known)
		}
	}
	operations, err := os.ReadFile("../../docs/OPERATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile("`(zhaohuo_[a-z_]+)").FindAllStringSubmatch(string(operations), -1) {
		named = append(named, match[1])
	}
	for name := range known {
		if strings.HasPrefix(name, "zhaohuo_") && !slices.Contains(named, name) {
			t.Errorf("neither the dashboard nor an alert nor OPERATIONS.md names %s", name)
		}
	}
	board, err := os.ReadFile("../../deploy/grafana/zhaohuo-dashboard.json")
	if err != nil || !json.Valid(board) {
		t.Errorf("the dashboard is no JSON: %v", err)
	}
	checkRecords(t, r, key, file)
}

// checkRecords asks the same twice and reads what the log, the metrics and the audit say of it.
func checkRecords(t *testing.T, r *running, key secret.Text, file string) {
	t.Helper()
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-api-key", key.Reveal())
	for range 2 {
		if _, err := zhaohuov1.NewSearchServiceClient(outside(t, r.App)).KeywordSearch(ctx, headphones()); err != nil {
			t.Fatal(err)
		}
	}
	if _, body := getOps(t, r.App, "/metrics"); !strings.Contains(body, `zhaohuo_caller_calls_total{caller="shop",class="interactive"} 1`) ||
		!strings.Contains(body, "\nzhaohuo_quota_calls_used{account=\"\",api=\"\"} 1\n") || !strings.Contains(body, "\nzhaohuo_upstream_in_flight 0\n") {
		t.Errorf("the call is not counted:\n%s", body)
	}
	later := scrapeOf(t, r.App)
	for _, question := range table.Questions() {
		for _, panel := range question.Panels {
			for _, query := range panel.Queries {
				later.check(t, panel.Title+", after calls", query.Expr, absentLater)
			}
		}
	}
	askAtOnce(ctx, t, r)
	if err := r.end(t); err != nil { // It writes what waits.
		t.Error(err)
	}
	logged := regexp.MustCompile(`msg=rpc method=/zhaohuo.v1.SearchService/KeywordSearch code=OK .*caller=shop .*upstream_calls=(\d) answered_by=(\w+)( waited=\S+)? question=([0-9a-f]{32})`).
		FindAllStringSubmatch(r.log.String(), -1)
	if len(logged) != 2+atOnce || logged[0][1]+logged[0][2] != "1upstream" || logged[1][1]+logged[1][2] != "0memory" || logged[0][4] != logged[1][4] {
		t.Fatalf("the log says %q:\n%s", logged, r.log)
	}
	if logged[0][3] == "" || logged[1][3] != "" {
		t.Errorf("a call that was sent has waited %q, a stored answer %q", logged[0][3], logged[1][3])
	}
	checkWaited(t, r.log.String())
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		Caller, Method, Code, Question, Request string
		UpstreamCalls                           int    `json:"upstream_calls"`
		AnsweredBy                              string `json:"answered_by"`
	}
	var got []line
	for one := range strings.Lines(string(text)) {
		var l struct {
			line
			Request struct{ Keyword string }
		}
		if err := json.Unmarshal([]byte(one), &l); err != nil {
			t.Fatal(err)
		}
		l.line.Request = l.Request.Keyword
		if l.line.Request != headphones().GetKeyword() {
			continue
		}
		if got = append(got, l.line); l.Question == logged[0][4] {
			got[len(got)-1].Question = "the same"
		}
	}
	want := line{Caller: "shop", Method: "/zhaohuo.v1.SearchService/KeywordSearch", Code: "OK", Question: "the same", Request: "蓝牙耳机"}
	first, second := want, want
	first.UpstreamCalls, first.AnsweredBy, second.AnsweredBy = 1, "upstream", "memory"
	if diff := cmp.Diff([]line{first, second}, got); diff != "" {
		t.Errorf("the audit (-want +got):\n%s", diff)
	}
}

// atOnce is how many questions [askAtOnce] asks.
const atOnce = 3

// askAtOnce asks different questions at the same time: at 4 calls a second, all but one wait for the quota.
func askAtOnce(ctx context.Context, t *testing.T, r *running) {
	t.Helper()
	search := zhaohuov1.NewSearchServiceClient(outside(t, r.App))
	var asking sync.WaitGroup
	for i := range atOnce {
		asking.Go(func() {
			if _, err := search.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: fmt.Sprint("at once ", i)}); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
}

// checkWaited refuses a log in which no call waited for the quota, or one for longer than it took.
func checkWaited(t *testing.T, log string) {
	t.Helper()
	var longest time.Duration
	for _, match := range regexp.MustCompile(` code=OK took=(\S+) .* waited=(\S+) `).FindAllStringSubmatch(log, -1) {
		took, err := time.ParseDuration(match[1])
		if err != nil {
			t.Fatal(err)
		}
		waited, err := time.ParseDuration(match[2])
		if err != nil || waited < 0 || waited > took {
			t.Errorf("of %v a call waited %v: %v", took, waited, err)
		}
		longest = max(longest, waited)
	}
	if longest < 100*time.Millisecond {
		t.Errorf("no call waited longer than %v for the quota, of %d at once", longest, atOnce)
	}
}
