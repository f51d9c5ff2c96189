package combo

import (
	"sync"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// progress counts what the steps of one run spend, and reports the steps as they happen. It is safe for concurrent use.
type progress struct {
	report func(*zhaohuov1.ComboStep)
	// language is that of errors, in HTTP's form.
	language string

	lock sync.Mutex
	// meta has the calls spent and the budget.
	meta *zhaohuov1.ComboMeta
	// numbered is how many steps have a number.
	numbered int32
}

// began reports that a step began. The returned function reports how it ended and counts what it spent.
func (p *progress) began(name string) (ended func(calls, found int, err error)) {
	p.lock.Lock()
	defer p.lock.Unlock()
	number := p.next()
	p.send(&zhaohuov1.ComboStep{Number: number, Step: name, State: zhaohuov1.ComboStepState_COMBO_STEP_STATE_STARTED})
	return func(calls, found int, err error) {
		p.lock.Lock()
		defer p.lock.Unlock()
		p.meta.UpstreamCalls += int32(calls)
		step := &zhaohuov1.ComboStep{Number: number, Step: name, UpstreamCalls: int32(calls)}
		if err != nil {
			step.State, step.Error = zhaohuov1.ComboStepState_COMBO_STEP_STATE_FAILED, rpcerr.Status(err, p.language).Proto()
		} else {
			many := int32(found)
			step.State, step.Found = zhaohuov1.ComboStepState_COMBO_STEP_STATE_FINISHED, &many
		}
		p.send(step)
	}
}

// leftOut reports a step that is not begun.
func (p *progress) leftOut(name string, why error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.send(&zhaohuov1.ComboStep{
		Number: p.next(), Step: name, State: zhaohuov1.ComboStepState_COMBO_STEP_STATE_LEFT_OUT, Error: rpcerr.Status(why, p.language).Proto(),
	})
}

func (p *progress) next() int32 {
	p.numbered++
	return p.numbered
}

// send adds what was spent until now to a step and reports it.
func (p *progress) send(step *zhaohuov1.ComboStep) {
	if p.report == nil {
		return
	}
	step.Time = timestamppb.Now()
	step.UpstreamCallsSpent = p.meta.GetUpstreamCalls()
	step.UpstreamCallsLeft = max(p.meta.GetUpstreamCallBudget()-p.meta.GetUpstreamCalls(), 0)
	p.report(step)
}

// noCallLeft is why a step is left out that the budget does not allow.
func noCallLeft(step string) error {
	return fault.New(fault.BudgetExhausted, "max_upstream_calls leaves no call for this step").WithSubject(step)
}
