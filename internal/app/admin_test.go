package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// TestOperatorsPauseCallersAndClasses on the operators' port, with an operator's key; callers' ports do not serve it, and each change is
// in the log with who made it.
func TestOperatorsPauseCallersAndClasses(t *testing.T) {
	shop, shopEntry := callers.Mint(callers.Entry{Name: "shop", Daily: 5})
	boss, bossEntry := callers.Mint(callers.Entry{Name: "boss", Admin: true})
	r := start(t, settings(t, nil, "--ops-addr=127.0.0.1:0", "--api-keys="+shopEntry.YAML()+bossEntry.YAML()), false)
	conn, err := grpc.NewClient(r.OpsAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	admin, search := zhaohuov1.NewAdminServiceClient(conn), zhaohuov1.NewSearchServiceClient(outside(t, r.App))
	as := func(key secret.Text) context.Context {
		return metadata.AppendToOutgoingContext(t.Context(), "x-api-key", key.Reveal())
	}
	searches := func(class string, keyword string) string {
		q := headphones()
		q.Keyword = keyword
		_, err := search.KeywordSearch(metadata.AppendToOutgoingContext(as(shop), "x-zhaohuo-class", class), q)
		return reason(err)
	}
	for name, key := range map[string]secret.Text{"CALLER_NOT_ALLOWED": shop, "CALLER_UNAUTHENTICATED": "zhk_WRONG"} {
		if _, err := admin.ListCallers(as(key), &zhaohuov1.ListCallersRequest{}); reason(err) != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
	if _, err := zhaohuov1.NewAdminServiceClient(outside(t, r.App)).ListPauses(as(boss), &zhaohuov1.ListPausesRequest{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("on the callers' port: %v", err)
	}
	if code, _ := getOps(t, r.App, "/readyz"); code != http.StatusOK {
		t.Errorf("pages beside it: %d", code)
	}
	caller, batch := &zhaohuov1.PauseTarget{Caller: "shop"}, &zhaohuov1.PauseTarget{CallClass: "batch"}
	for _, step := range []struct {
		name string
		q    *zhaohuov1.PauseCallsRequest
		want string
	}{
		{"nobody", &zhaohuov1.PauseCallsRequest{Target: &zhaohuov1.PauseTarget{}}, "INVALID_FIELD"},
		{"two at once", &zhaohuov1.PauseCallsRequest{Target: &zhaohuov1.PauseTarget{Caller: "shop", CallClass: "batch"}}, "INVALID_FIELD"},
		{"a caller that is not there", &zhaohuov1.PauseCallsRequest{Target: &zhaohuov1.PauseTarget{Caller: "CANARY"}}, "INVALID_FIELD"},
		{"an account that is not there", &zhaohuov1.PauseCallsRequest{Target: &zhaohuov1.PauseTarget{Account: "main"}}, "INVALID_FIELD"},
		{"a class that is not there", &zhaohuov1.PauseCallsRequest{Target: &zhaohuov1.PauseTarget{CallClass: "urgent"}}, "INVALID_FIELD"},
		{"no time", &zhaohuov1.PauseCallsRequest{Target: caller, PauseTime: durationpb.New(0)}, "INVALID_FIELD"},
		{"a year", &zhaohuov1.PauseCallsRequest{Target: caller, PauseTime: durationpb.New(8760 * time.Hour)}, "INVALID_FIELD"},
		{"a class", &zhaohuov1.PauseCallsRequest{Target: batch}, ""},
	} {
		if _, err := admin.PauseCalls(as(boss), step.q); reason(err) != step.want {
			t.Errorf("%s: %v, want %q", step.name, err, step.want)
		}
	}
	if got := [2]string{searches("interactive", "a"), searches("batch", "b")}; got != [2]string{"", "UPSTREAM_CALLS_PAUSED"} {
		t.Errorf("while batch is paused: %q", got)
	}
	if _, err := admin.PauseCalls(as(boss), &zhaohuov1.PauseCallsRequest{Target: caller, PauseTime: durationpb.New(time.Hour)}); err != nil {
		t.Error(err)
	}
	if got := searches("interactive", "a"); got != "CALLER_PAUSED RETRY" {
		t.Errorf("while shop is paused: %q", got)
	}
	listed, err := admin.ListPauses(as(boss), &zhaohuov1.ListPausesRequest{})
	if err != nil || len(listed.GetPauses()) != 2 || listed.GetPauses()[0].GetTarget().GetCaller() != "shop" || listed.GetPauses()[0].GetUntilTime() == nil ||
		listed.GetPauses()[1].GetTarget().GetCallClass() != "batch" || listed.GetPauses()[1].GetUntilTime() != nil {
		t.Errorf("%v, %v", listed, err)
	}
	for _, want := range []bool{true, false} {
		for _, target := range []*zhaohuov1.PauseTarget{caller, batch} {
			answer, err := admin.ResumeCalls(as(boss), &zhaohuov1.ResumeCallsRequest{Target: target})
			if err != nil || answer.GetWasPaused() != want {
				t.Errorf("%v, %v", answer, err)
			}
		}
	}
	if got := [2]string{searches("interactive", "c"), searches("batch", "d")}; got != [2]string{} {
		t.Errorf("at the end: %q", got)
	}
	account := &zhaohuov1.PauseTarget{Account: "default"}
	if _, err := admin.PauseCalls(as(boss), &zhaohuov1.PauseCallsRequest{Target: account}); err != nil {
		t.Error(err)
	}
	accounts, err := admin.ListAccounts(as(boss), &zhaohuov1.ListAccountsRequest{})
	only := accounts.GetAccounts()
	if err != nil || len(only) != 1 || only[0].GetName() != "default" || only[0].GetPauseSinceTime() == nil || only[0].GetQuota().GetCallsUsed() != 3 ||
		accounts.GetCircuit() != zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_CLOSED {
		t.Errorf("%v, %v", accounts, err)
	}
	if got := [2]string{searches("interactive", "a"), searches("interactive", "e")}; got != [2]string{"", "UPSTREAM_CALLS_PAUSED"} {
		t.Errorf("while the only account is paused: %q", got)
	}
	if _, err := admin.ResumeCalls(as(boss), &zhaohuov1.ResumeCallsRequest{Target: account}); err != nil {
		t.Error(err)
	}
	states, err := admin.ListCallers(as(boss), &zhaohuov1.ListCallersRequest{})
	five, three := int64(5), int64(3)
	want := []*zhaohuov1.CallerState{
		{Name: "boss", Entries: 1, Admin: true, Requests: states.GetCallers()[0].GetRequests(), RunningRequests: 1},
		{Name: "shop", Entries: 1, Requests: 7, CallsPerDay: &five, CallsToday: &three},
	}
	if diff := cmp.Diff(want, states.GetCallers(), protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	for _, part := range []string{"audit.action=pause audit.kind=caller audit.name=shop", "audit.action=resume audit.kind=call_class audit.name=batch", "audit.by=boss audit.address=127.0.0.1"} {
		if !strings.Contains(r.log.String(), part) {
			t.Errorf("the log lacks %q:\n%s", part, r.log)
		}
	}
}

// TestNobodySteersFromElsewhereWithoutAKey: without keys AdminService is open on loopback, and refused where other machines reach it.
func TestNobodySteersFromElsewhereWithoutAKey(t *testing.T) {
	for addr, want := range map[string]string{"127.0.0.1:0": "", "0.0.0.0:0": "CALLER_NOT_ALLOWED"} {
		r := start(t, settings(t, nil, "--ops-addr="+addr), false)
		_, port, err := net.SplitHostPort(r.OpsAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn, err := grpc.NewClient("127.0.0.1:"+port, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := zhaohuov1.NewAdminServiceClient(conn).ListCallers(t.Context(), &zhaohuov1.ListCallersRequest{})
		if reason(err) != want || len(answer.GetCallers()) != 0 {
			t.Errorf("%s: %v, %v, want %q", addr, answer, err, want)
		}
		if err := errors.Join(conn.Close(), r.end(t)); err != nil {
			t.Error(err)
		}
	}
}

// TestOperatorsSetTheLogLevelAndDrain: a level holds until it is set anew; both changes are in the log at any level, and in the audit file
// with who made them; a drained service ends without an error.
func TestOperatorsSetTheLogLevelAndDrain(t *testing.T) {
	boss, entry := callers.Mint(callers.Entry{Name: "boss", Admin: true})
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	r := start(t, settings(t, nil, "--ops-addr=127.0.0.1:0", "--data-dir="+t.TempDir(), "--audit-file="+path, "--api-keys="+entry.YAML()), false)
	conn, err := grpc.NewClient(r.OpsAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	admin, ctx := zhaohuov1.NewAdminServiceClient(conn), metadata.AppendToOutgoingContext(t.Context(), "x-api-key", boss.Reveal())
	before := strings.ToLower(r.level.setting.String())
	for _, step := range []struct {
		q            *zhaohuov1.SetLogLevelRequest
		reason, want string
	}{
		{&zhaohuov1.SetLogLevelRequest{LogLevel: "loud"}, "INVALID_FIELD", ""},
		{&zhaohuov1.SetLogLevelRequest{}, "INVALID_FIELD", ""},
		{&zhaohuov1.SetLogLevelRequest{LogLevel: "debug", LevelTime: durationpb.New(time.Millisecond)}, "INVALID_FIELD", ""},
		{&zhaohuov1.SetLogLevelRequest{LogLevel: "debug", LevelTime: durationpb.New(time.Hour)}, "", before},
		{&zhaohuov1.SetLogLevelRequest{LogLevel: "error"}, "", "debug"},
	} {
		answer, err := admin.SetLogLevel(ctx, step.q)
		if reason(err) != step.reason || answer.GetPreviousLevel() != step.want || (answer.GetUntilTime() != nil) != (err == nil && step.q.GetLevelTime() != nil) {
			t.Errorf("%v: %v, %v", step.q, answer, err)
		}
	}
	if r.level.Level() != slog.LevelError {
		t.Errorf("the level is %v", r.level.Level())
	}
	watch := &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: []string{"610947572360"}}}}
	watches := zhaohuov1.NewPriceWatchServiceClient(outside(t, r.App))
	if _, err := watches.CreatePriceWatch(ctx, &zhaohuov1.CreatePriceWatchRequest{PriceWatch: watch}); err != nil {
		t.Error(err)
	}
	overview, err := admin.GetWatchOverview(ctx, &zhaohuov1.GetWatchOverviewRequest{})
	if all := overview.GetCallers(); err != nil || len(all) != 1 || all[0].GetCaller() != "boss" || overview.GetQuota() == nil || overview.GetNextDay().GetObservations() < 24 {
		t.Errorf("%v, %v", overview, err)
	}
	for _, size := range []int32{-1, 101} {
		if _, err := admin.GetWatchOverview(ctx, &zhaohuov1.GetWatchOverviewRequest{ListSize: size}); reason(err) != "INVALID_FIELD" {
			t.Errorf("lists of %d: %v", size, err)
		}
	}
	if _, err := admin.DrainServer(ctx, &zhaohuov1.DrainServerRequest{}); err != nil {
		t.Error(err)
	}
	if err := r.wait(t); err != nil {
		t.Error(err)
	}
	for _, part := range []string{"audit.action=set audit.kind=log_level audit.name=error", "audit.action=drain audit.kind=server", "audit.by=boss audit.address=127.0.0.1"} {
		if !strings.Contains(r.log.String(), part) {
			t.Errorf("the log lacks %q:\n%s", part, r.log)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"AdminService/SetLogLevel", "AdminService/DrainServer", `"caller":"boss"`, `"logLevel":"error"`} {
		if !strings.Contains(strings.ReplaceAll(string(written), `": "`, `":"`), part) {
			t.Errorf("the audit file lacks %q:\n%s", part, written)
		}
	}
}
