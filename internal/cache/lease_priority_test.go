package cache_test

import (
	"context"
	"net/http/httptrace"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// departing does what an HTTP transport does when a request's turn has come.
func departing(ctx context.Context) {
	if trace := httptrace.ContextClientTrace(ctx); trace != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

// turns is an upstream where a batch's turn is an hour away, and a human's is in a second.
func turns(ctx context.Context) error {
	class, wait := upstream.DemandOf(ctx).Class, time.Second
	if class == upstream.Batch {
		wait = time.Hour
	}
	waiting, end := upstream.WithEscalation(ctx, class)
	defer end()
	select {
	case <-time.After(wait):
		departing(ctx)
		return nil
	case <-waiting.Done():
		if upstream.Escalated(waiting) {
			return turns(ctx)
		}
		return fault.New(fault.CallerGone, "")
	}
}

func TestAHumanDoesNotWaitForAnotherReplicasBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		p.wait = turns
		all := replicas(t, 3, d, p, cache.Config{})
		batch, follower := begin(inClass(t, upstream.Batch), all[0], words("杯")), begin(inClass(t, upstream.Batch), all[1], words("杯"))
		time.Sleep(time.Minute)
		from := time.Now()
		want(t, "human", search(inClass(t, upstream.Interactive), all[2], words("杯")), got{"2", live, 1, ""})
		if took := time.Since(from); took != time.Second {
			t.Errorf("took %v", took)
		}
		for name, result := range map[string]<-chan got{"asked": batch, "waited": follower} {
			if g := <-result; g.Number != "2" || g.Calls != 0 {
				t.Errorf("the batch that %s got %+v", name, g)
			}
		}
		if took := time.Since(from); took > 2*time.Second {
			t.Errorf("the batches took %v", took)
		}
		d.free(t)
	})
}

func TestOneWhoWaitsForABatchIsRaisedByAHuman(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		p.wait = turns
		all := replicas(t, 2, d, p, cache.Config{})
		asking, waiting := begin(inClass(t, upstream.Batch), all[0], words("杯")), begin(inClass(t, upstream.Batch), all[1], words("杯"))
		time.Sleep(time.Minute)
		from := time.Now()
		human := search(inClass(t, upstream.Interactive), all[1], words("杯"))
		if took := time.Since(from); took != time.Second || human.Number != "2" {
			t.Errorf("took %v, got %+v", took, human)
		}
		one, other := <-asking, <-waiting
		if one.Number != "2" || other.Number != "2" || human.Calls+one.Calls+other.Calls != 1 {
			t.Errorf("got %+v, %+v and %+v", human, one, other)
		}
		d.free(t)
	})
}

func TestABatchsCallThatLeftIsGoodForAnotherReplicasHumanToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		p.says(func(ctx context.Context, n int) error {
			departing(ctx)
			return slowly(ctx, n)
		})
		all := replicas(t, 2, d, p, cache.Config{})
		batch := begin(inClass(t, upstream.Batch), all[0], words("杯"))
		want(t, "human", search(inClass(t, upstream.Interactive), all[1], words("杯")), got{"1", live, 0, ""})
		want(t, "batch", <-batch, got{"1", live, 1, ""})
		d.free(t)
	})
}
