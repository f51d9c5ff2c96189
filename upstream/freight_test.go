package upstream_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// carriers is an upstream that says what freight costs.
type carriers struct {
	denyEstimate, denyPreview atomic.Bool
	estimates, previews       atomic.Int32
	now                       atomic.Int64
}

func (c *carriers) client(t *testing.T) *upstream.Client {
	t.Helper()
	c.now.Store(time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC).UnixNano())
	const denied = `{"error_code":"gw.APIACLDecline","error_message":"AppKey is not allowed(acl)"}`
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer := `{"result":{"success":true,"code":"200","result":{"offerId":7,"freight":"6.00","freePostage":false}}}`
		deny, asked := &c.denyEstimate, &c.estimates
		if strings.Contains(r.URL.Path, "/com.alibaba.trade/alibaba.createOrder.preview/") {
			answer = `{"success":true,"orderPreviewResuslt":[{"status":true,"sumCarriage":700}],"postFeeByDescOfferList":[]}`
			deny, asked = &c.denyPreview, &c.previews
		}
		asked.Add(1)
		if deny.Load() {
			w.WriteHeader(http.StatusBadRequest)
			answer = denied
		}
		_, _ = io.WriteString(w, answer) // The client may have left already.
	})
	o.Dialect = aop.New(aop.Config{BaseURL: o.Dialect.Wire.(plainWire).url})
	o.Now = func() time.Time { return time.Unix(0, c.now.Load()) }
	client := upstream.New(o)
	t.Cleanup(client.Close)
	return client
}

func askFreight(t *testing.T, c *upstream.Client) (*zhaohuov1.EstimateFreightResponse, error) {
	t.Helper()
	return c.EstimateFreight(t.Context(), &zhaohuov1.EstimateFreightRequest{
		Id: "7", Quantity: 2, Destination: &zhaohuov1.FreightDestination{ProvinceCode: "330000", CityCode: "330100", DistrictCode: "330108"},
	})
}

func TestFreightWhereTheEstimateIsRefused(t *testing.T) {
	var up carriers
	client := up.client(t)
	got, err := askFreight(t, client)
	if err != nil || got.GetFreight().GetAmount().GetUnits() != 6 || got.GetMeta().GetUpstreamCalls() != 1 || up.previews.Load() != 0 {
		t.Fatalf("permitted: %v %v", got, err)
	}
	up.denyEstimate.Store(true)
	for n := range 5 {
		got, err := askFreight(t, client)
		calls := int32(2)
		if n >= 3 {
			calls = 1 // By then it is known that only previews are permitted.
		}
		if err != nil || got.GetFreight().GetAmount().GetUnits() != 7 || got.GetMeta().GetUpstreamCalls() != calls {
			t.Fatalf("refused, %d: %v %v", n, got, err)
		}
	}
	if up.estimates.Load() != 4 || up.previews.Load() != 5 {
		t.Errorf("%d estimates and %d previews", up.estimates.Load(), up.previews.Load())
	}
	up.denyEstimate.Store(false)
	up.now.Add(int64(11 * time.Minute))
	if got, err := askFreight(t, client); err != nil || got.GetFreight().GetAmount().GetUnits() != 6 {
		t.Errorf("permitted later: %v %v", got, err)
	}
}

func TestFreightWhereBothAreRefused(t *testing.T) {
	var up carriers
	client := up.client(t)
	up.denyEstimate.Store(true)
	up.denyPreview.Store(true)
	_, err := askFreight(t, client)
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.UpstreamPermissionDenied || fault.CallsOf(err) != 2 || f.Subject != aop.DefaultMethods().EstimateFreight.String() {
		t.Errorf("got %v about %q, %d calls", err, f.Subject, fault.CallsOf(err))
	}
}
