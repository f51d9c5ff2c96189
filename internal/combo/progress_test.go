package combo

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// reported runs a strategy and returns what it reported.
func reported(p Ports, run func(Ports)) []*zhaohuov1.ComboStep {
	var all []*zhaohuov1.ComboStep
	p.Report = func(step *zhaohuov1.ComboStep) { all = append(all, step) }
	run(p)
	return all
}

// lines are the steps that ended: state, name, calls, and what was found or why nothing was. Steps that run at the same time
// end in any order.
func lines(steps []*zhaohuov1.ComboStep) []string {
	var all []string
	for _, s := range steps {
		state := strings.TrimPrefix(s.GetState().String(), "COMBO_STEP_STATE_")
		if s.GetState() == zhaohuov1.ComboStepState_COMBO_STEP_STATE_STARTED {
			continue
		}
		what := fmt.Sprintf("found %d", s.GetFound())
		if s.GetError() != nil {
			what = reasonOf(s)
		}
		all = append(all, fmt.Sprintf("%s %s: %d calls, %s", state, s.GetStep(), s.GetUpstreamCalls(), what))
	}
	slices.Sort(all)
	return all
}

func reasonOf(s *zhaohuov1.ComboStep) string {
	reasons := failed([]*zhaohuov1.PartialFailure{{Step: s.GetStep(), Status: s.GetError()}})
	_, reason, _ := strings.Cut(reasons[0], ": ")
	return reason
}

func TestStepsOfFindSource(t *testing.T) {
	w := mugs()
	w.fails["pic:11"] = fault.New(fault.UpstreamTimeout, "made to fail")
	var answer *zhaohuov1.FindSourceResponse
	steps := reported(w.ports(), func(p Ports) {
		var err error
		q := &zhaohuov1.FindSourceRequest{Keyword: "mug", MaxUpstreamCalls: proto.Int32(2), VerifyImages: proto.Int32(2)}
		if answer, err = FindSource(t.Context(), p, q); err != nil {
			t.Fatal(err)
		}
	})
	want := []string{
		"FAILED image_search of 11: 1 calls, UPSTREAM_TIMEOUT",
		"FINISHED keyword_search: 1 calls, found 2",
		"FINISHED measure_likeness: 0 calls, found 2",
		"LEFT_OUT image_search of 21: 0 calls, BUDGET_EXHAUSTED",
	}
	if diff := cmp.Diff(want, lines(steps)); diff != "" {
		t.Error(diff)
	}
	// Each step that ended began before, under the same number, and all say what was spent until then.
	begun, spent := map[int32]string{}, int32(0)
	for _, s := range steps {
		spent += s.GetUpstreamCalls()
		if s.GetUpstreamCallsSpent() != spent || s.GetUpstreamCallsLeft() != 2-spent || s.GetTime() == nil {
			t.Errorf("%d of 2 calls were spent, but the step says %v", spent, s)
		}
		switch s.GetState() {
		case zhaohuov1.ComboStepState_COMBO_STEP_STATE_STARTED:
			if s.Found != nil || begun[s.GetNumber()] != "" {
				t.Errorf("a step that begins is %v", s)
			}
			begun[s.GetNumber()] = s.GetStep()
		case zhaohuov1.ComboStepState_COMBO_STEP_STATE_LEFT_OUT:
		default:
			if begun[s.GetNumber()] != s.GetStep() {
				t.Errorf("%v ends, but step %d is %q", s, s.GetNumber(), begun[s.GetNumber()])
			}
		}
	}
	if answer.GetMeta().GetUpstreamCalls() != spent {
		t.Errorf("the answer says %d calls, the steps %d", answer.GetMeta().GetUpstreamCalls(), spent)
	}
}

// TestWhatIsNotOfferedIsNoStep: a note of the answer says it.
func TestWhatIsNotOfferedIsNoStep(t *testing.T) {
	w := &world{byWords: map[string][]*zhaohuov1.Product{"mug": {offer("11", "Anhe", 12)}}}
	p := w.ports()
	p.Pictures = nil
	p.Offered = func(rpc string, _ proto.Message) error {
		if strings.HasSuffix(rpc, "/ListRelatedProducts") || strings.HasSuffix(rpc, "/ListTopKeywords") {
			return fault.New(fault.UnsupportedByDialect, "made to lack it")
		}
		return nil
	}
	steps := reported(p, func(p Ports) {
		if _, err := ExpandSelection(t.Context(), p, &zhaohuov1.ExpandSelectionRequest{Seeds: []string{"mug"}}); err != nil {
			t.Fatal(err)
		}
	})
	want := []string{"FINISHED image_search of 11: 1 calls, found 0", "FINISHED keyword_search of mug: 1 calls, found 1"}
	if diff := cmp.Diff(want, lines(steps)); diff != "" {
		t.Error(diff)
	}
}

// TestLikenessWithoutAnyImageFails: if some images can be compared, the step succeeds and the answer names the others.
func TestLikenessWithoutAnyImageFails(t *testing.T) {
	w := mugs()
	for at := range w.looks {
		w.fails["look "+at] = fault.New(fault.ImageFetchFailed, "made to fail")
	}
	steps := reported(w.ports(), func(p Ports) {
		if _, err := FindSource(t.Context(), p, &zhaohuov1.FindSourceRequest{Keyword: "mug"}); err != nil {
			t.Fatal(err)
		}
	})
	want := "FAILED measure_likeness: 0 calls, IMAGE_FETCH_FAILED"
	if got := lines(steps); !slices.Contains(got, want) {
		t.Errorf("no %q in %q", want, got)
	}
}

// TestErrorsOfStepsAreInTheCallersLanguage, as those of partial failures.
func TestErrorsOfStepsAreInTheCallersLanguage(t *testing.T) {
	cause := fault.New(fault.UpstreamTimeout, "made to fail")
	w := &world{fails: map[string]error{"mug": cause}}
	p := w.ports()
	p.AcceptLanguage = "zh-CN"
	all := reported(p, func(p Ports) {
		if _, err := ComparePrices(t.Context(), p, &zhaohuov1.ComparePricesRequest{Keyword: "mug"}); err == nil {
			t.Fatal("a comparison of nothing succeeded")
		}
	})
	want := rpcerr.Status(cause, "zh-CN").Proto().GetMessage()
	if got := all[len(all)-1].GetError().GetMessage(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
