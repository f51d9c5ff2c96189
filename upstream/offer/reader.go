package offer

import (
	"strings"

	"github.com/tidwall/gjson"
	moneypb "google.golang.org/genproto/googleapis/type/money"

	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// spot is what a name in an object stands for: a field, an object with further names, or both.
type spot struct {
	field field
	// rank is the name's place among the field's names, from 1; 0 if the name stands for no field.
	rank   uint8
	inside map[string]spot
}

// spots are the names of the table, by object.
var spots = indexed() //nolint:gochecknoglobals // An index of a constant table, made by a pure function. Nobody writes to it.

func indexed() map[string]spot {
	top := map[string]spot{}
	for f, all := range names {
		for i, path := range all {
			objects := strings.Split(path, ".")
			at := top
			for _, name := range objects[:len(objects)-1] {
				s := at[name]
				if s.inside == nil {
					s.inside = map[string]spot{}
					at[name] = s
				}
				at = s.inside
			}
			last := objects[len(objects)-1]
			s := at[last]
			s.field, s.rank = field(f), uint8(i+1)
			at[last] = s
		}
	}
	return top
}

// reader holds the members of one object, by field.
type reader struct {
	Options

	values [fieldCount]gjson.Result
	ranks  [fieldCount]uint8
	// blank are the fields that were sent as an empty text.
	blank [fieldCount]bool
}

// read reads the members of an object in one pass.
func (r *reader) read(object gjson.Result) { r.readInto(object, spots) }

func (r *reader) readInto(object gjson.Result, known map[string]spot) {
	object.ForEach(func(key, value gjson.Result) bool {
		s, ok := known[key.Str]
		if !ok {
			return true
		}
		if s.rank > 0 {
			r.put(s, value)
		}
		if s.inside != nil && value.IsObject() {
			r.readInto(value, s.inside)
		}
		return true
	})
}

// put keeps a value unless it is blank. Of several values of a field, it keeps the one with the preferred name among those that
// say something.
func (r *reader) put(s spot, value gjson.Result) {
	if normal.Blank(value) {
		if value.Type == gjson.String {
			r.blank[s.field] = true
		}
		return
	}
	if rank := r.ranks[s.field]; rank != 0 && (!says(s.field, value) || rank < s.rank && says(s.field, r.values[s.field])) {
		return
	}
	r.values[s.field], r.ranks[s.field] = value, s.rank
}

// says reports whether a value that is not blank says something: an id or a price of 0 says as little as a blank.
func says(f field, value gjson.Result) bool {
	switch f {
	case fieldID, fieldVariantID, fieldTopCategory, fieldSecondCategory, fieldThirdCategory:
		_, ok := normal.ID(value)
		return ok
	case fieldPrice, fieldPromotionPrice, fieldConsignPrice, fieldOnePiecePrice, fieldRetailPrice, fieldForeignRetailPrice:
		return normal.Price(value) != normal.PriceRange{}
	default:
		return true
	}
}

// sent reports whether any of the fields from first to last has a value, or a blank text.
func (r *reader) sent(first, last field) bool {
	for f := first; f <= last; f++ {
		if r.has(f) || r.blank[f] {
			return true
		}
	}
	return false
}

// at is the value of a field; the zero Result if there is none.
func (r *reader) at(f field) gjson.Result { return r.values[f] }

// has reports whether a field has a value that is not blank. Most fields of most products have none, so that asking first is
// much cheaper than reading nothing.
func (r *reader) has(f field) bool { return r.ranks[f] != 0 }

// read reads a field that has a value with a function; nil if it has none.
func read[T any](r *reader, f field, how func(gjson.Result) *T) *T {
	if !r.has(f) {
		return nil
	}
	return how(r.values[f])
}

func (r *reader) text(f field) *string {
	if !r.has(f) {
		return nil
	}
	return optional(normal.Text(r.values[f]))
}

func (r *reader) id(f field) string {
	if !r.has(f) {
		return ""
	}
	id, _ := normal.ID(r.values[f])
	return id
}

func (r *reader) url(f field) *string { return read(r, f, address) }

// single reads a price in yuan; of a range, the lower end. Nil is none.
func (r *reader) single(f field) *moneypb.Money { return read(r, f, single) }

func (r *reader) count(f field) *int64 { return read(r, f, count) }

func (r *reader) positive(f field) *int64 { return read(r, f, positive) }

// flagged reports whether a flag is set; a flag that is absent is not.
func (r *reader) flagged(f field) bool {
	if !r.has(f) {
		return false
	}
	is, _ := normal.Bool(r.values[f])
	return is
}

func (r *reader) flag(f field) *bool {
	if !r.has(f) {
		return nil
	}
	if is, known := normal.Bool(r.values[f]); known {
		return &is
	}
	return nil
}

// share reads a ratio with the function for its unit.
func (r *reader) share(f field, read func(gjson.Result) (float64, bool)) *float64 {
	if !r.has(f) {
		return nil
	}
	if share, known := read(r.values[f]); known {
		return &share
	}
	return nil
}

// optional is nil for an empty text.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func address(v gjson.Result) *string {
	if a, ok := normal.URL(v); ok {
		return &a
	}
	return nil
}

func count(v gjson.Result) *int64 {
	if n, _, known := normal.Count(v); known {
		return &n
	}
	return nil
}

// positive reads a count for which 0 makes no sense.
func positive(v gjson.Result) *int64 {
	if n := count(v); n != nil && *n > 0 {
		return n
	}
	return nil
}
