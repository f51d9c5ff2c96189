package server_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

func destination(province, city, district string) *zhaohuov1.FreightDestination {
	return &zhaohuov1.FreightDestination{ProvinceCode: province, CityCode: city, DistrictCode: district}
}

func TestFreightQuestions(t *testing.T) {
	to := destination("330000", "330100", "330108")
	for name, c := range map[string]struct {
		q, want *zhaohuov1.EstimateFreightRequest
		field   string
	}{
		"pieces": {
			q:    &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: to, Quantity: 20},
			want: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: to, Quantity: 20},
		},
		"variants": {
			q:    &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: to, Skus: []*zhaohuov1.FreightSku{{Id: "1", Quantity: 2}, {Id: "2", Quantity: 3}}},
			want: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: to, Quantity: 5, Skus: []*zhaohuov1.FreightSku{{Id: "1", Quantity: 2}, {Id: "2", Quantity: 3}}},
		},
		"a city without districts": {
			q:    &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("440000", "441900", "441900"), Quantity: 1},
			want: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("440000", "441900", "441900"), Quantity: 1},
		},
		"a county of a province": {
			q:    &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("420000", "429000", "429004"), Quantity: 1},
			want: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("420000", "429000", "429004"), Quantity: 1},
		},
		"no quantity":                  {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: to}, field: "quantity"},
		"quantity beside variants":     {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: to, Quantity: 4, Skus: []*zhaohuov1.FreightSku{{Id: "1", Quantity: 5}}}, field: "quantity"},
		"too many in all":              {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: to, Skus: []*zhaohuov1.FreightSku{{Id: "1", Quantity: 600_000}, {Id: "2", Quantity: 600_000}}}, field: "skus"},
		"a variant twice":              {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: to, Skus: []*zhaohuov1.FreightSku{{Id: "1", Quantity: 2}, {Id: "1", Quantity: 3}}}, field: "skus[1].id"},
		"a city as province":           {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("330100", "330100", "330108"), Quantity: 1}, field: "destination.province_code"},
		"a city elsewhere":             {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("330000", "440100", "440103"), Quantity: 1}, field: "destination.city_code"},
		"a province as city":           {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("330000", "330000", "330108"), Quantity: 1}, field: "destination.city_code"},
		"a district as city":           {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("330000", "330108", "330108"), Quantity: 1}, field: "destination.city_code"},
		"a district of another city":   {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("330000", "330100", "330203"), Quantity: 1}, field: "destination.district_code"},
		"a district of other province": {q: &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: destination("330000", "330100", "440103"), Quantity: 1}, field: "destination.district_code"},
	} {
		s := &shop{}
		err := call(t.Context(), serving(s, aopOffers()), c.q)
		if c.field != "" {
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.InvalidField || f.Fields[0].Path != c.field || len(s.questions) != 0 {
				t.Errorf("%s: %v, want a fault of %s", name, err, c.field)
			}
			continue
		}
		if err != nil || len(s.questions) != 1 {
			t.Errorf("%s: %v, asked %v", name, err, s.questions)
			continue
		}
		if diff := cmp.Diff(c.want, s.questions[0], protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	if err := call(t.Context(), serving(&shop{}, topOffers()), &zhaohuov1.EstimateFreightRequest{Id: "7", Destination: to, Quantity: 1}); fault.KindOf(err) != fault.UnsupportedByDialect {
		t.Errorf("TOP: %v", err)
	}
}

// What a strategy is asked about freight is checked before any search.
func TestFreightOfStrategiesIsChecked(t *testing.T) {
	to := destination("330000", "330100", "330108")
	for name, c := range map[string]struct {
		quantity int64
		freight  *zhaohuov1.FreightQuestion
		field    string
	}{
		"none":                     {},
		"the strategy's quantity":  {quantity: 20, freight: &zhaohuov1.FreightQuestion{Destination: to}},
		"its own":                  {freight: &zhaohuov1.FreightQuestion{Destination: to, Quantity: 20}},
		"both":                     {quantity: 20, freight: &zhaohuov1.FreightQuestion{Destination: to, Quantity: 20}},
		"no quantity":              {freight: &zhaohuov1.FreightQuestion{Destination: to}, field: "freight.quantity"},
		"two quantities":           {quantity: 20, freight: &zhaohuov1.FreightQuestion{Destination: to, Quantity: 21}, field: "freight.quantity"},
		"too many":                 {quantity: 1_000_001, freight: &zhaohuov1.FreightQuestion{Destination: to}, field: "quantity"},
		"a district of other city": {quantity: 20, freight: &zhaohuov1.FreightQuestion{Destination: destination("330000", "330100", "330203")}, field: "freight.destination.district_code"},
	} {
		s := &comboShop{}
		service := server.NewCombo(server.ComboParts{Searcher: s, Products: &shop{}, Offered: aopOffers(), Photos: server.Photos{Addresses: ownHost{}}, Looks: noLooks{}})
		_, source := service.FindSource(t.Context(), &zhaohuov1.FindSourceRequest{Keyword: "a", Quantity: c.quantity, Freight: c.freight})
		_, prices := service.ComparePrices(t.Context(), &zhaohuov1.ComparePricesRequest{Keyword: "a", Quantity: c.quantity, Freight: c.freight})
		for _, err := range []error{source, prices} {
			f, ok := fault.As(err)
			if refused := ok && f.Kind == fault.InvalidField; refused != (c.field != "") || refused && f.Fields[0].Path != c.field {
				t.Errorf("%s: %v, want a fault of %q", name, err, c.field)
			}
		}
		if c.field != "" && len(s.addresses) > 0 {
			t.Errorf("%s: searched by %v", name, s.addresses)
		}
	}
}
