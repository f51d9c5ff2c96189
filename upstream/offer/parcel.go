package offer

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// measures are the weight and size of one piece from one source. Nil is unknown.
type measures struct {
	grams *int64
	size  *zhaohuov1.ProductDimensions
}

// parcel is the weight and size of one piece, as the platform measured it and as the seller says.
type parcel struct {
	measured, stated measures
}

// best is the measured figure, else the stated one. All three sizes come from one source, for sides of two boxes do not make
// one: a box with all its sides counts before one with a side missing.
func (p parcel) best() (grams *int64, size *zhaohuov1.ProductDimensions) {
	all := p.measured.or(p.stated)
	if !complete(all.size) && complete(p.stated.size) {
		all.size = p.stated.size
	}
	return all.grams, all.size
}

func complete(s *zhaohuov1.ProductDimensions) bool {
	return s != nil && s.LengthMm != nil && s.WidthMm != nil && s.HeightMm != nil
}

func (p parcel) or(other parcel) parcel {
	return parcel{measured: p.measured.or(other.measured), stated: p.stated.or(other.stated)}
}

// or fills in what m lacks from other.
func (m measures) or(other measures) measures {
	if m.grams == nil {
		m.grams = other.grams
	}
	if m.size == nil {
		m.size = other.size
	}
	return m
}

// readParcel reads a weight, with weigh for its unit, and sizes in centimetres. The platform's own figures are always in
// kilograms and centimetres.
func readParcel(object gjson.Result, weigh func(gjson.Result) (int64, bool)) parcel {
	return parcel{
		measured: readMeasures(object, [4]string{"officialWeight", "officialLength", "officialWidth", "officialHeight"}, normal.Kilograms),
		stated:   readMeasures(object, [4]string{"weight", "length", "width", "height"}, weigh),
	}
}

func readMeasures(object gjson.Result, names [4]string, weigh func(gjson.Result) (int64, bool)) measures {
	return measures{
		grams: known(weigh(object.Get(names[0]))),
		size: unlessEmpty(&zhaohuov1.ProductDimensions{
			LengthMm: known(normal.Centimetres(object.Get(names[1]))),
			WidthMm:  known(normal.Centimetres(object.Get(names[2]))),
			HeightMm: known(normal.Centimetres(object.Get(names[3]))),
		}),
	}
}

func known(n int64, ok bool) *int64 {
	if !ok {
		return nil
	}
	return &n
}

// parcels are the parcel of a product and those of its variants, by variant id and by specification id.
type parcels struct {
	full          parcel
	bySKU, bySpec map[string]parcel
}

// parcels reads productShippingInfo. Its weight is in kilograms. Of the two lists of variants, skuShippingInfoList is in grams
// and skuShippingDetails in kilograms. For what the seller says the first wins, because grams are finer.
func (r *reader) parcels() parcels {
	shipping := r.at(fieldShipping)
	p := parcels{full: readParcel(shipping, normal.Kilograms), bySKU: map[string]parcel{}, bySpec: map[string]parcel{}}
	p.add(shipping.Get("skuShippingInfoList"), normal.Grams)
	p.add(shipping.Get("skuShippingDetails"), normal.Kilograms)
	return p
}

func (p *parcels) add(list gjson.Result, weigh func(gjson.Result) (int64, bool)) {
	list.ForEach(func(_, row gjson.Result) bool {
		if !row.IsObject() {
			return true
		}
		found := readParcel(row, weigh)
		// The id is a number in one list and text in the other.
		if id, ok := normal.ID(row.Get("skuId")); ok {
			p.bySKU[id] = p.bySKU[id].or(found)
		}
		if spec := normal.Text(row.Get("specId")); spec != "" {
			p.bySpec[spec] = p.bySpec[spec].or(found)
		}
		return true
	})
}

// of is the parcel of a variant.
func (p *parcels) of(sku *zhaohuov1.ProductSku) parcel {
	found, ok := p.bySKU[sku.GetId()]
	if !ok && sku.SpecId != nil {
		found = p.bySpec[sku.GetSpecId()]
	}
	return found
}
