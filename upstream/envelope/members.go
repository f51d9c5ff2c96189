package envelope

import "github.com/tidwall/gjson"

// Members are the members of one object. They are read in one pass, so that several can be looked for at the cost of one: each
// search in the text of a list passes over all of its products.
type Members []Member

// Member is one member of an object.
type Member struct {
	Name  string
	Value gjson.Result
}

// MembersOf reads the members of an object; none of anything else.
func MembersOf(object gjson.Result) Members {
	if !object.IsObject() {
		return nil
	}
	all := make(Members, 0, 8)
	object.ForEach(func(name, value gjson.Result) bool {
		all = append(all, Member{name.Str, value})
		return true
	})
	return all
}

// Get is the first member of the name; it does not exist if there is none.
func (m Members) Get(name string) gjson.Result {
	for i := range m {
		if m[i].Name == name {
			return m[i].Value
		}
	}
	return gjson.Result{}
}
