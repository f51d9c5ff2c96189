package observe_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/observe"
)

const (
	live    = zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE
	sandbox = zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
	exact   = zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY
	tiers   = zhaohuov1.PriceBasis_PRICE_BASIS_FROM_TIERS
	list    = zhaohuov1.PriceBasis_PRICE_BASIS_LIST
	lowest  = zhaohuov1.PriceBasis_PRICE_BASIS_LOWEST_OF_RANGE
)

func now() time.Time { return time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC) }

func yuan(t *testing.T, text string) money.Amount {
	t.Helper()
	amount, ok := money.Parse(text)
	if !ok {
		t.Fatalf("%q is no amount", text)
	}
	return amount
}

// shop answers for products: details or a fault, by id. Every answer costs one call; a later id is fetched earlier.
type shop struct {
	details map[string]*zhaohuov1.ProductDetail
	faults  map[string]error
	// compared is what ComparePrices answers with, and asked what it was asked.
	compared *zhaohuov1.ComparePricesResponse
	failure  error
	asked    *zhaohuov1.ComparePricesRequest
}

func (s *shop) GetProduct(_ context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	if q.GetMaxStaleness() == nil || q.GetMaxStaleness().AsDuration() != 0 {
		return nil, errors.New("an observation took an answer that was kept")
	}
	if err := s.faults[q.GetId()]; err != nil {
		return nil, err
	}
	p := s.details[q.GetId()]
	if p == nil {
		return nil, fault.New(fault.ProductNotFound, "no such product").WithCalls(1)
	}
	fetched := now().Add(-time.Duration(len(q.GetId())) * time.Second)
	return &zhaohuov1.GetProductResponse{Product: p, Meta: &zhaohuov1.AnswerMeta{Source: live, FetchTime: timestamppb.New(fetched), UpstreamCalls: 1}}, nil
}

func (s *shop) ComparePrices(_ context.Context, q *zhaohuov1.ComparePricesRequest) (*zhaohuov1.ComparePricesResponse, error) {
	s.asked = q
	return s.compared, s.failure
}

func (s *shop) observe(t *testing.T, watch *zhaohuov1.PriceWatch, image []byte) (*zhaohuov1.PriceObservation, error) {
	t.Helper()
	return observe.New(observe.Options{Products: s, Comparer: s, Source: live, Now: now}).Observe(t.Context(), watch, image)
}

// detail is a product: "3.20" or "3.20-4.80" or a text such as "面议", a smallest order, and prices by quantity "100:2.80".
func detail(t *testing.T, id, price string, smallest int64, steps ...string) *zhaohuov1.ProductDetail {
	t.Helper()
	p := &zhaohuov1.Product{
		Id: id, Title: "cup " + id, SoldCount: proto.Int64(7),
		Supplier: &zhaohuov1.Supplier{Id: proto.String("s" + id), Name: proto.String("factory " + id)},
	}
	if smallest > 0 {
		p.MinimumOrder = &smallest
	}
	low, high, isRange := strings.Cut(price, "-")
	if amount, ok := money.Parse(low); ok {
		p.Price = amount.Proto(money.CNY)
	} else {
		p.PriceText = &price
	}
	if isRange {
		p.PriceMax = yuan(t, high).Proto(money.CNY)
	}
	d := &zhaohuov1.ProductDetail{Summary: p}
	for _, step := range steps {
		from, price, _ := strings.Cut(step, ":")
		d.PriceTiers = append(d.PriceTiers, &zhaohuov1.PriceTier{
			MinQuantity: int64(yuan(t, from) / money.Unit), Price: yuan(t, price).Proto(money.CNY),
		})
	}
	return d
}

func TestPricesOfProducts(t *testing.T) {
	for _, c := range []struct {
		name     string
		detail   *zhaohuov1.ProductDetail
		quantity int64
		price    string
		basis    zhaohuov1.PriceBasis
		smallest int64
		unpriced zhaohuov1.UnpricedReason
	}{
		{"one price", detail(t, "1", "3.20", 0), 0, "3.20", list, 0, 0},
		{"one price, a quantity", detail(t, "1", "3.20", 5), 100, "3.20", list, 5, 0},
		{"a range", detail(t, "1", "3.20-4.80", 0), 100, "3.20", lowest, 0, 0},
		{"prices by quantity, none asked", detail(t, "1", "3.20", 0, "10:4", "100:3.50"), 0, "3.50", tiers, 10, 0},
		{"at the second step", detail(t, "1", "3.20", 0, "10:4", "100:3.50"), 150, "3.50", exact, 10, 0},
		{"at the first step", detail(t, "1", "3.20", 20, "10:4", "100:3.50"), 99, "4", exact, 20, 0},
		{"below the smallest order", detail(t, "1", "3.20", 0, "10:4", "100:3.50"), 5, "4", tiers, 10, 0},
		{"negotiated", detail(t, "1", "面议", 3), 0, "", 0, 3, zhaohuov1.UnpricedReason_UNPRICED_REASON_NEGOTIABLE},
	} {
		s := &shop{details: map[string]*zhaohuov1.ProductDetail{"1": c.detail}}
		o, err := s.observe(t, byIDs(c.quantity, "1"), nil)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		p := o.GetProducts()[0]
		got := ""
		if amount, ok := money.Of(p.GetPrice()); ok {
			got = amount.String()
		}
		if got != c.price || p.GetPriceBasis() != c.basis || p.GetMinOrderQuantity() != c.smallest || p.GetUnpriced() != c.unpriced || len(p.GetTiers()) != len(c.detail.GetPriceTiers()) {
			t.Errorf("%s: %v", c.name, p)
		}
		if p.GetTitle() != "cup 1" || p.GetSupplierId() != "s1" || p.GetSupplierName() != "factory 1" || p.GetSoldCount() != 7 || p.GetImageCompared() {
			t.Errorf("%s: %v", c.name, p)
		}
	}
}

func byIDs(quantity int64, ids ...string) *zhaohuov1.PriceWatch {
	return &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: ids, Quantity: quantity}}}
}

// summary is an observation in short: prices by id in order, "?" for none, then what is unseen.
func summary(o *zhaohuov1.PriceObservation) string {
	var parts []string
	for _, p := range o.GetProducts() {
		text := p.GetProductId() + " ?"
		if amount, ok := money.Of(p.GetPrice()); ok {
			text = p.GetProductId() + " " + amount.String()
		}
		if p.GetImageCompared() {
			text += " compared"
		}
		parts = append(parts, text)
	}
	for _, part := range o.GetUnseen() {
		parts = append(parts, "unseen "+part)
	}
	return strings.Join(parts, ", ")
}

func TestObservingProducts(t *testing.T) {
	offSale := detail(t, "4", "1", 0)
	offSale.Status = zhaohuov1.ProductStatus_PRODUCT_STATUS_OFF_SALE
	details := map[string]*zhaohuov1.ProductDetail{
		"1": detail(t, "1", "10", 0), "22": detail(t, "22", "5", 0), "3": detail(t, "3", "面议", 0), "4": offSale, "5": detail(t, "5", "5", 0),
	}
	down := fault.New(fault.UpstreamUnavailable, "down").WithCalls(3)
	slow := fault.New(fault.QuotaWaitTooLong, "no turn").WithCalls(2)
	for _, c := range []struct {
		name  string
		ids   string
		fails map[string]error
		want  string
		calls int32
		kind  fault.Kind // of the error
	}{
		{"in order", "1 22 3 5", nil, "5 5, 22 5, 1 10, 3 ?", 4, 0},
		{"not there", "1 9", nil, "1 10", 2, 0},
		{"none there", "8 9", nil, "", 2, 0},
		{"not on sale", "1 4", nil, "1 10", 2, 0},
		{"one failed", "1 22", map[string]error{"22": down}, "1 10, unseen 22", 4, 0},
		{"one failed, the other is gone", "9 22", map[string]error{"22": down}, "unseen 22", 4, 0},
		{"all failed", "1 22", map[string]error{"1": down, "22": down}, "", 6, fault.UpstreamUnavailable},
		{"no turn for one", "1 22", map[string]error{"22": slow}, "", 3, fault.QuotaWaitTooLong},
		{"one failed, no turn for another", "1 22 3", map[string]error{"1": down, "22": slow}, "", 6, fault.QuotaWaitTooLong},
		{"an error that is no fault", "1", map[string]error{"1": errors.New("odd")}, "", 0, fault.Internal},
	} {
		s := &shop{details: details, faults: c.fails}
		o, err := s.observe(t, byIDs(0, strings.Fields(c.ids)...), nil)
		if c.kind != fault.Internal || c.name == "an error that is no fault" {
			if err == nil || fault.KindOf(err) != c.kind || fault.CallsOf(err) != int(c.calls) {
				t.Errorf("%s: %v, %v", c.name, o, err)
			}
			continue
		}
		if err != nil || summary(o) != c.want || o.GetUpstreamCalls() != c.calls || o.GetSource() != live || o.GetError() != nil || int(o.GetProductCount()) != len(o.GetProducts()) {
			t.Errorf("%s: %q of %v, %v; want %q", c.name, summary(o), o, err, c.want)
		}
	}
}

func TestTheOldestAnswerIsTheTime(t *testing.T) {
	s := &shop{details: map[string]*zhaohuov1.ProductDetail{"1": detail(t, "1", "10", 0), "22": detail(t, "22", "5", 0)}}
	o, err := s.observe(t, byIDs(0, "1", "22"), nil)
	if err != nil || !o.GetFetchTime().AsTime().Equal(now().Add(-2*time.Second)) {
		t.Errorf("%v, %v", o.GetFetchTime(), err)
	}
	if o, err = s.observe(t, byIDs(0, "9"), nil); err != nil || !o.GetFetchTime().AsTime().Equal(now()) {
		t.Errorf("%v, %v", o.GetFetchTime(), err)
	}
}

func TestStatisticsAreThoseOfComparePrices(t *testing.T) {
	s := &shop{details: map[string]*zhaohuov1.ProductDetail{
		"1": detail(t, "1", "1", 0), "2": detail(t, "2", "2", 0), "3": detail(t, "3", "3", 0), "4": detail(t, "4", "10", 0), "5": detail(t, "5", "面议", 0),
	}}
	o, err := s.observe(t, byIDs(0, "1", "2", "3", "4", "5"), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := o.GetStatistics()
	for name, c := range map[string]struct {
		got  money.Amount
		want string
	}{
		"min": {amountOf(got.GetMin()), "1"}, "q1": {amountOf(got.GetQ1()), "1.75"}, "median": {amountOf(got.GetMedian()), "2.50"},
		"q3": {amountOf(got.GetQ3()), "4.75"}, "max": {amountOf(got.GetMax()), "10"}, "mean": {amountOf(got.GetMean()), "4"},
	} {
		if c.got.String() != c.want {
			t.Errorf("%s is %s, want %s", name, c.got, c.want)
		}
	}
	if o, err = s.observe(t, byIDs(0, "5"), nil); err != nil || o.GetStatistics() != nil {
		t.Errorf("statistics of no price: %v, %v", o, err)
	}
}

func amountOf(m interface {
	GetUnits() int64
	GetNanos() int32
},
) money.Amount {
	return money.Amount(m.GetUnits())*money.Unit + money.Amount(m.GetNanos())
}

// comparison has offers by "id price", or "id price 0.9" with a likeness, and goods without a price as "id ?".
func comparison(t *testing.T, goods ...string) *zhaohuov1.PriceComparison {
	t.Helper()
	c := &zhaohuov1.PriceComparison{}
	for _, text := range goods {
		f := strings.Fields(text)
		var like *zhaohuov1.MeasuredLikeness
		if len(f) > 2 {
			like = &zhaohuov1.MeasuredLikeness{Value: 0.9}
		}
		d := detail(t, f[0], f[1], 2)
		if f[1] == "?" {
			c.UnpricedProducts = append(c.UnpricedProducts, &zhaohuov1.UnpricedProduct{Product: d.GetSummary(), Likeness: like, Reason: zhaohuov1.UnpricedReason_UNPRICED_REASON_ABSENT})
			continue
		}
		c.Offers = append(c.Offers, &zhaohuov1.PricedOffer{
			Product: d.GetSummary(), Price: yuan(t, f[1]).Proto(money.CNY), PriceBasis: exact, Likeness: like,
			Tiers: []*zhaohuov1.QuantityPrice{{MinQuantity: 3, Price: yuan(t, f[1]).Proto(money.CNY)}},
		})
	}
	return c
}

func failures(kinds map[string]fault.Kind) []*zhaohuov1.PartialFailure {
	var all []*zhaohuov1.PartialFailure
	for _, step := range slices.Sorted(maps.Keys(kinds)) {
		all = append(all, &zhaohuov1.PartialFailure{Step: step, Status: rpcerr.Status(fault.New(kinds[step], "it failed"), "").Proto()})
	}
	return all
}

func TestObservingAComparison(t *testing.T) {
	same, similar := comparison(t, "1 10 like", "2 8 like", "3 9", "4 ?"), comparison(t, "5 7", "6 ?")
	for _, c := range []struct {
		name          string
		image         bool
		same, similar *zhaohuov1.PriceComparison
		failed        map[string]fault.Kind
		want          string
		kind          fault.Kind // of the error
	}{
		{"by words", false, nil, similar, nil, "5 7, 6 ?", 0},
		{"by image", true, same, similar, nil, "2 8 compared, 3 9, 1 10 compared, 4 ?", 0},
		{"an image that is not there", true, same, nil, map[string]fault.Kind{"measure_likeness of 3, 9": fault.ImageFetchFailed}, "2 8 compared, 1 10 compared, 4 ?, unseen 3, unseen 9", 0},
		{"without a price, not compared", true, same, nil, map[string]fault.Kind{"measure_likeness of 4": fault.ImageFetchFailed}, "2 8 compared, 3 9, 1 10 compared, unseen 4", 0},
		{"the watch's image cannot be compared", true, same, nil, map[string]fault.Kind{"measure_likeness of caller": fault.ImageUnreadable}, "", fault.ImageUnreadable},
		{"a step failed", true, same, nil, map[string]fault.Kind{"keyword_search": fault.UpstreamUnavailable}, "2 8 compared, 3 9, 1 10 compared, 4 ?, unseen keyword_search", 0},
		{"a step that is never asked", true, same, nil, map[string]fault.Kind{"keyword_search": fault.BudgetExhausted, "image_search": fault.UnsupportedByDialect}, "2 8 compared, 3 9, 1 10 compared, 4 ?", 0},
		{"details failed", false, nil, similar, map[string]fault.Kind{"get_product of 5": fault.UpstreamTimeout}, "5 7, 6 ?", 0},
		{"no turn for a step", true, same, nil, map[string]fault.Kind{"keyword_search": fault.QuotaQueueFull}, "", fault.QuotaQueueFull},
		{"no turn for details", false, nil, similar, map[string]fault.Kind{"get_product of 5": fault.QuotaDayUsedUp}, "", fault.QuotaDayUsedUp},
		{"only the image's search failed", true, nil, similar, map[string]fault.Kind{"image_search": fault.UpstreamTimeout}, "", fault.UpstreamTimeout},
		{"the dialect has no search by image", true, nil, similar, map[string]fault.Kind{"image_search": fault.UnsupportedByDialect}, "", fault.UnsupportedByDialect},
		{"nothing found", false, nil, comparison(t), nil, "", 0},
	} {
		s := &shop{compared: &zhaohuov1.ComparePricesResponse{
			Same: c.same, Similar: c.similar, PartialFailures: failures(c.failed),
			Meta: &zhaohuov1.ComboMeta{Source: sandbox, FetchTime: timestamppb.New(now()), UpstreamCalls: 4},
		}}
		var image []byte
		if c.image {
			image = []byte("a photo")
		}
		asked := &zhaohuov1.ComparePricesRequest{Keyword: "保温杯", Quantity: 100}
		o, err := s.observe(t, &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Comparison{Comparison: asked}}, image)
		if c.kind != fault.Internal {
			if fault.KindOf(err) != c.kind || fault.CallsOf(err) != 4 {
				t.Errorf("%s: %v, %v", c.name, o, err)
			}
			continue
		}
		if err != nil || summary(o) != c.want || o.GetUpstreamCalls() != 4 || o.GetSource() != sandbox || !o.GetFetchTime().AsTime().Equal(now()) {
			t.Errorf("%s: %q of %v, %v; want %q", c.name, summary(o), o, err, c.want)
		}
		if asked.Image != nil || asked.MaxStaleness != nil {
			t.Errorf("%s: the watch's definition was changed", c.name)
		}
		if q := s.asked; q.GetKeyword() != "保温杯" || q.GetQuantity() != 100 || q.GetMaxStaleness() == nil || string(q.GetImage().GetContent()) != string(image) {
			t.Errorf("%s: asked %v", c.name, q)
		}
	}
}

// TestObservingWithBounds: where bounds of comparing images were reached, goods that show the same may be missing.
func TestObservingWithBounds(t *testing.T) {
	for kind, want := range map[zhaohuov1.ComboNoteKind]string{
		zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_LIKENESS_OFF:      "2 8 compared, 3 9, 1 10 compared, 4 ?",
		zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_CRITERIA_OF_WORDS: "2 8 compared, 3 9, 1 10 compared, 4 ?",
		zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_PAIRS_BOUNDED:     "2 8 compared, 3 9, 1 10 compared, 4 ?, unseen measure_likeness",
		zhaohuov1.ComboNoteKind_COMBO_NOTE_KIND_IMAGES_BOUNDED:    "2 8 compared, 1 10 compared, unseen measure_likeness",
	} {
		s := &shop{compared: &zhaohuov1.ComparePricesResponse{
			Same: comparison(t, "1 10 like", "2 8 like", "3 9", "4 ?"),
			Meta: &zhaohuov1.ComboMeta{Source: sandbox, Notes: []*zhaohuov1.ComboNote{{Kind: kind}}},
		}}
		asked := &zhaohuov1.ComparePricesRequest{}
		o, err := s.observe(t, &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Comparison{Comparison: asked}}, []byte("a photo"))
		if err != nil || summary(o) != want {
			t.Errorf("%v: %q, %v; want %q", kind, summary(o), err, want)
		}
	}
}

func TestAComparedProduct(t *testing.T) {
	s := &shop{compared: &zhaohuov1.ComparePricesResponse{Similar: comparison(t, "1 10 like", "2 ?"), Meta: &zhaohuov1.ComboMeta{Source: live}}}
	o, err := s.observe(t, &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: "杯"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ten := yuan(t, "10").Proto(money.CNY)
	want := []*zhaohuov1.ObservedPrice{
		{
			ProductId: "1", Title: "cup 1", Price: ten, PriceBasis: exact, MinOrderQuantity: 3, SoldCount: proto.Int64(7), SupplierId: "s1", SupplierName: "factory 1",
			Tiers: []*zhaohuov1.QuantityPrice{{MinQuantity: 3, Price: ten}},
		},
		{ProductId: "2", Title: "cup 2", MinOrderQuantity: 2, SoldCount: proto.Int64(7), SupplierId: "s2", SupplierName: "factory 2", Unpriced: zhaohuov1.UnpricedReason_UNPRICED_REASON_ABSENT},
	}
	if diff := cmp.Diff(want, o.GetProducts(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestAComparisonThatFails(t *testing.T) {
	s := &shop{failure: fault.New(fault.UpstreamUnavailable, "down").WithCalls(2)}
	_, err := s.observe(t, &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: "杯"}}}, nil)
	if fault.KindOf(err) != fault.UpstreamUnavailable || fault.CallsOf(err) != 2 {
		t.Error(err)
	}
}

func TestCalls(t *testing.T) {
	compare := func(q *zhaohuov1.ComparePricesRequest) *zhaohuov1.PriceWatch {
		return &zhaohuov1.PriceWatch{Target: &zhaohuov1.PriceWatch_Comparison{Comparison: q}}
	}
	for want, watch := range map[int]*zhaohuov1.PriceWatch{
		3: byIDs(0, "1", "2", "3"), 6: compare(&zhaohuov1.ComparePricesRequest{}), 9: compare(&zhaohuov1.ComparePricesRequest{MaxUpstreamCalls: proto.Int32(9)}),
	} {
		if got := observe.Calls(watch); got != want {
			t.Errorf("%v: %d calls, want %d", watch, got, want)
		}
	}
}
