package top

import (
	"math"
	"strings"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
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

// readList reads the first list that exists, of the page that was asked for. Null, or an object without a list, is not an empty
// list unless the answer says that nothing was found. Neither is an empty list that stands alone, on the first page: see
// saysSearched. On a later page it is the end of the list: who asks for that page has seen goods in this list before.
func readList(payload gjson.Result, places []place, asked int32, includeRaw bool) (list, error) {
	t := tree{root: payload, members: map[string]envelope.Members{}}
	for _, place := range places {
		rows := t.at(place.path)
		switch {
		case rows.IsArray():
			l := list{}
			l.readCounts(&t, place.path)
			if err := l.readRows(rows, place, includeRaw); err != nil {
				return list{}, err
			}
			if len(l.products) == 0 && asked <= 1 && !l.saysSearched(&t, place.path) {
				return list{}, unreadable("an empty list came with nothing that says that it is a list of offers")
			}
			return l, nil
		case rows.Type == gjson.Null, rows.IsObject():
			// Absent, or a later place looks into it.
		default:
			return list{}, unreadable("the upstream's answer has no list at %s", place.path)
		}
	}
	l := list{}
	l.readCounts(&t, "result.result.data")
	if l.totalKnown && l.total == 0 {
		return l, nil
	}
	return list{}, unreadable("the upstream's answer has no list in any known place")
}

// saysSearched reports whether an answer with an empty list says that it answers a search. A member result, products, productList
// or items that is all there is may be anything else: what a proxy answers, or another method. A total, a flag of success, an
// object around the list, or the method's own response around it say more. A result says nothing even in there.
func (l *list) saysSearched(t *tree, path string) bool {
	wrapped := t.root.Index > 0 && path != bareResult
	return strings.Contains(path, ".") || l.totalKnown || wrapped || t.at("success").Exists()
}

// tree finds members by path. It passes over each object once, whatever is looked for in it.
type tree struct {
	root gjson.Result
	// members are those of the objects that were looked into, by path.
	members map[string]envelope.Members
}

// at is the member at a path of names with points between them, the payload itself for none.
func (t *tree) at(path string) gjson.Result {
	if path == "" {
		return t.root
	}
	object, name := "", path
	if at := strings.LastIndexByte(path, '.'); at >= 0 {
		object, name = path[:at], path[at+1:]
	}
	return t.membersAt(object).Get(name)
}

func (t *tree) membersAt(path string) envelope.Members {
	members, read := t.members[path]
	if !read {
		members = envelope.MembersOf(t.at(path))
		t.members[path] = members
	}
	return members
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
func (l *list) readCounts(t *tree, path string) {
	for path != "" {
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
		beside := t.membersAt(path)
		for _, members := range [...]envelope.Members{beside, envelope.MembersOf(beside.Get("pageInfo"))} {
			if !l.totalKnown {
				l.total, l.totalKnown = countIn(members, totalKeys)
			}
			if l.pageSize == 0 {
				l.pageSize, _ = countIn(members, pageSizeKeys)
			}
			if l.number == 0 {
				l.number, _ = countIn(members, pageNumberKeys)
			}
		}
	}
}

// countIn reads the first of the named members that has a value.
func countIn(members envelope.Members, keys []string) (int64, bool) {
	for _, key := range keys {
		if value := members.Get(key); !normal.Blank(value) {
			n, _, known := normal.Count(value)
			return n, known
		}
	}
	return 0, false
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
