package combo

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// width is how many steps run at once. The upstream queue paces them anyway.
const width = 8

// step is one question to the upstream.
type step struct {
	// name is the step's name in partial failures.
	name string
	// share is how many upstream calls it may cost; 0 skips it.
	share int
	// ask asks the question, stores the answer, and returns how much it found and its meta.
	ask func(ctx context.Context) (found int, meta *zhaohuov1.AnswerMeta, err error)
}

// comboRun is one run of a strategy, with its cost and its failures.
type comboRun struct {
	ports    Ports
	progress *progress
	meta     *zhaohuov1.ComboMeta
	failures []*zhaohuov1.PartialFailure
	// first is the error of the first failed step, in the order of steps.
	first error
	// answered is how many steps succeeded.
	answered int
	// reserved is how many calls of the budget are kept for freight.
	reserved int
	// kept is how many calls of the budget are kept for trends.
	kept int
}

func begin(p Ports, budget int32) *comboRun {
	meta := &zhaohuov1.ComboMeta{UpstreamCallBudget: budget}
	return &comboRun{ports: p, meta: meta, progress: &progress{report: p.Report, language: p.AcceptLanguage, meta: meta}}
}

// run runs independent steps, a few at a time. Their effects are in the order of the steps. It reports for each whether
// it succeeded.
func (c *comboRun) run(ctx context.Context, steps ...step) []bool {
	metas := make([]*zhaohuov1.AnswerMeta, len(steps))
	errs := make([]error, len(steps))
	parallel.Each(len(steps), width, func(i int) {
		metas[i], errs[i] = c.perform(ctx, steps[i])
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

// perform runs one step, counts what it spends and reports it. A step without a share is left out.
func (c *comboRun) perform(ctx context.Context, s step) (*zhaohuov1.AnswerMeta, error) {
	if s.share <= 0 {
		err := noCallLeft(s.name)
		c.progress.leftOut(s.name, err)
		return nil, err
	}
	if c.ports.Allow != nil {
		ctx = c.ports.Allow(ctx, s.share)
	}
	ended := c.progress.began(s.name)
	found, meta, err := s.ask(ctx)
	if err != nil {
		ended(fault.CallsOf(err), 0, err)
		return nil, err
	}
	ended(int(meta.GetUpstreamCalls()), found, nil)
	return meta, nil
}

// fail records a failed step.
func (c *comboRun) fail(name string, err error) {
	c.lack(name, err)
	if c.first == nil {
		c.first = err
	}
}

// leaveOut records a step that is not begun, and why.
func (c *comboRun) leaveOut(name string, why error) {
	c.progress.leftOut(name, why)
	c.lack(name, why)
}

// lack records something that the answer lacks. Unlike a failed step it never becomes the error of the run.
func (c *comboRun) lack(name string, err error) {
	c.failures = append(c.failures, &zhaohuov1.PartialFailure{
		Step: name, Status: rpcerr.Status(err, c.ports.AcceptLanguage).Proto(),
	})
}

// count adds an answer's origin: made-up if one answer is, the least fresh, the oldest time.
func (c *comboRun) count(meta *zhaohuov1.AnswerMeta) {
	c.meta.Source = max(c.meta.GetSource(), meta.GetSource())
	c.meta.ServedFrom = max(c.meta.GetServedFrom(), meta.GetServedFrom())
	if at := meta.GetFetchTime(); at != nil && (c.meta.FetchTime == nil || at.AsTime().Before(c.meta.GetFetchTime().AsTime())) {
		c.meta.FetchTime = at
	}
}

// end returns the meta of the answer; or, if no step succeeded and at least one failed, the first error.
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
