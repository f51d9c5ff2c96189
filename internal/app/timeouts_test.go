package app

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestDeadlinesOfCallersAreCut: a caller with a deadline of hours is answered within timeout-max, which GetServerInfo
// reports.
func TestDeadlinesOfCallersAreCut(t *testing.T) {
	g := newGatedUpstream(t)
	r := start(t, g.settings(t, "--default-timeout=200ms", "--timeout-max=300ms", "--stream-timeout-max=48h"), false)
	conn := outside(t, r.App)
	info, err := zhaohuov1.NewInfoServiceClient(conn).GetServerInfo(t.Context(), &zhaohuov1.GetServerInfoRequest{})
	if err != nil {
		t.Fatal(err)
	}
	limits := info.GetLimits()
	if limits.GetTimeoutMax().AsDuration() != 300*time.Millisecond || limits.GetStreamTimeoutMax().AsDuration() != 48*time.Hour {
		t.Errorf("limits %v", limits)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Hour)
	defer cancel()
	_, err = zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(ctx, headphones())
	if status.Code(err) != codes.DeadlineExceeded || ctx.Err() != nil {
		t.Errorf("an upstream that never answers: %v", err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
