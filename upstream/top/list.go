package top

import (
	"strings"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// place is where a list may stand in a payload.
type place struct {
	path string
	// read turns one row into a product; false if it is none.
	read func(row gjson.Result) (*zhaohuov1.Product, bool)
}

// list is a list of goods and what the answer says of it.
type list struct {
	products []*zhaohuov1.Product
	// total is how many there are in all, pageSize how many a page holds; each is known only if the answer says so.
	total, pageSize           int64
	totalKnown, pageSizeKnown bool
}

// readList reads the first list that is there, also when it is empty. Neither null nor an object without a list is an
// empty list, unless the answer itself says that nothing was found.
func readList(payload gjson.Result, places []place, includeRaw bool) (list, error) {
	for _, place := range places {
		rows := payload.Get(place.path)
		switch {
		case rows.IsArray():
			l := list{}
			l.readCounts(payload, place.path)
			return l, l.readRows(rows, place, includeRaw)
		case rows.Type == gjson.Null, rows.IsObject():
			// Absent, or what a later place looks into.
		default:
			return list{}, unreadable("the upstream's answer holds something else than a list at %s", place.path)
		}
	}
	l := list{}
	l.readCounts(payload, "result.result.data")
	if l.totalKnown && l.total == 0 {
		return l, nil
	}
	return list{}, unreadable("the upstream's answer holds no list where one is known to stand")
}

func (l *list) readRows(rows gjson.Result, place place, includeRaw bool) error {
	var err error
	rows.ForEach(func(_, row gjson.Result) bool {
		p, ok := place.read(row)
		if !ok {
			err = unreadable("row %d of the upstream's list is no goods with an id", len(l.products))
			return false
		}
		if includeRaw {
			raw := strings.Clone(row.Raw) // A product must not keep the whole answer in memory.
			p.RawJson = &raw
		}
		l.products = append(l.products, p)
		return true
	})
	return err
}

// The names of the two counts that a list may be told with, at any level above it.
var (
	totalNames    = []string{"totalRecords", "total_results", "totalResults", "totalCount", "total_count", "total"}
	pageSizeNames = []string{"pageSize", "page_size"}
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
				l.total, l.totalKnown = countIn(object, totalNames)
			}
			if !l.pageSizeKnown {
				l.pageSize, l.pageSizeKnown = countIn(object, pageSizeNames)
			}
		}
	}
}

func countIn(object gjson.Result, names []string) (int64, bool) {
	if !object.IsObject() {
		return 0, false
	}
	n, _, known := normal.Count(normal.First(object, names...))
	return n, known
}

// page is where a list stands in all that was found.
type page struct {
	effectiveSize, next int32
	truncated           bool
}

// pageOf places a list that was asked for as page number of asked rows.
func (l *list) pageOf(number, asked int32, limits upstream.Limits) page {
	rows := int64(len(l.products))
	window := int64(limits.Window)
	if window <= 0 {
		window = maxRows
	}
	size := int64(asked)
	if l.pageSizeKnown && l.pageSize > 0 && l.pageSize <= maxRows {
		size = l.pageSize
	}
	size = max(size, rows)
	reach := min(l.total, window)
	if before := int64(number-1) * size; l.totalKnown && !l.pageSizeKnown && rows > 0 && before+rows < reach {
		size = rows // The page is not the last one and not full: its size was capped without a word.
	}
	seen := int64(number) * size
	p := page{effectiveSize: int32(size)}
	more := rows >= size
	if l.totalKnown {
		p.truncated = l.total >= window
		more = seen < l.total
	} else {
		p.truncated = more && seen >= window
	}
	if more && rows > 0 && seen < window {
		p.next = number + 1
	}
	return p
}

// maxRows bounds counts that are told or left open, so that arithmetic on pages cannot overflow.
const maxRows = 1 << 30
