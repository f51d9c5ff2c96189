package doctor

import (
	"context"
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// translationKeywords are what buyers search for, in Chinese, in English, and in both.
func translationKeywords() []string {
	return []string{"蓝牙耳机", "保温杯", "USB 数据线", "phone case", "water bottle"}
}

// setting is the variable that has keywords searched for as they are written.
const setting = "ZHAOHUO_AOP_SKIP_KEYWORD_TRANSLATION"

// compareTranslation searches with each keyword in both ways: two calls each, and one more for a call that is throttled. It ends
// with the first keyword that cannot be searched for, because the next ones would fail alike.
func (e *exam) compareTranslation(ctx context.Context) (*zhaohuov1.TranslationComparison, error) {
	c := &zhaohuov1.TranslationComparison{Offered: e.o.Examination.Keyword.Offered()}
	if !c.GetOffered() {
		c.Conclusion = wording(text{
			"This dialect does not offer the choice. Nothing was asked.",
			"此协议没有这一选项，未进行查询。",
		})
		return c, nil
	}
	before := e.calls
	for _, keyword := range translationKeywords() {
		row, err := e.compareKeyword(ctx, keyword)
		if err != nil {
			return nil, err
		}
		c.Keywords = append(c.Keywords, row)
		if row.GetReason() != zhaohuov1.ErrorReason_ERROR_REASON_UNSPECIFIED {
			break
		}
	}
	c.UpstreamCalls = int32(e.calls - before)
	c.Conclusion = wording(conclusion(c.GetKeywords()))
	return c, nil
}

func (e *exam) compareKeyword(ctx context.Context, keyword string) (*zhaohuov1.KeywordTranslation, error) {
	row := &zhaohuov1.KeywordTranslation{Keyword: keyword}
	translated, err := e.searchFor(ctx, upstream.KeywordProbe{Keyword: keyword})
	var written *zhaohuov1.KeywordSearchResponse
	if err == nil {
		written, err = e.searchFor(ctx, upstream.KeywordProbe{Keyword: keyword, AsWritten: true})
	}
	if err != nil {
		if unable(upstream.ProbeResult{Err: err}) {
			return nil, err
		}
		row.Reason = rpcerr.Enum(fault.KindOf(err).String())
		return row, nil
	}
	row.TranslatedTotal, row.TranslatedAtLeast, row.TranslatedGoods = translated.Total, translated.GetTruncated(), int32(len(translated.GetProducts()))
	row.WrittenTotal, row.WrittenAtLeast, row.WrittenGoods = written.Total, written.GetTruncated(), int32(len(written.GetProducts()))
	found := map[string]bool{}
	for _, p := range translated.GetProducts() {
		found[p.GetId()] = true
	}
	for _, p := range written.GetProducts() {
		if found[p.GetId()] {
			row.CommonGoods++
		}
	}
	return row, nil
}

// searchFor makes the call of one search, and again if it is throttled.
func (e *exam) searchFor(ctx context.Context, p upstream.KeywordProbe) (*zhaohuov1.KeywordSearchResponse, error) {
	op := e.o.Examination.Keyword
	call, err := op.Encode(p)
	if err != nil {
		return nil, err
	}
	s := e.probe(ctx, call)
	if s.Calls > 0 && fault.KindOf(s.Err) == fault.UpstreamThrottled {
		s = e.probe(ctx, call)
	}
	if s.Err != nil {
		return nil, s.Err
	}
	return op.Decode(p, s.Payload)
}

// conclusion says which way finds more. Only totals are compared: a first page is full either way. Two totals that both end at the
// upstream's window say nothing.
func conclusion(rows []*zhaohuov1.KeywordTranslation) text {
	compared, translated, written, open := 0, 0, 0, 0
	for _, row := range rows {
		switch {
		case row.TranslatedTotal == nil || row.WrittenTotal == nil:
			continue
		case row.GetTranslatedAtLeast() && row.GetWrittenAtLeast():
			open++
			continue
		case row.GetTranslatedTotal() > row.GetWrittenTotal():
			translated++
		case row.GetTranslatedTotal() < row.GetWrittenTotal():
			written++
		}
		compared++
	}
	said := verdict(compared, translated, written)
	if open > 0 {
		said.en += fmt.Sprintf(" For %d of the keywords both totals are at the result window, so they do not show which is larger.", open)
		said.zh += fmt.Sprintf("另有 %d 个关键词的两个总数都达到结果窗口，无法判断哪个更大。", open)
	}
	return said
}

// verdict is what follows from the number of keywords that were compared, and of those that find more in one of the ways.
func verdict(compared, translated, written int) text {
	say := func(en, zh string, args ...any) text { return text{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)} }
	switch {
	case compared == 0:
		return text{"Nothing could be compared by totals.", "没有可比较的总数。"}
	case translated > 0 && written > 0:
		return say("Neither way is better: of %[2]d keywords, %[1]d find more translated and %[3]d as written. Decide by the keywords that you search for most.",
			"两种方式各有优劣：%[2]d 个关键词中，翻译后 %[1]d 个找到更多，按原文 %[3]d 个找到更多。请按您最常用的关键词决定。", translated, compared, written)
	case translated > 0:
		return say("Translated, %d of %d keywords find more, and none finds less: leave %s unset.",
			"%[2]d 个关键词中，翻译后 %[1]d 个找到更多，没有一个更少：请不要设置 %[3]s。", translated, compared, setting)
	case written > 0:
		return say("As written, %d of %d keywords find more, and none finds less: set %s=true.",
			"%[2]d 个关键词中，按原文 %[1]d 个找到更多，没有一个更少：请设置 %[3]s=true。", written, compared, setting)
	default:
		return say("Both ways find as much for every keyword (%d compared).", "%d 个关键词用两种方式找到的一样多。", compared)
	}
}
