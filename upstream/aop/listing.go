package aop

import (
	"math"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// paging is the requested page.
type paging struct {
	number, size int32
}

// asked fills in the contract's defaults and caps the page size: the upstream would cut a larger page without saying
// so.
func (d dialect) asked(page, pageSize *int32) paging {
	p := paging{number: 1, size: pageSizeDefault}
	if page != nil {
		p.number = *page
	}
	if pageSize != nil {
		p.size = *pageSize
	}
	p.size = min(p.size, d.limits.PageSizeMax)
	return p
}

// listing is one page of a list answer, before its rows are read.
type listing struct {
	rows []gjson.Result
	// total is nil where the upstream gives none.
	total                    *int64
	page, pageSize, nextPage int32
	truncated                bool
}

// numbers are the paging fields of an answer; 0 is unknown.
type numbers struct {
	total          int64
	hasTotal       bool
	pages          int64
	page, pageSize int64
}

// readListing reads {totalRecords, totalPage, pageSize, currentPage, data:[…]} (docs/PROTOCOL.md §4.2), the other
// spellings of E13 and E14, and a bare list. The envelope has already found that it is a success. A payload without a
// list is unreadable, unless it reports that nothing was found: a total of 0 and no list, or null in its place. An empty list
// without paging says nothing on the first page. On a later one it is the end of the list: who asks for that page has seen goods
// in this list before.
func readListing(payload gjson.Result, asked paging, window int32) (listing, error) {
	var n numbers
	data := payload
	switch {
	case payload.IsObject():
		data = n.read(payload)
	case !payload.IsArray():
		return listing{}, unreadable("a page of a list was expected")
	}
	saysNone := data.Type == gjson.Null && n.hasTotal && n.total == 0
	if !data.IsArray() && !saysNone {
		return listing{}, unreadable("the list of offers is missing")
	}
	l := listing{rows: rows(data, asked.size)}
	if len(l.rows) == 0 && asked.number == 1 && payload.IsObject() && n == (numbers{}) {
		return listing{}, unreadable("an empty list came without paging")
	}
	l.place(n, asked, int64(window))
	return l, nil
}

// read reads the paging fields of an object and returns the list beside them.
func (n *numbers) read(object gjson.Result) (data gjson.Result) {
	object.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "totalRecords", "total":
			n.total, _, n.hasTotal = normal.Count(value)
		case "totalPage":
			n.pages, _, _ = normal.Count(value)
		case "pageSize":
			n.pageSize, _, _ = normal.Count(value)
		case "currentPage", "page":
			n.page, _, _ = normal.Count(value)
		case "pageInfo":
			n.read(value)
		case "data", "result", "productList", "resultList":
			data = value
		}
		return true
	})
	return data
}

// rows returns the elements of a list; none for null.
func rows(data gjson.Result, expect int32) []gjson.Result {
	if !data.IsArray() {
		return nil
	}
	all := make([]gjson.Result, 0, expect)
	data.ForEach(func(_, row gjson.Result) bool {
		all = append(all, row)
		return true
	})
	return all
}

// place computes the position of this page in the list.
func (l *listing) place(n numbers, asked paging, window int64) {
	if n.hasTotal {
		l.total = &n.total
		l.truncated = n.total >= window
	}
	l.page = asked.number
	size := effectiveSize(n, asked, int64(len(l.rows)))
	l.pageSize = int32(size)
	if n.page > 0 && n.page != int64(asked.number) {
		// Some APIs ignore an unknown page parameter and always serve page one. Report the page that came, and end
		// there.
		l.page = int32(min(n.page, math.MaxInt32))
		return
	}
	if hasNext(n, int64(asked.number), size, int64(asked.size), int64(len(l.rows)), window) {
		l.nextPage = asked.number + 1
	}
}

// effectiveSize is the real page size: what the answer says, unless its rows contradict it. The upstream cuts a page
// that is too large without notice, and may repeat the requested size.
func effectiveSize(n numbers, asked paging, rows int64) int64 {
	size := int64(asked.size)
	if n.pageSize > 0 && n.pageSize <= math.MaxInt32 {
		size = n.pageSize
	}
	if rows == 0 {
		return size
	}
	before := (int64(asked.number) - 1) * size
	switch {
	case rows > size:
		return rows
	case !n.hasTotal || rows == size:
		return size
	case rows == n.total-before:
		return size // The last page has just the remaining rows.
	default:
		return rows
	}
}

// hasNext reports whether there may be a further page that can be asked for. The upstream's total of pages is sometimes
// one too high, so it is used only where there is no total of rows.
func hasNext(n numbers, page, size, askedSize, rows, window int64) bool {
	switch {
	case rows == 0 || page == math.MaxInt32:
		return false
	case page*size >= window || page*askedSize >= window:
		return false
	case n.hasTotal:
		return (page-1)*size+rows < n.total
	case n.pages > 0:
		return page < n.pages
	default:
		return rows >= size
	}
}

func unreadable(format string, args ...any) error {
	return fault.New(fault.UpstreamAnswerUnreadable, "the upstream's answer cannot be understood: "+format, args...)
}
