package app

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

const (
	categoryAPI = "com.alibaba.product:alibaba.category.get-1"
	followAPI   = "com.alibaba.product:alibaba.product.follow.crossborder-1"
)

// reason is what an error says about itself, with RETRY if it says to wait and repeat.
func reason(err error) string {
	text := ""
	for _, detail := range status.Convert(err).Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			text = d.GetReason() + text
		case *errdetails.RetryInfo:
			text += " RETRY"
		}
	}
	return text
}

// arrivals is how often an API was called, by the count of the sandbox.
func arrivals(t *testing.T, a *App, api string) int64 {
	t.Helper()
	response, err := http.Get(a.place.url + sandbox.StatsPath)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var stats sandbox.Stats
	if err := json.NewDecoder(response.Body).Decode(&stats); err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(api, "-")
	return stats.APIs[name]
}

// TestCallsByName: each key has its list, which is looked at before stored answers; budgets are of the caller; and a write whose answer
// is lost arrives once.
func TestCallsByName(t *testing.T) {
	shop, shopEntry := callers.Mint(callers.Entry{Name: "shop", APIs: callers.APIs{
		{Name: categoryAPI, Cache: callers.CacheMax, Budget: 2, Batch: true}, {Name: followAPI, Write: true},
	}})
	cron, cronEntry := callers.Mint(callers.Entry{Name: "cron"})
	r := start(t, settings(t, nil, "--api-keys="+shopEntry.YAML()+cronEntry.YAML(), "--upstream-timeout=2s", "--upstream-breaker=0"), false)
	client := zhaohuov1.NewPlatformServiceClient(outside(t, r.App))
	call := func(key secret.Text, q *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
		return client.Call(metadata.AppendToOutgoingContext(t.Context(), "x-api-key", key.Reveal()), q)
	}
	root := &zhaohuov1.CallRequest{Api: categoryAPI, Parameters: map[string]string{"categoryID": "0"}}
	anew := &zhaohuov1.CallRequest{Api: categoryAPI, Parameters: root.GetParameters(), MaxStaleness: durationpb.New(0)}
	for _, step := range []struct {
		name  string
		key   secret.Text
		q     *zhaohuov1.CallRequest
		want  string
		calls int32
	}{
		{"the first", shop, root, "", 1},
		{"a stored answer", shop, root, "", 0},
		{"a stored answer of another caller", cron, root, "CALLER_API_NOT_ALLOWED", 0},
		{"no key", "", root, "CALLER_UNAUTHENTICATED", 0},
		{"another API", shop, &zhaohuov1.CallRequest{Api: "system:currentTime-1"}, "CALLER_API_NOT_ALLOWED", 0},
		{"no stored answer", shop, anew, "", 1},
		{"the day's budget", shop, anew, "QUOTA_DAY_USED_UP RETRY", 0},
		{"a stored answer costs none", shop, root, "", 0},
		{"a write", shop, follow("767500314824"), "", 1},
		{"a write is never stored", shop, follow("767500314824"), "", 1},
	} {
		got, err := call(step.key, step.q)
		if reason(err) != step.want || got.GetMeta().GetUpstreamCalls() != step.calls || (err == nil) != json.Valid([]byte(got.GetJson())) {
			t.Errorf("%s: %v, %v; want %q after %d calls", step.name, got, err, step.want, step.calls)
		}
	}
	for _, word := range faultword.Table() {
		if word.Class != faultword.Transport || slices.Contains([]string{faultword.Slow, faultword.Drip, faultword.Huge}, word.Name) {
			continue
		}
		before := arrivals(t, r.App, followAPI)
		_, err := call(shop, follow(strconv.FormatInt(word.OfferID, 10)))
		if n := arrivals(t, r.App, followAPI) - before; n != 1 || reason(err) != "CALL_MAY_HAVE_ARRIVED" || status.Code(err) != codes.Unknown {
			t.Errorf("%s: arrived %d times, %v", word.Name, n, err)
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

func follow(id string) *zhaohuov1.CallRequest {
	return &zhaohuov1.CallRequest{Api: followAPI, Parameters: map[string]string{"productId": id}}
}

// TestListOfCallersWithoutAKey: in the sandbox it is all that the sandbox serves, unless a file says otherwise.
func TestListOfCallersWithoutAKey(t *testing.T) {
	for _, served := range []callers.APIs{sandboxAPIs("aop"), sandboxAPIs("top")} {
		for _, api := range served {
			if found, ok := served.Find(api.Name); !ok || found != api || strings.HasPrefix(api.Name, "system.oauth2") {
				t.Errorf("%+v is not found", api)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "apis.yaml")
	if err := os.WriteFile(path, []byte("- {api: '"+categoryAPI+"', kind: read}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, settings(t, nil, "--call-apis-file="+path), true)
	client := zhaohuov1.NewPlatformServiceClient(r.Conn())
	if _, err := client.Call(t.Context(), &zhaohuov1.CallRequest{Api: categoryAPI, Parameters: map[string]string{"categoryID": "0"}}); err != nil {
		t.Error(err)
	}
	if _, err := client.Call(t.Context(), follow("767500314824")); reason(err) != "CALLER_API_NOT_ALLOWED" {
		t.Error(err)
	}
	// The file changes; one that cannot be read changes nothing.
	for _, text := range []string{"- {api: '" + followAPI + "', kind: write}\n", "- {api: '" + categoryAPI + "', kind: CANARY}\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r.Reload()
		if _, err := client.Call(t.Context(), follow("767500314824")); err != nil {
			t.Error(err)
		}
		if _, err := client.Call(t.Context(), &zhaohuov1.CallRequest{Api: categoryAPI}); reason(err) != "CALLER_API_NOT_ALLOWED" {
			t.Error(err)
		}
	}
	if log := r.log.String(); !strings.Contains(log, "the list of APIs was read again") || !strings.Contains(log, "the list of APIs was not read again") || strings.Contains(log, "CANARY") {
		t.Errorf("the log says:\n%s", log)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
