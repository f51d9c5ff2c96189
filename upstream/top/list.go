package top

import (
	"math"
	"strings"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// place is where a list may be in a payload.
type place struct {
	path string
	// read converts one row; false if it is no product.
	read func(row gjson.Result) (*zhaohuov1.Product, bool)
}

// list is a list of products and the counts beside it.
type list struct {
	products []*zhaohuov1.Product
	// total is the number of results, pageSize the size of a page, number this page's number. Any of them may be
	// missing: total is then unknown, the others are 0.
	total            int64
	totalKnown       bool
	pageSize, number int64
}

// readList reads the first list that exists, even if it is empty. Null, or an object without a list, is not an empty
// list unless the answer says that nothing was found.
func readList(payload gjson.Result, places []place, includeRaw bool) (list, error) {
	for _, place := range places {
		rows := payload.Get(place.path)
		switch {
		case rows.IsArray():
			l := list{}
			l.readCounts(payload, place.path)
			if err := l.readRows(rows, place, includeRaw); err != nil {
				return list{}, err
			}
			if place.path == bareResult && len(l.products) == 0 && !l.totalKnown && !payload.Get("success").Exists() {
				return list{}, unreadable("an empty result came with nothing that says that it is a list of offers")
			}
			return l, nil
		case rows.Type == gjson.Null, rows.IsObject():
			// Absent, or a later place looks into it.
		default:
			return list{}, unreadable("the upstream's answer has no list at %s", place.path)
		}
	}
	l := list{}
	l.readCounts(payload, "result.result.data")
	if l.totalKnown && l.total == 0 {
		return l, nil
	}
	return list{}, unreadable("the upstream's answer has no list in any known place")
}

func (l *list) readRows(rows gjson.Result, place place, includeRaw bool) error {
	var err error
	rows.ForEach(func(_, row gjson.Result) bool {
		p, ok := place.read(row)
		if !ok {
			err = unreadable("row %d of the upstream's list has no product id", len(l.products))
			return false
		}
		if includeRaw {
			raw := strings.Clone(row.Raw) // Without the copy the product would keep the full answer in memory.
			p.RawJson = &raw
		}
		l.products = append(l.products, p)
		return true
	})
	return err
}

// The keys of the counts beside a list, at any level above it.
var (
	totalKeys      = []string{"totalRecords", "total_results", "totalResults", "totalCount", "total_count", "total"}
	pageSizeKeys   = []string{"pageSize", "page_size"}
	pageNumberKeys = []string{"currentPage", "current_page", "pageNo", "page_no"}
)

// readCounts reads the counts beside a list and around it, the nearest first.
func (l *list) readCounts(payload gjson.Result, path string) {
	for path != "" {
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
		holder := payload
		if path != "" {
			holder = payload.Get(path)
		}
		if !holder.IsObject() {
			continue
		}
		for _, object := range [...]gjson.Result{holder, holder.Get("pageInfo")} {
			if !l.totalKnown {
				l.total, l.totalKnown = countIn(object, totalKeys)
			}
			if l.pageSize == 0 {
				l.pageSize, _ = countIn(object, pageSizeKeys)
			}
			if l.number == 0 {
				l.number, _ = countIn(object, pageNumberKeys)
			}
		}
	}
}

func countIn(object gjson.Result, keys []string) (int64, bool) {
	if !object.IsObject() {
		return 0, false
	}
	n, _, known := normal.Count(normal.First(object, keys...))
	return n, known
}

// page is the position of a list in all results.
type page struct {
	number, effectiveSize, next int32
	truncated                   bool
}

// pageOf places a list that was requested as page number, with asked rows.
func (l *list) pageOf(number, asked int32, limits upstream.Limits) page {
	rows, window := int64(len(l.products)), int64(limits.Window)
	size := l.effectiveSize(int64(number), int64(asked), window)
	p := page{number: number, effectiveSize: int32(size), truncated: l.totalKnown && l.total >= window}
	if l.number > 0 && l.number != int64(number) {
		// Some services ignore an unknown page parameter and always serve page one. Report the page that came, and end
		// there.
		p.number = int32(min(l.number, math.MaxInt32))
		return p
	}
	seen := int64(number) * size
	more := rows > 0 && rows >= size
	if l.totalKnown {
		more = rows > 0 && seen < l.total
	} else {
		p.truncated = more && seen >= window
	}
	if more && seen < window {
		p.next = number + 1
	}
	return p
}

// effectiveSize is the real page size: what the answer says, unless its rows contradict it.
func (l *list) effectiveSize(number, asked, window int64) int64 {
	rows, size := int64(len(l.products)), asked
	said := l.pageSize > 0 && l.pageSize <= window
	if said {
		size = l.pageSize
	}
	size = max(size, rows)
	if before := (number - 1) * size; !said && l.totalKnown && rows > 0 && before+rows < min(l.total, window) {
		return rows // Neither the last page nor full: the upstream capped its size silently.
	}
	return size
}
