package server

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// freightPiecesMax is the largest quantity whose freight is asked for.
const freightPiecesMax = 1_000_000

// freightQuestion checks a question about freight. Its quantity becomes the sum of its variants.
func (p *Product) freightQuestion(q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightRequest, error) {
	if err := p.check("EstimateFreight", q); err != nil {
		return nil, err
	}
	if err := checkDestination("destination", q.GetDestination()); err != nil {
		return nil, err
	}
	if len(q.GetSkus()) == 0 {
		if q.GetQuantity() == 0 {
			return nil, fault.Invalid("quantity", "REQUIRED", "must be given, or skus")
		}
		return q, nil
	}
	var sum int64
	named := map[string]bool{}
	for i, sku := range q.GetSkus() {
		if named[sku.GetId()] {
			return nil, fault.Invalid(fmt.Sprintf("skus[%d].id", i), "UNIQUE", "must name each variant once")
		}
		named[sku.GetId()] = true
		sum += sku.GetQuantity() // At most 50 times a million.
	}
	switch {
	case sum > freightPiecesMax:
		return nil, fault.Invalid("skus", "SUM", "must be at most %d in all", freightPiecesMax)
	case q.GetQuantity() != 0 && q.GetQuantity() != sum:
		return nil, fault.Invalid("quantity", "SUM", "must be the sum of skus (%d), or be left out", sum)
	}
	q = proto.CloneOf(q)
	q.Quantity = sum
	return q, nil
}

// checkDestination refuses codes that are not those of a province, one of its cities and one of that city's districts. The
// first two digits of a code name the province, the next two the city.
func checkDestination(field string, to *zhaohuov1.FreightDestination) error {
	const provinceDigits, cityDigits = 2, 4
	province, city, district := to.GetProvinceCode(), to.GetCityCode(), to.GetDistrictCode()
	if province[provinceDigits:] != "0000" {
		return fault.Invalid(field+".province_code", "DIVISION", "must be the code of a province, such as 330000")
	}
	if city[:provinceDigits] != province[:provinceDigits] || city[cityDigits:] != "00" || city == province {
		return fault.Invalid(field+".city_code", "DIVISION", "must be the code of a city in province %s, such as %s", province, province[:provinceDigits]+"0100")
	}
	if district[:cityDigits] != city[:cityDigits] {
		return fault.Invalid(field+".district_code", "DIVISION", "must be the code of a district of city %s, or the city's own code if it has none", city)
	}
	return nil
}

// freightAsked is a strategy's request, which may ask for freight.
type freightAsked interface {
	GetQuantity() int64
	GetFreight() *zhaohuov1.FreightQuestion
}

// checkFreightQuestion checks the question about freight of a strategy's request, if it has one.
func checkFreightQuestion(q freightAsked) error {
	asked := q.GetFreight()
	switch {
	case asked == nil:
		return nil
	case asked.GetQuantity() == 0 && q.GetQuantity() == 0:
		return fault.Invalid("freight.quantity", "REQUIRED", "must be given, or quantity")
	case asked.GetQuantity() != 0 && q.GetQuantity() != 0 && asked.GetQuantity() != q.GetQuantity():
		return fault.Invalid("freight.quantity", "EQUAL", "must be equal to quantity (%d), or be left out", q.GetQuantity())
	case q.GetQuantity() > freightPiecesMax:
		return fault.Invalid("quantity", "SUM", "must be at most %d where freight is asked for", freightPiecesMax)
	}
	return checkDestination("freight.destination", asked.GetDestination())
}
