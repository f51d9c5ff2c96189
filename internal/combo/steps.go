package combo

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// width is how many steps are under way at once. The queue for the upstream paces them anyway.
const width = 8

// step is one question to the upstream.
type step struct {
	// name is what partial failures call it.
	name string
	// share is how many upstream calls it may cost; 0 leaves it out.
	share int
	// ask puts the question, keeps its answer and gives the answer's meta.
	ask func(ctx context.Context) (*zhaohuov1.AnswerMeta, error)
}

// comboRun is one run of a strategy: its cost and its failures.
type comboRun struct {
	ports    Ports
	meta     *zhaohuov1.ComboMeta
	failures []*zhaohuov1.PartialFailure
	// first is why the first step failed, in the order of steps.
	first error
	// answered is how many steps succeeded.
	answered int
}

func begin(p Ports, budget int32) *comboRun {
	return &comboRun{ports: p, meta: &zhaohuov1.ComboMeta{UpstreamCallBudget: budget}}
}

// run takes steps that do not depend on each other, a few at a time. What is kept of them stands in the order of the
// steps. It tells of each whether it succeeded.
func (c *comboRun) run(ctx context.Context, steps ...step) []bool {
	metas := make([]*zhaohuov1.AnswerMeta, len(steps))
	errs := make([]error, len(steps))
	parallel.Each(len(steps), width, func(i int) {
		if steps[i].share <= 0 {
			errs[i] = fault.New(fault.BudgetExhausted, "max_upstream_calls leaves no call for this step").WithSubject(steps[i].name)
			return
		}
		asking := ctx
		if c.ports.Allow != nil {
			asking = c.ports.Allow(ctx, steps[i].share)
		}
		metas[i], errs[i] = steps[i].ask(asking)
	})
	succeeded := make([]bool, len(steps))
	for i, s := range steps {
		if errs[i] != nil {
			c.fail(s.name, errs[i])
			continue
		}
		succeeded[i] = true
		c.answered++
		c.count(metas[i])
	}
	return succeeded
}

// fail remembers a step that failed, with what it had cost.
func (c *comboRun) fail(name string, err error) {
	c.meta.UpstreamCalls += int32(fault.CallsOf(err))
	c.note(name, err)
	if c.first == nil {
		c.first = err
	}
}

// note remembers what the answer does without. Unlike a failed step it never becomes the error of the whole.
func (c *comboRun) note(name string, err error) {
	c.failures = append(c.failures, &zhaohuov1.PartialFailure{
		Step: name, Status: rpcerr.Status(err, c.ports.AcceptLanguage).Proto(),
	})
}

// count adds what an answer cost and how it came about: made-up if one is, the least fresh, the oldest time.
func (c *comboRun) count(meta *zhaohuov1.AnswerMeta) {
	c.meta.UpstreamCalls += meta.GetUpstreamCalls()
	c.meta.Source = max(c.meta.GetSource(), meta.GetSource())
	c.meta.ServedFrom = max(c.meta.GetServedFrom(), meta.GetServedFrom())
	if at := meta.GetFetchTime(); at != nil && (c.meta.FetchTime == nil || at.AsTime().Before(c.meta.GetFetchTime().AsTime())) {
		c.meta.FetchTime = at
	}
}

// end gives the meta of the answer; or, when no step succeeded and at least one failed, why the first one did.
func (c *comboRun) end() (*zhaohuov1.ComboMeta, error) {
	if c.answered == 0 && c.first != nil {
		if f, ok := fault.As(c.first); ok {
			return nil, f.WithCalls(int(c.meta.GetUpstreamCalls()))
		}
		return nil, c.first
	}
	if c.meta.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_UNSPECIFIED {
		c.meta.Source = c.ports.Source
	}
	return c.meta, nil
}
