package offer

import (
	"strings"

	"github.com/tidwall/gjson"

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

// put keeps a value if it says something and no preferred name does.
func (r *reader) put(s spot, value gjson.Result) {
	if value.Type == gjson.String && normal.Blank(value) {
		r.blank[s.field] = true
	}
	if !says(s.field, value) {
		return
	}
	if rank := r.ranks[s.field]; rank == 0 || s.rank < rank {
		r.values[s.field], r.ranks[s.field] = value, s.rank
	}
}

// says reports whether a value says something: an id or a price of 0 says as little as a blank.
func says(f field, value gjson.Result) bool {
	switch f {
	case fieldID, fieldVariantID, fieldTopCategory, fieldSecondCategory, fieldThirdCategory:
		_, ok := normal.ID(value)
		return ok
	case fieldPrice, fieldPromotionPrice, fieldConsignPrice, fieldOnePiecePrice, fieldRetailPrice:
		return normal.Price(value) != normal.PriceRange{}
	default:
		return !normal.Blank(value)
	}
}

// at is the value of a field; the zero Result if there is none.
func (r *reader) at(f field) gjson.Result { return r.values[f] }

func (r *reader) text(f field) *string { return optional(normal.Text(r.at(f))) }

func (r *reader) id(f field) string {
	id, _ := normal.ID(r.at(f))
	return id
}

func (r *reader) url(f field) *string { return address(r.at(f)) }

func (r *reader) count(f field) *int64 { return count(r.at(f)) }

func (r *reader) positive(f field) *int64 { return positive(r.at(f)) }

// flagged reports whether a flag is set; a flag that is absent is not.
func (r *reader) flagged(f field) bool {
	is, _ := normal.Bool(r.at(f))
	return is
}

func (r *reader) flag(f field) *bool {
	if is, known := normal.Bool(r.at(f)); known {
		return &is
	}
	return nil
}

// share reads a ratio with the function for its unit.
func (r *reader) share(f field, read func(gjson.Result) (float64, bool)) *float64 {
	if share, known := read(r.at(f)); known {
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
