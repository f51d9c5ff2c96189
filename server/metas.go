package server

import (
	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// metas summarizes the origin of an answer that is made of several: the oldest time, the sum of all calls including failed
// ones, made-up if one answer is, and the least fresh.
type metas struct {
	all zhaohuov1.AnswerMeta
	// source is the source of an answer all of whose parts failed.
	source zhaohuov1.AnswerSource
}

// add counts one answer, or its error.
func (m *metas) add(meta *zhaohuov1.AnswerMeta, err error) {
	if err != nil {
		m.all.UpstreamCalls += int32(fault.CallsOf(err))
		return
	}
	m.all.UpstreamCalls += meta.GetUpstreamCalls()
	m.all.Source = max(m.all.GetSource(), meta.GetSource())
	m.all.ServedFrom = max(m.all.GetServedFrom(), meta.GetServedFrom())
	if at := meta.GetFetchTime(); at != nil && (m.all.FetchTime == nil || at.AsTime().Before(m.all.GetFetchTime().AsTime())) {
		m.all.FetchTime = at
	}
}

// sum is the meta of the whole.
func (m *metas) sum() *zhaohuov1.AnswerMeta {
	if m.all.GetSource() == zhaohuov1.AnswerSource_ANSWER_SOURCE_UNSPECIFIED {
		m.all.Source = m.source
	}
	return &m.all
}
