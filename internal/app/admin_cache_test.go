package app

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// TestOperatorsPurgeTheCache: after a purge the next question is asked anew, and others are not; a purge says whom it holds for, and is
// in the log at every level. Other callers may not purge.
func TestOperatorsPurgeTheCache(t *testing.T) {
	boss, bossEntry := callers.Mint(callers.Entry{Name: "boss", Admin: true})
	shop, shopEntry := callers.Mint(callers.Entry{Name: "shop"})
	r := start(t, settings(t, nil, "--ops-addr=127.0.0.1:0", "--api-keys="+bossEntry.YAML()+shopEntry.YAML()), false)
	conn, err := grpc.NewClient(r.OpsAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	admin, ctx := zhaohuov1.NewAdminServiceClient(conn), metadata.AppendToOutgoingContext(t.Context(), "x-api-key", boss.Reveal())
	searches := zhaohuov1.NewSearchServiceClient(outside(t, r.App))
	other := metadata.AppendToOutgoingContext(t.Context(), "x-api-key", shop.Reveal())
	// asks are how many calls a search costs, and a product that it shows.
	asks := func(keyword string) (calls int32, product string) {
		t.Helper()
		q := headphones()
		q.Keyword = keyword
		answer, err := searches.KeywordSearch(other, q)
		if err != nil || len(answer.GetProducts()) == 0 {
			t.Fatalf("%v, %v", answer, err)
		}
		return answer.GetMeta().GetUpstreamCalls(), answer.GetProducts()[0].GetId()
	}
	const red, blue = "蓝牙耳机", "保温杯"
	_, shown := asks(red)
	asks(blue)
	for _, step := range []struct {
		name, level string
		q           *zhaohuov1.PurgeCacheRequest
		reason      string
		red, blue   int32
	}{
		{"nothing", "error", &zhaohuov1.PurgeCacheRequest{}, "INVALID_FIELD", 0, 0},
		{"white space", "error", &zhaohuov1.PurgeCacheRequest{Keyword: " "}, "INVALID_FIELD", 0, 0},
		{"two at once", "error", &zhaohuov1.PurgeCacheRequest{All: true, Keyword: red}, "INVALID_FIELD", 0, 0},
		{"no id", "error", &zhaohuov1.PurgeCacheRequest{ProductIds: []string{"x"}}, "INVALID_FIELD", 0, 0},
		{"a keyword", "error", &zhaohuov1.PurgeCacheRequest{Keyword: " " + red}, "", 1, 0},
		{"another keyword", "warn", &zhaohuov1.PurgeCacheRequest{Keyword: blue}, "", 0, 1},
		{"a product", "info", &zhaohuov1.PurgeCacheRequest{ProductIds: []string{shown, "1"}}, "", 1, 0},
		{"a product that nobody shows", "debug", &zhaohuov1.PurgeCacheRequest{ProductIds: []string{"1"}}, "", 0, 0},
		{"all", "error", &zhaohuov1.PurgeCacheRequest{All: true}, "", 1, 1},
	} {
		if _, err := admin.SetLogLevel(ctx, &zhaohuov1.SetLogLevelRequest{LogLevel: step.level}); err != nil {
			t.Fatal(err)
		}
		answer, err := admin.PurgeCache(ctx, step.q)
		if reason(err) != step.reason || err == nil && answer.GetReach() != zhaohuov1.PurgeReach_PURGE_REACH_PROCESS {
			t.Errorf("%s: %v, %v, want %q", step.name, answer, err, step.reason)
		}
		for keyword, want := range map[string]int32{red: step.red, blue: step.blue} {
			if calls, _ := asks(keyword); calls != want {
				t.Errorf("after the purge of %s, %s costs %d calls, want %d", step.name, keyword, calls, want)
			}
		}
		if _, err := admin.PurgeCache(other, step.q); reason(err) != "CALLER_NOT_ALLOWED" {
			t.Errorf("%s, by another: %v", step.name, err)
		}
	}
	got, err := admin.GetCacheState(ctx, &zhaohuov1.GetCacheStateRequest{})
	uses := map[string]int64{}
	for _, use := range got.GetCache().GetUses() {
		uses[use.GetAnsweredBy()] = use.GetQuestions()
	}
	if err != nil || uses["upstream"] != 7 || uses["memory"] != 13 || len(uses) != 2 || got.GetCache().GetUses()[0].GetAnsweredBy() != "memory" ||
		got.GetCache().GetMemoryAnswers() == 0 || got.GetCache().GetMemoryBytes() == 0 || got.GetCache().GetStoreDown() {
		t.Errorf("%v, %v", got, err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	for _, part := range []string{
		"kind=cache_keyword audit.name=" + red, "kind=cache_keyword audit.name=" + blue, fmt.Sprintf("kind=cache_product audit.name=%s,1", shown),
		"kind=cache_product audit.name=1 ", `kind=cache_all audit.name="" `,
	} {
		line := "audit.action=purge audit." + part
		if n := strings.Count(r.log.String(), line); n != 1 {
			t.Errorf("the log has %d times %q:\n%s", n, line, r.log)
		}
	}
	if n := strings.Count(r.log.String(), "audit.reach=process audit.by=boss audit.address=127.0.0.1"); n != 5 {
		t.Errorf("%d purges in the log, want 5", n)
	}
}

// TestNothingToPurge: a server that stores no answers says so.
func TestNothingToPurge(t *testing.T) {
	r := start(t, settings(t, nil, "--ops-addr=127.0.0.1:0", "--no-cache"), false)
	conn, err := grpc.NewClient(r.OpsAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	admin := zhaohuov1.NewAdminServiceClient(conn)
	if answer, err := admin.PurgeCache(t.Context(), &zhaohuov1.PurgeCacheRequest{All: true}); answer.GetReach() != zhaohuov1.PurgeReach_PURGE_REACH_NO_CACHE {
		t.Errorf("%v, %v", answer, status.Convert(err))
	}
	if got, err := admin.GetCacheState(t.Context(), &zhaohuov1.GetCacheStateRequest{}); err != nil || got.GetCache() != nil {
		t.Errorf("%v, %v", got, err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
