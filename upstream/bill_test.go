package upstream_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// TestBill: calls of a request are on its bill as far as they are sent and its budget pays them; the wait is until the first of them.
func TestBill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, bill := upstream.WithBill(context.Background(), time.Now())
		ctx = upstream.Billed(upstream.WithAllowance(ctx, 2))
		if _, waited := bill.Waited(); waited || bill.Calls() != 0 || bill.Cache() != "" || bill.Question() != "" {
			t.Error("a new bill is not empty")
		}
		time.Sleep(300 * time.Millisecond)
		undo, err := upstream.Charge(ctx)
		if err != nil {
			t.Fatal(err)
		}
		undo()
		if _, waited := bill.Waited(); waited || bill.Calls() != 0 {
			t.Error("a call that was not sent is on the bill")
		}
		for n, want := range []bool{true, true, false} {
			if _, err := upstream.Charge(ctx); (err == nil) != want {
				t.Errorf("call %d: %v", n, err)
			}
			time.Sleep(time.Second)
		}
		if waited, ok := bill.Waited(); !ok || waited != 300*time.Millisecond || bill.Calls() != 2 {
			t.Errorf("%v, %v, %d calls", waited, ok, bill.Calls())
		}
		unbilled := upstream.WithDemand(ctx, upstream.Demand{})
		if _, err := upstream.Charge(unbilled); err != nil || bill.Calls() != 2 {
			t.Errorf("a call for somebody else is on the bill, or: %v", err)
		}
	})
}

// TestBillOfQuestions: one question is named by its hash and by what answered it; several are counted.
func TestBillOfQuestions(t *testing.T) {
	_, bill := upstream.WithBill(t.Context(), time.Now())
	for _, step := range []struct{ by, question, cache, hash string }{
		{"memory", "a", "memory", "a"},
		{"memory", "a", "memory:2", "a"},
		{"upstream", "b", "memory:2,upstream:1", ""},
		{"memory", "a", "memory:3,upstream:1", ""},
	} {
		bill.Answered(step.by, step.question)
		if bill.Cache() != step.cache || bill.Question() != step.hash {
			t.Errorf("%q, %q after %+v", bill.Cache(), bill.Question(), step)
		}
	}
	if upstream.BillOf(t.Context()) != nil || upstream.Billed(t.Context()) != t.Context() {
		t.Error("a context without a bill has one")
	}
}
