package judge_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/judge"
)

// scene is a watch with what it sees, one observation after the other, and the events.
type scene struct {
	name  string
	watch *zhaohuov1.PriceWatch
	sees  [][]string
	want  []string
}

func play(t *testing.T, scenes []scene) {
	t.Helper()
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			var observations []*zhaohuov1.PriceObservation
			for n, what := range s.sees {
				observations = append(observations, saw(t, n, what...))
			}
			if got := run(t, s.watch, observations...); !slices.Equal(got, s.want) {
				t.Errorf("got  %q\nwant %q", got, s.want)
			}
		})
	}
}

// prices are observations of product 1 alone.
func prices(all ...string) [][]string {
	var sees [][]string
	for _, p := range all {
		if p == "failed" || p == "" {
			sees = append(sees, []string{"failed"})
			continue
		}
		sees = append(sees, []string{"1 " + p})
	}
	return sees
}

func TestPriceAgainstTheLastObservation(t *testing.T) {
	play(t, []scene{
		{"any fall", byIDs(when(fell)), prices("10", "9.99", "9.99", "10"), []string{"PRICE_FELL 1 #0 10 > #1 9.99 -0.001"}},
		{"any rise", byIDs(when(rose)), prices("10", "9", "9.01"), []string{"PRICE_ROSE 1 #1 9 > #2 9.01 0.0011111111111111111"}},
		{"both", byIDs(when(fell), when(rose)), prices("10", "9", "10"), []string{"PRICE_FELL 1 #0 10 > #1 9 -0.1", "PRICE_ROSE 1 #1 9 > #2 10 0.1111111111111111"}},
		{"exactly 5 %", byIDs(when(fell, by(0.05))), prices("10", "9.50"), []string{"PRICE_FELL 1 #0 10 > #1 9.50 -0.05"}},
		{"less than 5 %", byIDs(when(fell, by(0.05))), prices("10", "9.500000001"), nil},
		{"a fall of less than 5 % at a time", byIDs(when(fell, by(0.05))), prices("10", "9.60", "9.20"), nil},
		{"exactly 10 % up", byIDs(when(rose, by(0.1))), prices("0.70", "0.77"), []string{"PRICE_ROSE 1 #0 0.70 > #1 0.77 0.1"}},
		{"exactly half a yuan", byIDs(when(fell, byYuan("0.50"))), prices("10", "9.50"), []string{"PRICE_FELL 1 #0 10 > #1 9.50 -0.05"}},
		{"less than half a yuan", byIDs(when(fell, byYuan("0.50"))), prices("10", "9.51", "10.00"), nil},
		{"half a yuan up", byIDs(when(rose, byYuan("0.50"))), prices("10", "10.49", "10.99"), []string{"PRICE_ROSE 1 #1 10.49 > #2 10.99 0.047664442326024785"}},
		{"across a failed one", byIDs(when(fell)), prices("10", "failed", "9"), []string{"PRICE_FELL 1 #0 10 > #2 9 -0.1"}},
		{"across an unknown price", byIDs(when(fell), when(rose)), prices("10", "-", "9"), []string{"PRICE_FELL 1 #0 10 > #2 9 -0.1"}},
		{"an unknown price at first", byIDs(when(fell), when(rose)), prices("-", "10", "9"), []string{"PRICE_FELL 1 #1 10 > #2 9 -0.1"}},
		{"from zero", byIDs(when(rose, by(0.05))), prices("0", "1"), []string{"PRICE_ROSE 1 #0 0 > #1 1"}},
		{"another basis", byIDs(when(fell), when(rose)), prices("10", "8 low", "9", "7 low"), []string{"PRICE_FELL 1 #0 10 > #2 9 -0.1", "PRICE_FELL 1 #1 8 > #3 7 -0.125"}},
		{"another currency", byIDs(when(fell), when(rose)), prices("10", "8 dollars", "9"), []string{"PRICE_FELL 1 #0 10 > #2 9 -0.1"}},
		{"yuan of a price in dollars", byIDs(when(fell, byYuan("1"))), prices("10 dollars", "8 dollars"), nil},
		{"the first condition of several", byIDs(when(fell, by(0.5)), when(fell, reference("9.50")), when(fell)), prices("10", "9"), []string{"PRICE_FELL 1 #0 9.50 > #1 9 -0.05263157894736842"}},
		{"nothing asked for", byIDs(), prices("10", "5", "20"), nil},
	})
}

func TestPriceAgainstAReference(t *testing.T) {
	play(t, []scene{
		{"once each crossing", byIDs(when(fell, reference("10"))), prices("11", "10", "9.99", "9", "10", "9.50"), []string{"PRICE_FELL 1 #1 10 > #2 9.99 -0.001", "PRICE_FELL 1 #4 10 > #5 9.50 -0.05"}},
		{"upwards", byIDs(when(rose, reference("10"))), prices("9", "10", "11", "12", "10", "11"), []string{"PRICE_ROSE 1 #1 10 > #2 11 0.1", "PRICE_ROSE 1 #4 10 > #5 11 0.1"}},
		{"beyond it from the beginning", byIDs(when(fell, reference("10"))), prices("9", "8"), nil},
		{"by a ratio", byIDs(when(fell, reference("10"), by(0.05))), prices("11", "9.51", "9.50", "9.60", "9.50"), []string{"PRICE_FELL 1 #1 10 > #2 9.50 -0.05", "PRICE_FELL 1 #3 10 > #4 9.50 -0.05"}},
		{"by an amount", byIDs(when(rose, reference("10"), byYuan("2"))), prices("10", "11.99", "12", "13"), []string{"PRICE_ROSE 1 #1 10 > #2 12 0.2"}},
		{"across gaps", byIDs(when(fell, reference("10"))), prices("11", "failed", "-", "9"), []string{"PRICE_FELL 1 #0 10 > #3 9 -0.1"}},
		{"in dollars", byIDs(when(fell, reference("10"))), prices("11 dollars", "9 dollars"), nil},
	})
}

func TestPriceAgainstTheLowestOfAWindow(t *testing.T) {
	hour := window(time.Hour) // Six observations back.
	play(t, []scene{
		{"each fall below it", byIDs(when(fell, hour)), prices("10", "12", "11", "9", "9", "8"), []string{"PRICE_FELL 1 #0 10 > #3 9 -0.1", "PRICE_FELL 1 #4 9 > #5 8 -0.1111111111111111"}},
		{"by a ratio", byIDs(when(fell, hour, by(0.1))), prices("10", "9.01", "8.10"), []string{"PRICE_FELL 1 #1 9.01 > #2 8.10 -0.10099889012208657"}},
		{"by an amount", byIDs(when(fell, hour, byYuan("1"))), prices("10", "20", "9"), []string{"PRICE_FELL 1 #0 10 > #2 9 -0.1"}},
		{"what is an hour ago counts", byIDs(when(fell, hour)), prices("10", "20", "20", "20", "20", "20", "11"), nil},
		{"what is longer ago does not", byIDs(when(fell, hour)), prices("10", "20", "20", "20", "20", "20", "20", "11"), []string{"PRICE_FELL 1 #6 20 > #7 11 -0.45"}},
		{"no price in the window", byIDs(when(fell, hour), when(rose, hour)), append(prices("10"), append(slices.Repeat([][]string{{"unseen 1"}}, 6), prices("9", "8")...)...), []string{"PRICE_FELL 1 #7 9 > #8 8 -0.1111111111111111"}},
		{"a rise once", byIDs(when(rose, hour, by(0.1))), prices("10", "10.90", "11", "12", "10", "11"), []string{"PRICE_ROSE 1 #0 10 > #2 11 0.1", "PRICE_ROSE 1 #4 10 > #5 11 0.1"}},
		{"a rise again when the low one is out of the window", byIDs(when(rose, hour)), prices("10", "11", "11", "11", "11", "11", "11", "11", "12"), []string{"PRICE_ROSE 1 #0 10 > #1 11 0.1", "PRICE_ROSE 1 #7 11 > #8 12 0.09090909090909091"}},
	})
}

func TestGoneAndBack(t *testing.T) {
	all := []*zhaohuov1.PriceCondition{when(gone), when(back), when(fell)}
	play(t, []scene{
		{"asked by id, at once", byIDs(all...), [][]string{{"1 10", "2 5"}, {"2 5"}, {"2 5"}, {"1 9", "2 5"}}, []string{"PRODUCT_GONE 1 #0 10 > #1", "PRODUCT_BACK 1 #0 10 > #3 9 -0.1", "PRICE_FELL 1 #0 10 > #3 9 -0.1"}},
		{"searched, missed once", bySearch(all...), [][]string{{"1 10"}, {}, {"1 10"}, {}, {"1 10"}}, nil},
		{"searched, missed twice", bySearch(all...), [][]string{{"1 10"}, {}, {}, {}, {"1 10"}}, []string{"PRODUCT_GONE 1 #0 10 > #2", "PRODUCT_BACK 1 #0 10 > #4 10 0"}},
		{"failures count neither way", bySearch(all...), [][]string{{"1 10"}, {}, {"failed"}, {}}, []string{"PRODUCT_GONE 1 #0 10 > #3"}},
		{"unseen steps count neither way", bySearch(all...), [][]string{{"1 10"}, {"unseen keyword_search"}, {}, {"unseen keyword_search"}, {}}, []string{"PRODUCT_GONE 1 #0 10 > #4"}},
		{"a searched product is unseen", bySearch(all...), [][]string{{"1 10", "2 5"}, {"unseen 1"}, {"unseen 1"}, {"unseen 1"}}, []string{"PRODUCT_GONE 2 #0 5 > #2"}},
		{"an unseen product is there", byIDs(all...), [][]string{{"1 10", "2 5"}, {"2 5", "unseen 1"}, {"unseen 1"}}, []string{"PRODUCT_GONE 2 #1 5 > #2"}},
		{"never seen", byIDs(all...), [][]string{{"1 10"}, {"1 10"}, {"1 10", "2 5"}}, nil},
		{"gone without a price", byIDs(all...), [][]string{{"1 -"}, {}, {"1 -"}}, []string{"PRODUCT_GONE 1 #0 > #1", "PRODUCT_BACK 1 #0 > #2"}},
		{"several in order", byIDs(all...), [][]string{{"3 1", "1 2", "2 3"}, {}, {"3 1", "1 2", "2 3"}}, []string{
			"PRODUCT_GONE 1 #0 2 > #1", "PRODUCT_GONE 2 #0 3 > #1", "PRODUCT_GONE 3 #0 1 > #1",
			"PRODUCT_BACK 3 #0 1 > #2 1 0", "PRODUCT_BACK 1 #0 2 > #2 2 0", "PRODUCT_BACK 2 #0 3 > #2 3 0",
		}},
		{"back with another basis", byIDs(all...), [][]string{{"1 10"}, {}, {"1 9 low"}}, []string{"PRODUCT_GONE 1 #0 10 > #1", "PRODUCT_BACK 1 #0 10 > #2 9"}},
	})
}

func TestNewCheapest(t *testing.T) {
	play(t, []scene{
		{"another one, lower", byIDs(when(cheapest)), [][]string{{"1 10", "2 11"}, {"2 9", "1 10"}, {"2 8", "1 10"}}, []string{"NEW_CHEAPEST 2 1#0 10 > 2#1 9 -0.1"}},
		{"another one, not lower", byIDs(when(cheapest)), [][]string{{"1 10", "2 11"}, {"2 11", "1 12"}, {"1 11", "2 11"}}, nil},
		{"a new product", bySearch(when(cheapest)), [][]string{{"1 10"}, {"3 9", "1 10"}}, []string{"NEW_CHEAPEST 3 1#0 10 > 3#1 9 -0.1"}},
		{"missed once and found again", bySearch(when(cheapest)), [][]string{{"1 10", "2 11"}, {"2 11"}, {"1 10", "2 11"}}, nil},
		{"gone and back", bySearch(when(cheapest)), [][]string{{"1 10", "2 11"}, {"2 11"}, {"2 11"}, {"1 10", "2 11"}}, []string{"NEW_CHEAPEST 1 2#2 11 > 1#3 10 -0.09090909090909091"}},
		{"not seen and seen again", byIDs(when(cheapest)), [][]string{{"1 10", "2 11"}, {"2 11", "unseen 1"}, {"1 10", "2 11"}}, nil},
		{"without a price and with it again", byIDs(when(cheapest)), [][]string{{"1 10", "2 11"}, {"2 11", "1 -"}, {"1 10", "2 11"}}, nil},
		{"another basis", byIDs(when(cheapest)), [][]string{{"1 10", "2 11"}, {"2 9 low", "1 10"}, {"3 8 low", "2 9 low"}}, []string{"NEW_CHEAPEST 3 2#1 9 > 3#2 8 -0.1111111111111111"}},
		{"nothing before", byIDs(when(cheapest)), [][]string{{}, {"1 10"}}, nil},
	})
}

func TestSuppliers(t *testing.T) {
	both := []*zhaohuov1.PriceCondition{when(appeared), when(left)}
	play(t, []scene{
		{"appears and leaves", byIDs(both...), [][]string{{"1 10 exact A"}, {"2 8 exact B", "1 10 exact A", "3 12 exact B"}, {"1 10 exact A", "3 12 exact B"}, {"1 10 exact A"}}, []string{"SUPPLIER_APPEARED B #0 > #1 8", "SUPPLIER_LEFT B #2 12 > #3"}},
		{"leaves a search after two", bySearch(both...), [][]string{{"1 10 exact A"}, {}, {"failed"}, {}, {"1 10 exact A"}}, []string{"SUPPLIER_LEFT A #0 10 > #3", "SUPPLIER_APPEARED A #3 > #4 10"}},
		{"an id becomes known", byIDs(both...), [][]string{{"1 10 exact A"}, {"1 10 exact A a1"}, {"1 10 exact A"}}, nil},
		{"by name and by id", byIDs(both...), [][]string{{"1 10 exact A"}, {"1 10 exact A", "2 9 exact A a1"}}, nil},
		{"not said this time", byIDs(both...), [][]string{{"1 10 exact A"}, {"1 10"}, {"1 10 exact A"}}, nil},
		{"a product changes hands", byIDs(both...), [][]string{{"1 10 exact A a1"}, {"1 10 exact B b1"}, {"1 10 exact C"}}, []string{"SUPPLIER_APPEARED B #0 > #1 10", "SUPPLIER_LEFT A #0 10 > #1", "SUPPLIER_APPEARED C #1 > #2 10", "SUPPLIER_LEFT B #1 10 > #2"}},
		{"without a price", byIDs(both...), [][]string{{}, {"1 - exact A"}, {}}, []string{"SUPPLIER_APPEARED A #0 > #1", "SUPPLIER_LEFT A #1 > #2"}},
		{"a renamed one", byIDs(both...), [][]string{{"1 10 exact A a1"}, {"1 10 exact AA a1"}}, nil},
	})
}

func TestMedian(t *testing.T) {
	play(t, []scene{
		{"any move", bySearch(when(moved)), [][]string{{"median 10"}, {"median 10.01"}, {"median 10"}}, []string{"MEDIAN_MOVED #0 10 > #1 10.01 0.001", "MEDIAN_MOVED #1 10.01 > #2 10 -0.000999000999000999"}},
		{"by a ratio", bySearch(when(moved, by(0.05))), [][]string{{"median 10"}, {"median 10.49"}, {"median 9.9655"}}, []string{"MEDIAN_MOVED #1 10.49 > #2 9.9655 -0.05"}},
		{"by an amount", bySearch(when(moved, byYuan("1"))), [][]string{{"median 10"}, {"median 11"}, {"median 10.01"}}, []string{"MEDIAN_MOVED #0 10 > #1 11 0.1"}},
		{"unseen products", byIDs(when(moved)), [][]string{{"1 10", "median 10"}, {"unseen 1", "median 5"}, {"1 10", "unseen 2", "median 11"}}, []string{"MEDIAN_MOVED #0 10 > #2 11 0.1"}},
		{"gaps", bySearch(when(moved)), [][]string{{"median 10"}, {"failed"}, {}, {"median 5", "unseen keyword_search"}, {"median 11"}}, []string{"MEDIAN_MOVED #0 10 > #4 11 0.1"}},
	})
}

func TestFailing(t *testing.T) {
	down := []string{"failed"}
	play(t, []scene{
		{"twice is not failing", byIDs(), [][]string{{"1 10"}, down, down, {"1 10"}, down, down, {"1 10"}}, nil},
		{"reported once", byIDs(), [][]string{{"1 10"}, down, down, down, down, {"1 10"}, {"1 10"}}, []string{"WATCH_FAILING #0 > #3", "WATCH_RECOVERED #4 > #5"}},
		{"from the beginning", byIDs(), [][]string{down, down, down, {"1 10"}}, []string{"WATCH_FAILING nothing > #2", "WATCH_RECOVERED #2 > #3"}},
		{"again", byIDs(), [][]string{down, down, down, {}, down, down, down}, []string{"WATCH_FAILING nothing > #2", "WATCH_RECOVERED #2 > #3", "WATCH_FAILING #3 > #6"}},
	})
}

func TestLiveAndSandboxAreNeverCompared(t *testing.T) {
	everything := []*zhaohuov1.PriceCondition{when(fell), when(rose), when(gone), when(back), when(cheapest), when(appeared), when(left), when(moved)}
	live, made := []string{"1 10 exact A", "median 10"}, []string{"2 1 exact B", "median 1", "sandbox"}
	play(t, []scene{
		{"live, sandbox, live", byIDs(everything...), [][]string{live, made, live, made}, nil},
		{"a failed one is of neither", byIDs(everything...), [][]string{live, {"failed"}, {"1 9 exact A", "median 10"}}, []string{"PRICE_FELL 1 #0 10 > #2 9 -0.1"}},
	})
}

func TestAnotherTargetStartsAnewAndKeepsFailures(t *testing.T) {
	first, second := byIDs(when(fell), when(gone)), bySearch(when(fell), when(gone))
	larger := proto.CloneOf(first)
	larger.GetProducts().Quantity = 100
	for _, other := range []*zhaohuov1.PriceWatch{second, larger} {
		_, memory, _ := judge.Judge(first, nil, saw(t, 0, "1 10", "2 5"))
		for n := 1; n < 4; n++ {
			_, memory, _ = judge.Judge(first, memory, saw(t, n, "failed"))
		}
		events, memory, err := judge.Judge(other, memory, saw(t, 4, "1 9"))
		if err != nil || len(events) != 1 || tell(events[0]) != "WATCH_RECOVERED #3 > #4" {
			t.Errorf("the first observation of the new target: %v, %v", events, err)
		}
		events, _, err = judge.Judge(other, memory, saw(t, 5, "1 8"))
		if err != nil || len(events) != 1 || tell(events[0]) != "PRICE_FELL 1 #4 9 > #5 8 -0.1111111111111111" {
			t.Errorf("the second one: %v, %v", events, err)
		}
	}
}

func TestEditedConditionsKnowThePast(t *testing.T) {
	watch := byIDs()
	var memory []byte
	for n, price := range []string{"1 10", "1 8", "1 12", "1 12"} {
		_, memory, _ = judge.Judge(watch, memory, saw(t, n, price))
	}
	for name, c := range map[string]struct {
		condition *zhaohuov1.PriceCondition
		now, want string
	}{
		"last":                  {when(fell), "1 11", "PRICE_FELL 1 #3 12 > #4 11 -0.08333333333333333"},
		"reference":             {when(fell, reference("11.50")), "1 11", "PRICE_FELL 1 #3 11.50 > #4 11 -0.043478260869565216"},
		"window":                {when(fell, window(time.Hour)), "1 7", "PRICE_FELL 1 #1 8 > #4 7 -0.125"},
		"window, not below":     {when(fell, window(time.Hour)), "1 8", ""},
		"window, already above": {when(rose, window(time.Hour)), "1 13", ""},
		"gone":                  {when(gone), "median 1", "PRODUCT_GONE 1 #3 12 > #4"},
	} {
		edited := byIDs(c.condition)
		edited.DisplayName = "renamed"
		events, _, err := judge.Judge(edited, memory, saw(t, 4, c.now))
		got := ""
		if len(events) > 0 {
			got = tell(events[0])
		}
		if err != nil || len(events) > 1 || got != c.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

func TestAnEventSaysWhatItIsAbout(t *testing.T) {
	condition := when(fell, by(0.05))
	watch := byIDs(when(rose), condition)
	_, memory, _ := judge.Judge(watch, nil, saw(t, 0, "1 10 exact A a1"))
	now := saw(t, 1, "1 9.50")
	events, _, err := judge.Judge(watch, memory, now)
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	e := events[0]
	if e.GetId() != "" || e.GetWatchId() != "w" || e.GetWatchDisplayName() != "cups" || !proto.Equal(e.GetTime(), now.GetFetchTime()) ||
		e.GetTitle() != "cup 1" || e.GetSupplierId() != "a1" || e.GetSupplierName() != "A" || !proto.Equal(e.GetCondition(), condition) ||
		e.GetBefore().GetPriceBasis() != exact || e.GetAfter().GetPriceBasis() != exact || e.GetAfter().GetPrice().GetCurrencyCode() != "CNY" {
		t.Errorf("%v", e)
	}
	for n := 1; n < 4; n++ {
		events, memory, _ = judge.Judge(watch, memory, saw(t, n, "failed"))
	}
	if e := events[0]; e.GetCondition() != nil || e.GetError().GetMessage() != "down" || !proto.Equal(e.GetTime(), e.GetAfter().GetDueTime()) {
		t.Errorf("%v", e)
	}
}

func TestDamagedMemoryStartsAnew(t *testing.T) {
	watch := byIDs(when(fell), when(gone))
	_, good, _ := judge.Judge(watch, nil, saw(t, 0, "1 10", "2 5"))
	damaged := []string{
		"", "null", "{}", "[]", "7", `"x"`, `{"version":1,"products":{"1":null}}`, `{"version":1,"products":{"1":{"prices":[[]]}}}`,
		`{"version":1,"products":{"1":{"prices":[null]}}}`, `{"version":1,"products":{"1":{"prices":[[{"due":1,"nanos":2,"currency":"CNY"},{"due":2,"nanos":1,"currency":"CNY"}]]}}}`,
		`{"version":2,"compared":true}`, string(good) + "x",
	}
	for cut := range good {
		damaged = append(damaged, string(good[:cut]))
	}
	for _, text := range damaged {
		events, memory, err := judge.Judge(watch, []byte(text), saw(t, 1, "1 9"))
		if err != nil || len(events) != 0 {
			t.Fatalf("%q: %v, %v", text, events, err)
		}
		if events, _, err = judge.Judge(watch, memory, saw(t, 2, "1 8")); err != nil || len(events) != 1 {
			t.Fatalf("after %q: %v, %v", text, events, err)
		}
	}
	for at := range good { // Damage inside may still be memory; it must never be a panic or an error.
		flipped := slices.Clone(good)
		flipped[at] ^= 0x11
		if _, _, err := judge.Judge(watch, flipped, saw(t, 1, "1 9")); err != nil {
			t.Fatalf("%q: %v", flipped, err)
		}
	}
}

func TestAConditionThatCannotBeReadIsAnError(t *testing.T) {
	for _, c := range []*zhaohuov1.PriceCondition{when(fell, byYuan("ten")), when(fell, reference("")), when(fell, by(math.NaN()))} {
		if _, _, err := judge.Judge(byIDs(c), nil, saw(t, 0, "1 10")); err == nil {
			t.Errorf("%v is read", c)
		}
	}
}
