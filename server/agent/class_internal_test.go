package agent

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
)

// TestClassOfACaller: calls of agents are of class batch, unless the caller's entry, the request or the program says otherwise.
func TestClassOfACaller(t *testing.T) {
	for name, c := range map[string]struct {
		class, caller string
		passed        metadata.MD
		want          []string
	}{
		"over standard input":                      {want: []string{"batch"}},
		"over standard input, as the program says": {class: "interactive", want: []string{"interactive"}},
		"a caller without a class":                 {caller: "cron", want: []string{"batch"}},
		"a caller with a class":                    {caller: "shop", want: []string{"interactive"}},
		"a request with a class":                   {caller: "shop", passed: metadata.MD{interceptor.ClassHeader: {"batch"}}, want: []string{"batch"}},
	} {
		s := &Server{config: Config{Class: c.class, ClassOf: func(caller string) string {
			return map[string]string{"shop": "interactive"}[caller]
		}}, windows: newWindows(1, time.Now), single: newBudget(1)}
		ctx := t.Context()
		if c.caller != "" {
			ctx = context.WithValue(ctx, httpCallerKey{}, httpCaller{name: c.caller, passed: c.passed, gone: ctx})
		}
		under, _, end := s.begin(ctx)
		sent, _ := metadata.FromOutgoingContext(under)
		if got := sent[interceptor.ClassHeader]; !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		end()
	}
}
