package upstream_test

import (
	"context"
	"net/http"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"

	dispatcher "github.com/zhaohuo-dev/zhaohuo/internal/quota"
)

// keys is an upstream that answers by App Key: the last part of the path.
type keys struct {
	gateway

	mu sync.Mutex
	// refusals are the bodies that refuse the calls of an App Key, by key.
	refusals map[string]string
	// asked are the App Keys of all calls.
	asked []string
}

func (k *keys) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := path.Base(r.URL.Path)
	k.mu.Lock()
	k.asked = append(k.asked, key)
	refusal := k.refusals[key]
	k.mu.Unlock()
	if refusal != "" {
		w.WriteHeader(http.StatusBadRequest)
		reply(w, refusal)
		return
	}
	if path.Base(path.Dir(r.URL.Path)) == "product.search.keywordQuery" {
		reply(w, envelope(noGoods))
		return
	}
	k.gateway.ServeHTTP(w, r)
}

func (k *keys) refuse(key, body string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.refusals[key] = body
}

// calls returns the App Keys of the calls since it was called last.
func (k *keys) calls() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := k.asked
	k.asked = nil
	return all
}

// pool returns a client with the accounts a, b, …, whose App Keys are key-a, key-b, …; one attempt for each call.
func pool(t *testing.T, k *keys, attempts int, held ...upstream.Tokens) *upstream.Client {
	t.Helper()
	k.refusals = map[string]string{}
	o := serve(t, k.ServeHTTP)
	var all []dispatcher.Account
	for i, tokens := range held {
		name := string(rune('a' + i))
		o.Accounts = append(o.Accounts, upstream.Account{Name: name, AppKey: "key-" + name, AppSecret: "made up", Tokens: tokens})
		all = append(all, dispatcher.Account{Name: name, Limiter: limiter.NewLocal(limiter.Limits{}, limiter.NewLedger())})
	}
	d := dispatcher.NewPool(all, dispatcher.Options{})
	t.Cleanup(func() { _ = d.Close() })
	o.Quota = d
	o.Backoff = upstream.Backoff{Attempts: attempts, First: time.Hour, Max: time.Hour}
	return aopClient(t, o)
}

func refusal(code string) string { return `{"error_code":"` + code + `","error_message":"no"}` }

// TestAnotherAccountServes: what is wrong with one account costs no attempt where another account is there, and the next
// call does not find it out for itself.
func TestAnotherAccountServes(t *testing.T) {
	for name, row := range map[string]struct {
		code     string
		attempts int
	}{
		"unknown key":        {"gw.AppKeyNotFound", 1},
		"wrong secret":       {"gw.SignatureInvalid", 1},
		"revoked token":      {"401", 1},
		"missing permission": {"gw.APIACLDecline", 1},
		"used up":            {"gw.NoUsageLeftError", 1},
		"throttled":          {"gw.QosAppFrequencyLimit", 2},
	} {
		t.Run(name, func(t *testing.T) {
			k := &keys{}
			client := pool(t, k, row.attempts, &tokens{left: []secret.Text{"token-a"}}, &tokens{left: []secret.Text{"token-b"}})
			k.refuse("key-a", refusal(row.code))
			// The account that sent fewer calls goes first: the first call goes through a.
			answer, err := client.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "杯"})
			if err != nil || answer.GetMeta().GetUpstreamCalls() != 1 {
				t.Fatalf("%v, %v", answer.GetMeta(), err)
			}
			for range 3 {
				if _, err := client.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "杯"}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]string{"key-a", "key-b", "key-b", "key-b", "key-b"}, k.calls()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNoAccountServes: a fault of all accounts is the answer after one call to each, of which the caller pays one.
func TestNoAccountServes(t *testing.T) {
	k := &keys{}
	client := pool(t, k, 3, &tokens{}, &tokens{})
	k.refuse("key-a", refusal("gw.AppKeyNotFound"))
	k.refuse("key-b", refusal("gw.AppKeyNotFound"))
	for range 2 {
		_, err := client.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "杯"})
		if fault.KindOf(err) != fault.UpstreamCredentialsInvalid || fault.CallsOf(err) != 1 {
			t.Errorf("%v after %d calls, want 1", err, fault.CallsOf(err))
		}
	}
	if all := k.calls(); len(all) != 3 {
		t.Errorf("the calls were %q", all)
	}
}

// TestAccountWithoutAToken: it is passed over without a call.
func TestAccountWithoutAToken(t *testing.T) {
	k := &keys{}
	client := pool(t, k, 1, &tokens{err: fault.New(fault.UpstreamUnavailable, "nobody answers")}, &tokens{})
	for range 2 {
		if _, err := client.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "杯"}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"key-b", "key-b"}, k.calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestACallThatIsMovedIsPaidOnce: what one account refuses without an effect and another one serves costs the caller one call of all its
// budgets, however many accounts refuse it. A further attempt is a call as before.
func TestACallThatIsMovedIsPaidOnce(t *testing.T) {
	for name, row := range map[string]struct {
		refused  map[string]string
		attempts int
		paid     int64
		kind     fault.Kind
		went     []string
	}{
		"by one account":      {map[string]string{"key-a": "gw.APIACLDecline"}, 3, 1, 0, []string{"key-a", "key-b"}},
		"by two accounts":     {map[string]string{"key-a": "gw.APIACLDecline", "key-b": "gw.AppKeyNotFound"}, 3, 1, 0, []string{"key-a", "key-b", "key-c"}},
		"a throttle":          {map[string]string{"key-a": "gw.QosAppFrequencyLimit"}, 3, 1, 0, []string{"key-a", "key-b"}},
		"by all accounts":     {map[string]string{"key-a": "gw.APIACLDecline", "key-b": "gw.APIACLDecline", "key-c": "gw.APIACLDecline"}, 3, 1, fault.UpstreamPermissionDenied, []string{"key-a", "key-b", "key-c"}},
		"what no other helps": {map[string]string{"key-a": "gw.ISPInvokeTimeout"}, 3, 1, fault.UpstreamTimeout, []string{"key-a"}},
	} {
		t.Run(name, func(t *testing.T) {
			k := &keys{}
			client := pool(t, k, row.attempts, &tokens{}, &tokens{}, &tokens{})
			for key, code := range row.refused {
				k.refuse(key, refusal(code))
			}
			own, total := upstream.NewBudget(1), upstream.NewBudget(5)
			ctx, count := upstream.WithCallCount(upstream.WithBudget(upstream.WithBudget(t.Context(), total), own))
			answer, err := client.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "杯"})
			if row.kind != fault.KindOf(err) && (err != nil || row.kind != 0) {
				t.Fatalf("%v, want %v", err, row.kind)
			}
			if own.Left() != 1-row.paid || total.Left() != 5-row.paid || int64(count.Calls()) != row.paid {
				t.Errorf("%d and %d calls are left, %d were counted", own.Left(), total.Left(), count.Calls())
			}
			if reported := int64(answer.GetMeta().GetUpstreamCalls()) + int64(fault.CallsOf(err)); reported != row.paid {
				t.Errorf("%d calls are reported", reported)
			}
			if diff := cmp.Diff(row.went, k.calls()); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPhotoStaysWithItsAccount: searches by a photo go through the account that uploaded it, and a photo is uploaded anew
// only when that account can no longer search.
func TestPhotoStaysWithItsAccount(t *testing.T) {
	k := &keys{}
	client := pool(t, k, 1, &tokens{}, &tokens{})
	p := upstream.Picture{Photo: newPhoto(t, 100), Key: "photo"}
	ask := func(ctx context.Context) {
		t.Helper()
		if _, err := search(ctx, client, p); err != nil {
			t.Fatal(err)
		}
	}
	ask(t.Context())
	ask(t.Context())
	if first := k.calls(); len(first) != 3 || len(slices.Compact(first)) != 1 {
		t.Fatalf("one upload and two searches went through %q", first)
	}
	k.refuse("key-a", refusal("gw.AppKeyNotFound"))
	ask(t.Context())
	ask(t.Context())
	if diff := cmp.Diff([]string{"key-a", "key-b", "key-b", "key-b"}, k.calls()); diff != "" {
		t.Errorf("calls after the account was revoked (-want +got):\n%s", diff)
	}
	k.refuse("key-a", "")
	pinned := upstream.WithDemand(t.Context(), upstream.Demand{Accounts: "b"})
	ask(pinned)
	if diff := cmp.Diff([]string{"key-b", "key-b"}, k.calls()); diff != "" {
		t.Errorf("calls of a caller pinned to b (-want +got):\n%s", diff)
	}
}
