package hostile_test

import (
	"math/rand/v2"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
	"github.com/zhaohuo-dev/zhaohuo/test/hostile"
)

// TestValidRequestsKeepTheRules: nearly all requests that are meant to keep the contract's rules do, of each RPC some.
func TestValidRequestsKeepTheRules(t *testing.T) {
	g, err := hostile.NewGenerator()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	const each = 4
	kept, all := 0, 0
	for _, method := range contract.Methods() {
		before := kept
		for range each {
			q, err := g.Valid(random, method)
			if err != nil {
				t.Fatal(err)
			}
			ok, err := g.Keeps(q)
			if err != nil {
				t.Fatal(err)
			}
			all++
			if ok {
				kept++
			}
		}
		if kept-before < each/2 {
			t.Errorf("%s: %d of %d requests keep the rules", method.FullName(), kept-before, each)
		}
	}
	t.Logf("%d of %d requests keep the rules", kept, all)
}
