package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func TestEveryKindHasItsOwnName(t *testing.T) {
	seen := map[string]fault.Kind{}
	for _, kind := range fault.Kinds() {
		name := kind.String()
		if name == "" {
			t.Errorf("kind %d has no name", kind)
		}
		if twin, ok := seen[name]; ok {
			t.Errorf("kinds %d and %d are both %s", twin, kind, name)
		}
		seen[name] = kind
	}
}

func TestAKindBeyondTheTableIsInternal(t *testing.T) {
	beyond := fault.Kind(255)
	if beyond.String() != "INTERNAL" || beyond.Retry() != fault.RetryNever {
		t.Errorf("got %s, %d", beyond, beyond.Retry())
	}
}

func TestWithLeavesTheOriginalAlone(t *testing.T) {
	base := fault.New(fault.UpstreamThrottled, "slow down").WithField("a", "r", "w").WithMeta("k", "v")
	left := base.WithField("b", "r", "w").WithMeta("k", "left").WithRetryAfter(time.Second).WithSubject("s").WithCause(io.EOF)
	right := base.WithField("c", "r", "w")
	if diff := cmp.Diff([]fault.Field{{Path: "a", Rule: "r", Why: "w"}}, base.Fields); diff != "" {
		t.Error(diff)
	}
	if base.Meta["k"] != "v" || base.RetryAfter != 0 || base.Subject != "" || base.Cause() != nil {
		t.Errorf("the original changed: %+v", base)
	}
	if left.Fields[1].Path != "b" || right.Fields[1].Path != "c" {
		t.Errorf("twins share fields: %+v, %+v", left.Fields, right.Fields)
	}
}

func TestEmptyMetaIsLeftOutAndNegativeWaitsAreUnknown(t *testing.T) {
	f := fault.New(fault.Internal, "x").WithMeta("k", "").WithRetryAfter(-time.Second)
	if len(f.Meta) != 0 || f.RetryAfter != 0 {
		t.Errorf("got %+v", f)
	}
}

func TestErrorNeverQuotesItsCause(t *testing.T) {
	f := fault.New(fault.UpstreamUnavailable, "the connection failed").WithCause(errors.New("secret in here"))
	if got, want := f.Error(), "UPSTREAM_UNAVAILABLE: the connection failed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAsAndKindOfLookThroughWrapping(t *testing.T) {
	f := fault.Invalid("page", "int32.gte", "must be at least %d", 1).WithCause(io.EOF)
	wrapped := fmt.Errorf("outside: %w", f)
	if got, ok := fault.As(wrapped); !ok || got != f {
		t.Errorf("As = %v, %v", got, ok)
	}
	if !errors.Is(wrapped, io.EOF) {
		t.Error("the cause is not in the chain")
	}
	if got := fault.KindOf(wrapped); got != fault.InvalidField {
		t.Errorf("KindOf = %s", got)
	}
	if got := fault.KindOf(io.EOF); got != fault.Internal {
		t.Errorf("KindOf a stranger = %s", got)
	}
}

func TestCallsOf(t *testing.T) {
	counted := fault.New(fault.UpstreamTimeout, "").WithCalls(3)
	for _, test := range []struct {
		err  error
		want int
	}{
		{counted, 3},
		{fmt.Errorf("around: %w", counted), 3},
		{fault.New(fault.UpstreamTimeout, ""), 0},
		{io.EOF, 0},
		{nil, 0},
	} {
		if got := fault.CallsOf(test.err); got != test.want {
			t.Errorf("%v: %d, want %d", test.err, got, test.want)
		}
	}
}
