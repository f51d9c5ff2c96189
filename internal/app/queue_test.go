package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestQueueIsBounded: with queue-max=1 one call of each class waits for its turn. The next one is refused with the time to wait, and a call
// of the other class is not.
func TestQueueIsBounded(t *testing.T) {
	r := start(t, settings(t, nil, "--queue-max=1", "--upstream-qps=0.01", "--timeout-max=1h"), true)
	search := zhaohuov1.NewSearchServiceClient(r.Conn())
	ask := func(ctx context.Context, keyword string) error {
		_, err := search.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: keyword})
		return err
	}
	waiting := func(class string) int64 {
		info, err := zhaohuov1.NewInfoServiceClient(r.Conn()).GetServerInfo(t.Context(), &zhaohuov1.GetServerInfoRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, queue := range info.GetLoad().GetQueues() {
			if queue.GetCallClass() == class {
				return queue.GetWaitingCalls()
			}
		}
		t.Fatalf("no queue %s", class)
		return 0
	}
	if err := ask(t.Context(), "first"); err != nil { // The only call of these 100 seconds.
		t.Fatal(err)
	}
	later, stop := context.WithTimeout(t.Context(), 30*time.Minute)
	defer stop()
	ended := make(chan error, 2)
	go func() { ended <- ask(later, "second") }()
	eventually(t, r, "a call that waits", func() bool { return waiting("interactive") == 1 })
	if got := reason(ask(later, "third")); !strings.HasPrefix(got, "QUOTA_QUEUE_FULL") || !strings.HasSuffix(got, "RETRY") {
		t.Errorf("with a full queue: %s", got)
	}
	go func() { ended <- ask(metadata.AppendToOutgoingContext(later, "x-zhaohuo-class", "batch"), "fourth") }()
	eventually(t, r, "a call of the other class that waits", func() bool { return waiting("batch") == 1 })
	stop()
	for range cap(ended) {
		if err := <-ended; status.Code(err) != codes.Canceled {
			t.Errorf("a call that waited ended with %v", err)
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
