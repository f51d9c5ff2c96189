package batch

import (
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// The contract's defaults.
const (
	pagesDefault    = 1
	pageSizeDefault = 20
)

// KeywordsMax is the contract's bound of a batch.
const KeywordsMax = 10_000

// batchAgeMax is how long after its beginning a batch may still use its own cached answers.
const batchAgeMax = 366 * 24 * time.Hour

// plan is the questions of a batch and its progress. Workers read only the constant fields; answered, ended and the counts
// belong to the reporter once the workers have started.
type plan struct {
	request *zhaohuov1.BatchKeywordSearchRequest
	hash    requestHash
	// keywords are the distinct keywords, each in the form it had first.
	keywords []string
	pages    int32
	size     int32
	// began is the time of the batch's first call.
	began time.Time
	// resumed means that this is not the first call.
	resumed bool

	progress
	// lead is how many keywords at the beginning have finished in the same state; they do not change any more. end is after the last
	// keyword that has an answer.
	lead, end int
	// done counts answered questions, those of earlier calls included; total counts all questions known so far.
	done, total int32
}

// progress is the progress of each keyword. Pages are answered in order, so a count is enough.
type progress struct {
	// answered counts the pages of each keyword.
	answered []int32
	// ended means that the keyword has fewer pages than requested.
	ended []bool
}

func newProgress(keywords int) progress {
	return progress{answered: make([]int32, keywords), ended: make([]bool, keywords)}
}

// newPlan makes the plan of a validated request. It fails with ResumeTokenInvalid.
func newPlan(q *zhaohuov1.BatchKeywordSearchRequest, now time.Time) (*plan, error) {
	p := &plan{request: q, keywords: different(q.GetKeywords()), pages: pagesDefault, size: pageSizeDefault, began: now}
	if q.Pages != nil {
		p.pages = q.GetPages()
	}
	if q.PageSize != nil {
		p.size = q.GetPageSize()
	}
	p.hash = hashOf(p)
	p.progress = newProgress(len(p.keywords))
	if token := q.GetResumeToken(); token != "" {
		began, done, err := readToken(token, p.hash, len(p.keywords), p.pages)
		if err != nil {
			return nil, err
		}
		p.began, p.progress, p.resumed = sane(began, now), done, true
	}
	for i, n := range p.answered {
		if n > 0 {
			p.end = i + 1
		}
		p.done += n
		p.total += p.pages
		if p.ended[i] {
			p.total -= p.pages - n
		}
	}
	return p, nil
}

// sane is the time a batch began, if it is plausible, and now otherwise. A time in the future, or older than any stored
// answer, comes from a wrong clock. It does not show which cached answers are the batch's own, so none count as such.
func sane(began, now time.Time) time.Time {
	if began.After(now) || now.Sub(began) > batchAgeMax {
		return now
	}
	return began
}

// different drops keywords that are equal to an earlier one in canonical form.
func different(keywords []string) []string {
	seen := make(map[string]bool, len(keywords))
	var all []string
	for _, keyword := range keywords {
		if same := Canonical(keyword); !seen[same] {
			seen[same] = true
			all = append(all, keyword)
		}
	}
	return all
}

// Canonical is the form in which equivalent keywords are equal: NFC, white space trimmed at both ends and collapsed to one
// space inside.
func Canonical(keyword string) string {
	return strings.Join(strings.Fields(norm.NFC.String(keyword)), " ")
}

// open lists the keywords that have unanswered pages, in order.
func (p *plan) open() []int {
	var all []int
	for i := range p.answered {
		if !p.finished(i) {
			all = append(all, i)
		}
	}
	return all
}

// finished reports whether all pages of a keyword are answered.
func (p *plan) finished(keyword int) bool {
	return p.answered[keyword] == p.pages || p.ended[keyword]
}

// question is one page of one keyword.
func (p *plan) question(keyword int, page int32) *zhaohuov1.KeywordSearchRequest {
	asked := &zhaohuov1.KeywordSearchRequest{}
	fields.Copy(asked, p.request)
	asked.Keyword, asked.Page, asked.PageSize = p.keywords[keyword], proto.Int32(page), proto.Int32(p.size)
	return asked
}

// answer counts one more page of a keyword.
func (p *plan) answer(keyword int, ended bool) {
	p.answered[keyword]++
	p.done++
	p.end = max(p.end, keyword+1)
	if left := p.pages - p.answered[keyword]; ended && left > 0 {
		p.ended[keyword] = true
		p.total -= left
	}
}

// fail removes a keyword's remaining pages from this call's total. The token does not record it: the failed page and the
// remaining ones are asked when the batch is resumed.
func (p *plan) fail(keyword int) { p.total -= p.pages - p.answered[keyword] - 1 }
