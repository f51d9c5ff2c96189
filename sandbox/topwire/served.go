package topwire

import (
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// Served lists the methods, sorted by name. None of them changes anything.
func Served() []wire.API {
	var all []wire.API
	for _, m := range registry() {
		all = append(all, wire.API{Name: m.name})
	}
	slices.SortFunc(all, func(a, b wire.API) int { return strings.Compare(a.Name, b.Name) })
	return all
}
