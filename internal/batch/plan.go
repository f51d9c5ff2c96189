package batch

import (
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// The contract's defaults.
const (
	pagesDefault    = 1
	pageSizeDefault = 20
)

// batchAgeMax is how long after its beginning a batch may still go on with its own answers.
const batchAgeMax = 366 * 24 * time.Hour

// plan is what a batch asks, and how far it is. The workers read what does not change; answered, ended and the counts
// are the reporter's once the workers have been told where to begin.
type plan struct {
	request *zhaohuov1.BatchKeywordSearchRequest
	hash    requestHash
	// keywords are the different ones, as they were asked for first.
	keywords []string
	pages    int32
	size     int32
	// began is when the batch's first call came.
	began time.Time
	// resumed: this call is not the first.
	resumed bool

	progress
	// done counts answered questions, those of earlier calls included; total all there are, as far as is known.
	done, total int32
}

// progress is how far each keyword is. Pages are answered in their order, so a count says which.
type progress struct {
	// answered counts the pages of each keyword.
	answered []int32
	// ended tells of each keyword that the upstream has no further page, though fewer were answered than asked for.
	ended []bool
}

func newProgress(keywords int) progress {
	return progress{answered: make([]int32, keywords), ended: make([]bool, keywords)}
}

// newPlan reads a request that comes now, and which the contract's rules have checked. It fails with ResumeTokenInvalid.
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
		p.done += n
		p.total += p.pages
		if p.ended[i] {
			p.total -= p.pages - n
		}
	}
	return p, nil
}

// sane is when a batch began, as far as that can be believed. A time that has not come yet, or that is older than any
// answer is kept, is one of a clock that was wrong: it says nothing of which answers are the batch's own, and the batch
// begins anew as far as they go.
func sane(began, now time.Time) time.Time {
	if began.After(now) || now.Sub(began) > batchAgeMax {
		return now
	}
	return began
}

// different leaves out keywords that ask the same as an earlier one.
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

// Canonical is the form in which two keywords that ask the same are equal: composed (NFC), with one space where there
// is white space within, and none around.
func Canonical(keyword string) string {
	return strings.Join(strings.Fields(norm.NFC.String(keyword)), " ")
}

// open lists the keywords that have questions left, in their order.
func (p *plan) open() []int {
	var all []int
	for i, n := range p.answered {
		if n < p.pages && !p.ended[i] {
			all = append(all, i)
		}
	}
	return all
}

// question is one page of one keyword.
func (p *plan) question(keyword int, page int32) *zhaohuov1.KeywordSearchRequest {
	q := p.request
	return &zhaohuov1.KeywordSearchRequest{
		Keyword: p.keywords[keyword], Page: proto.Int32(page), PageSize: proto.Int32(p.size),
		PriceMin: q.GetPriceMin(), PriceMax: q.GetPriceMax(), CategoryId: q.GetCategoryId(), Sort: q.GetSort(),
		Filters: q.GetFilters(), Language: q.GetLanguage(), IncludeRaw: q.GetIncludeRaw(), FacetId: q.GetFacetId(),
		MaxStaleness: q.GetMaxStaleness(),
	}
}

// answer counts one more page of a keyword.
func (p *plan) answer(keyword int, ended bool) {
	p.answered[keyword]++
	p.done++
	if left := p.pages - p.answered[keyword]; ended && left > 0 {
		p.ended[keyword] = true
		p.total -= left
	}
}

// fail takes a keyword's further pages out of what is asked in this call. The token does not know: they and the failed
// one are asked when the batch goes on.
func (p *plan) fail(keyword int) { p.total -= p.pages - p.answered[keyword] - 1 }
