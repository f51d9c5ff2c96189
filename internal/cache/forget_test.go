package cache_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

// detail asks for a product, as search does for words.
func detail(ctx context.Context, c *cache.Cache, q *zhaohuov1.GetProductRequest) got {
	a, err := c.GetProduct(ctx, q)
	if err != nil {
		return got{Fault: fault.KindOf(err).String()}
	}
	return got{Number: a.GetProduct().GetSummary().GetId(), From: a.GetMeta().GetServedFrom(), Calls: a.GetMeta().GetUpstreamCalls()}
}

// freight asks for a product's freight.
func freight(t *testing.T, c *cache.Cache, id string) got {
	t.Helper()
	a, err := c.EstimateFreight(t.Context(), &zhaohuov1.EstimateFreightRequest{Id: id, Quantity: 20})
	if err != nil {
		t.Fatal(err)
	}
	return got{Number: strconv.FormatInt(a.GetFreight().GetQuantity(), 10), From: a.GetMeta().GetServedFrom(), Calls: a.GetMeta().GetUpstreamCalls()}
}

// named calls an API by its name, with one parameter.
func named(t *testing.T, c *cache.Cache, p *platform, name, value string) got {
	t.Helper()
	q := &zhaohuov1.CallRequest{Api: "a:b-1", Parameters: map[string]string{name: value}, MaxStaleness: durationpb.New(time.Hour)}
	a, err := c.Call(t.Context(), q, p.call)
	if err != nil {
		t.Fatal(err)
	}
	return got{Number: a.GetJson(), From: a.GetMeta().GetServedFrom(), Calls: a.GetMeta().GetUpstreamCalls()}
}

// TestForget: no answer about a product from before is used, in whichever language it was asked for, and whichever parameter of an API
// called by its name names it. Other products and searches stay.
func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, seen := newPlatform(), newCounts()
		c := wrap(t, p, cache.Config{Observer: seen})
		questions := []func() got{
			func() got { return detail(t.Context(), c, &zhaohuov1.GetProductRequest{Id: "7"}) },
			func() got { return detail(t.Context(), c, &zhaohuov1.GetProductRequest{Id: "7", LanguageCode: "en"}) },
			func() got {
				a, err := c.ListRelatedProducts(t.Context(), &zhaohuov1.ListRelatedProductsRequest{Id: "7"})
				if err != nil {
					t.Fatal(err)
				}
				return got{Number: a.GetProducts()[0].GetId(), From: a.GetMeta().GetServedFrom(), Calls: a.GetMeta().GetUpstreamCalls()}
			},
			func() got { return freight(t, c, "7") },
			func() got { return named(t, c, p, "productID", "7") },
			func() got { return named(t, c, p, "param", `{"offerIds":[8,"7"],"page":{"size":20}}`) },
			func() got { return named(t, c, p, "url", "https://detail.example/offer/7.html") },
			func() got { return detail(t.Context(), c, &zhaohuov1.GetProductRequest{Id: "8"}) },
			func() got { return freight(t, c, "8") },
			func() got { return named(t, c, p, "productID", "77") },
			func() got { return named(t, c, p, "productID", "07") },
			func() got { return search(t.Context(), c, words("7")) },
		}
		const about = 7 // of the questions are about product 7
		for i, ask := range questions {
			want(t, "first", ask(), got{strconv.Itoa(i + 1), live, 1, ""})
			want(t, "then", ask(), got{strconv.Itoa(i + 1), cached, 0, ""})
		}
		time.Sleep(time.Second)
		c.Forget([]string{"7", "9"})
		time.Sleep(time.Second)
		for i, ask := range questions {
			if i < about {
				number := strconv.Itoa(len(questions) + i + 1)
				want(t, "forgotten", ask(), got{number, live, 1, ""})
				want(t, "and stored anew", ask(), got{number, cached, 0, ""})
			} else {
				want(t, "not forgotten", ask(), got{strconv.Itoa(i + 1), cached, 0, ""})
			}
		}
		if seen.forgotten != about {
			t.Errorf("%d answers were forgotten, want %d", seen.forgotten, about)
		}
		// A forgotten answer is not given as a stale one either.
		c.Forget([]string{"7"})
		time.Sleep(time.Second)
		p.fails(fault.UpstreamUnavailable)
		want(t, "forgotten, and the upstream fails", questions[0](), got{Fault: fault.UpstreamUnavailable.String()})
	})
}

// TestForgetOfVeryManyProducts: an answer about more products than are looked up one by one is forgotten with any product.
func TestForgetOfVeryManyProducts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := func(n int) string {
			ids := make([]string, n)
			for i := range ids {
				ids[i] = strconv.Itoa(1000 + i)
			}
			return strings.Join(ids, ",")
		}
		p := newPlatform()
		c := wrap(t, p, cache.Config{})
		want(t, "few", named(t, c, p, "ids", list(100)), got{"1", live, 1, ""})
		want(t, "many", named(t, c, p, "ids", list(101)), got{"2", live, 1, ""})
		want(t, "many, then", named(t, c, p, "ids", list(101)), got{"2", cached, 0, ""})
		time.Sleep(time.Second)
		c.Forget([]string{"7"})
		time.Sleep(time.Second)
		want(t, "few, another is forgotten", named(t, c, p, "ids", list(100)), got{"1", cached, 0, ""})
		want(t, "many, another is forgotten", named(t, c, p, "ids", list(101)), got{"3", live, 1, ""})
	})
}

// TestForgetReachesAll: replicas that share a store, and one that starts later, learn what was forgotten, and read the store for it
// once. While the store fails, answers are used as before.
func TestForgetReachesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, p := newGossip(), newPlatform()
		config := cache.Config{Store: g}
		one, other := wrap(t, p, config), wrap(t, p, config)
		synctest.Wait()
		q := &zhaohuov1.GetProductRequest{Id: "7"}
		want(t, "first", detail(t.Context(), one, q), got{"1", live, 1, ""})
		synctest.Wait()
		want(t, "other", detail(t.Context(), other, q), got{"1", cached, 0, ""})
		for range 5 {
			detail(t.Context(), other, q)
		}
		before := g.gets
		for range 5 {
			want(t, "from memory", detail(t.Context(), other, q), got{"1", cached, 0, ""})
		}
		if g.gets != before {
			t.Errorf("%d reads of the store for answers in memory", g.gets-before)
		}
		time.Sleep(time.Second)
		one.Forget([]string{"7"})
		synctest.Wait()
		time.Sleep(time.Second)
		g.set(errors.New("broken"), nil)
		want(t, "while the store fails", detail(t.Context(), other, q), got{"1", cached, 0, ""})
		g.set(nil, nil)
		time.Sleep(5 * time.Second)
		detail(t.Context(), other, &zhaohuov1.GetProductRequest{Id: "8"}) // The store is found to be back.
		synctest.Wait()
		late := wrap(t, p, config)
		synctest.Wait()
		want(t, "a new process", detail(t.Context(), late, q), got{"3", live, 1, ""})
		synctest.Wait()
		want(t, "other", detail(t.Context(), other, q), got{"3", cached, 0, ""})
		want(t, "where it was forgotten", detail(t.Context(), one, q), got{"3", cached, 0, ""})
	})
}
