package scenario_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/test/scenario"
)

// playSteps runs a strategy's case once more as the stream of its steps. The stream must have the same answer, or the same
// error, over each transport.
func playSteps(t *testing.T, c scenario.Case, want scenario.Expect, unary outcome, serving func() *runningService) {
	t.Helper()
	streamed := c
	streamed.RPC = strings.Replace(c.RPC, "/", "/Stream", 1)
	ways := map[string]outcome{"gRPC with steps": serving().overGRPC(t, streamed)}
	for _, route := range c.REST {
		path, strategy, _ := strings.Cut(route, ":")
		route = path + ":stream" + strings.ToUpper(strategy[:1]) + strategy[1:]
		ways[route] = serving().overREST(t, streamed, route)
	}
	for way, got := range ways {
		answer := answerAfterSteps(t, way, got)
		hold(t, way, answer, want)
		if unary.message == nil || answer.message == nil || c.Fresh {
			continue
		}
		if diff := cmp.Diff(unary.message, answer.message, protocmp.Transform(), ignoreMeta(unary.message)); diff != "" {
			t.Errorf("%s answers otherwise than without steps:\n%s", way, diff)
		}
	}
}

// answerAfterSteps checks the messages before the answer of a stream, and returns the answer or the error.
func answerAfterSteps(t *testing.T, way string, got outcome) outcome {
	t.Helper()
	last := outcome{failed: got.failed}
	steps := got.stream
	if got.failed == nil {
		if len(steps) == 0 {
			t.Fatalf("%s: a stream without messages", way)
		}
		steps = steps[:len(steps)-1]
		last.message = eventOf(t, way, got.stream[len(steps)], "answer")
		last.json = marshal(t, last.message)
	}
	running, spent := map[int32]string{}, int32(0)
	for _, message := range steps {
		step := eventOf(t, way, message, "step").(*zhaohuov1.ComboStep)
		spent += step.GetUpstreamCalls()
		name, known := running[step.GetNumber()]
		switch step.GetState() {
		case zhaohuov1.ComboStepState_COMBO_STEP_STATE_STARTED:
			running[step.GetNumber()] = step.GetStep()
		case zhaohuov1.ComboStepState_COMBO_STEP_STATE_LEFT_OUT:
		default:
			if !known || name != step.GetStep() {
				t.Errorf("%s: step %d (%s) ends and did not begin", way, step.GetNumber(), step.GetStep())
			}
			delete(running, step.GetNumber())
		}
		if step.GetUpstreamCallsSpent() != spent || step.GetTime() == nil {
			t.Errorf("%s: %d calls were spent, but the step says %v", way, spent, step)
		}
	}
	if len(running) > 0 {
		t.Errorf("%s: these steps did not end: %v", way, running)
	}
	if last.message == nil {
		return last
	}
	meta := last.message.(interface{ GetMeta() *zhaohuov1.ComboMeta }).GetMeta()
	if meta.GetUpstreamCalls() != spent {
		t.Errorf("%s: the steps spent %d calls, and the answer %d", way, spent, meta.GetUpstreamCalls())
	}
	return last
}

// eventOf is the part of a stream's message that must be set.
func eventOf(t *testing.T, way string, message proto.Message, name protoreflect.Name) proto.Message {
	t.Helper()
	m := message.ProtoReflect()
	field := m.Descriptor().Fields().ByName(name)
	if field == nil || !m.Has(field) {
		t.Fatalf("%s: want a message with %s, got %v", way, name, message)
	}
	return m.Get(field).Message().Interface()
}
