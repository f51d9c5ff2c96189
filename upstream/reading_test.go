package upstream_test

import (
	"slices"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/offer"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// A further name, or another order of names, is another reading; the dialects' own differ from each other.
func TestReadingFollowsTheNames(t *testing.T) {
	readings := map[string]string{}
	for name, d := range map[string]*upstream.Dialect{
		"aop": aop.New(aop.Config{}), "top": top.New(top.Config{}), "none": {}, "one": {Reads: []string{"price"}},
		"two": {Reads: []string{"price", "salePrice"}}, "other order": {Reads: []string{"salePrice", "price"}},
	} {
		reading := d.Reading()
		if reading != d.Reading() {
			t.Errorf("%s: one dialect has two readings", name)
		}
		if twin := readings[reading]; twin != "" {
			t.Errorf("%s and %s have one reading", name, twin)
		}
		readings[reading] = name
	}
}

// Every name of the table of products is in the reading of both dialects.
func TestDialectsListTheNamesThatTheyRead(t *testing.T) {
	for name, d := range map[string]*upstream.Dialect{"aop": aop.New(aop.Config{}), "top": top.New(top.Config{})} {
		for _, read := range offer.Names() {
			if !slices.Contains(d.Reads, read) {
				t.Errorf("%s reads %s and does not list it", name, read)
			}
		}
	}
}
