package cli

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

// operated serves AdminService with parts, and returns its address.
func operated(t *testing.T, parts server.AdminParts) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	zhaohuov1.RegisterAdminServiceServer(s, server.NewAdmin(parts))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(listener) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// TestAdminAccounts: each account and each of its APIs has a line that says whether calls go through it, in both languages; what is not
// known is not 0.
func TestAdminAccounts(t *testing.T) {
	until := time.Date(2026, 11, 28, 16, 0, 0, 0, time.UTC)
	at, count, rate := timestamppb.New(until), func(n int64) *int64 { return &n }, 1.5
	addr := operated(t, server.AdminParts{ListAccounts: func(context.Context) ([]*zhaohuov1.AccountState, zhaohuov1.UpstreamCircuit) {
		return []*zhaohuov1.AccountState{
			{
				Name: "main", UpstreamQps: 2, PresentQps: &rate, Quota: &zhaohuov1.QuotaUsage{CallsUsed: 7, CallsPerDay: count(500), CallsLeft: count(493)},
				Apis: []*zhaohuov1.AccountApiState{
					{Api: "image", CallsUsed: count(3), CallsPerDay: count(9), CallsLeft: count(6)},
					{Api: "words", BannedUntilTime: at},
					{Api: "detail", CallsUsed: count(9), CallsPerDay: count(9), CallsLeft: count(0)},
				},
			},
			{Name: "second", UpstreamQps: 2, PauseSinceTime: at, PauseUntilTime: at},
			{
				Name: "third", Quota: &zhaohuov1.QuotaUsage{CallsUsed: 5, CallsPerDay: count(5), CallsLeft: count(0), ResetTime: at},
				PassedOver: []*zhaohuov1.AccountFault{{Reason: zhaohuov1.ErrorReason_ERROR_REASON_UPSTREAM_TOKEN_INVALID, ExaminationTime: at}},
			},
		}, zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_OPEN
	}})
	local := localTime(until)
	for flags, want := range map[string][]string{
		"en_US": {
			"main all calls calls are sent 1.5 of 2 7 of 500 493\n", "image calls are sent 3 of 9 6\n", "words 1688 refuses calls until " + local + " - -\n",
			"detail used up for today 9 of 9 0\n", "second all calls paused until " + local + "; the store of limits does not answer - - -\n",
			"third all calls passed over for all calls (UPSTREAM_TOKEN_INVALID), examined at " + local + "; used up until " + local + " unlimited 5 of 5 0\n",
			"1688: no call is sent, because it did not answer\n",
		},
		"zh_CN": {
			"账号 API 状态 每秒调用 今日调用 今日剩余\n", "main 所有调用 正常发送调用 1.5 / 2 7 / 500 493\n", "detail 今日额度用尽 9 / 9 0\n",
			"second 所有调用 已暂停，直到 " + local + "; 限额存储未响应 - - -\n", "1688：未响应，暂停发送调用\n",
		},
		"en_US -o json": {`"pauseUntilTime": "2026-11-28T16:00:00Z"`, `"callsLeft": "493"`, `"circuit": "UPSTREAM_CIRCUIT_OPEN"`},
	} {
		words := strings.Fields(flags)
		got := run(t, []string{"LC_ALL=" + words[0] + ".UTF-8"}, append([]string{"admin", "accounts", "--ops-addr", addr}, words[1:]...)...)
		lines := ""
		for line := range strings.Lines(got.stdout) {
			lines += strings.Join(strings.Fields(line), " ") + "\n"
		}
		for _, part := range want {
			if got.code != exitOK || !strings.Contains(lines, part) {
				t.Errorf("%s: no %q in\n%s%s", flags, part, got.stdout, got.stderr)
			}
		}
	}
}
