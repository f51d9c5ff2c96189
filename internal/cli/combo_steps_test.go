package cli

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

func steps() []*zhaohuov1.ComboStep {
	started, finished := zhaohuov1.ComboStepState_COMBO_STEP_STATE_STARTED, zhaohuov1.ComboStepState_COMBO_STEP_STATE_FINISHED
	return []*zhaohuov1.ComboStep{
		{Number: 1, Step: "keyword_search", State: started, UpstreamCallsLeft: 6},
		{Number: 1, Step: "keyword_search", State: finished, UpstreamCalls: 1, UpstreamCallsSpent: 1, UpstreamCallsLeft: 5},
		{Number: 2, Step: "get_product of 7", State: started, UpstreamCallsSpent: 1, UpstreamCallsLeft: 5},
	}
}

// On a terminal, one line says which step runs and what was spent. The answer replaces it.
func TestStepsOnATerminal(t *testing.T) {
	for locale, want := range map[string]string{
		"C": "asking for details; 1 of 6 upstream calls spent", "zh_CN.UTF-8": "查询商品详情；已用 1 / 6 次上游调用",
	} {
		t.Run(locale, func(t *testing.T) {
			server := &comparisonServer{steps: steps(), wait: make(chan struct{})}
			var once sync.Once
			terminal, shown := watchedScreen(t, func(content string) {
				if strings.Contains(content, want) {
					once.Do(func() { close(server.wait) })
				}
			})
			args := []string{"zhaohuo", "compare", "cup", "--addr", server.serve(t)}
			code := Run(t.Context(), Process{Args: args, Environ: []string{"LC_ALL=" + locale}, Stdout: io.Discard, Stderr: terminal})
			if code != exitOK {
				t.Errorf("exit %d", code)
			}
			text := shown()
			if after := text[strings.LastIndex(text, want)+len(want):]; !strings.Contains(after, "\r") || strings.Contains(strings.TrimRight(after, "\r\n"), "6 ") {
				t.Errorf("the line stays: %q", after)
			}
		})
	}
}

// Without a terminal nothing is said of steps, and the answer is the same.
func TestStepsWithoutATerminal(t *testing.T) {
	var with, without, said bytes.Buffer
	for out, server := range map[*bytes.Buffer]*comparisonServer{&with: {steps: steps()}, &without: {}} {
		args := []string{"zhaohuo", "compare", "cup", "--addr", server.serve(t)}
		if code := Run(t.Context(), Process{Args: args, Stdout: out, Stderr: &said}); code != exitOK {
			t.Fatalf("exit %d: %s", code, said.String())
		}
	}
	if with.String() != without.String() || strings.Contains(said.String(), "spent") {
		t.Errorf("%s\n%s\n%s", with.String(), without.String(), said.String())
	}
}
