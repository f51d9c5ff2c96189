package aop

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// parcel is the weight and size of one piece. Nil is unknown.
type parcel struct {
	grams *int64
	size  *zhaohuov1.ProductDimensions
}

// readParcel reads a weight, with weigh for its unit, and sizes in centimetres. Where the seller gives no figures, the
// platform's own are used; they are always in kilograms and centimetres.
func readParcel(object gjson.Result, weigh func(gjson.Result) (int64, bool)) parcel {
	var own, official parcel
	object.ForEach(func(key, value gjson.Result) bool {
		own.measure(key.Str, [4]string{"weight", "length", "width", "height"}, value, weigh)
		official.measure(key.Str, [4]string{"officialWeight", "officialLength", "officialWidth", "officialHeight"}, value, normal.Kilograms)
		return true
	})
	return own.or(official)
}

func (p *parcel) measure(name string, names [4]string, value gjson.Result, weigh func(gjson.Result) (int64, bool)) {
	switch name {
	case names[0]:
		p.grams = known(weigh(value))
	case names[1]:
		p.sized().LengthMm = known(normal.Centimetres(value))
	case names[2]:
		p.sized().WidthMm = known(normal.Centimetres(value))
	case names[3]:
		p.sized().HeightMm = known(normal.Centimetres(value))
	}
}

func (p *parcel) sized() *zhaohuov1.ProductDimensions {
	if p.size == nil {
		p.size = &zhaohuov1.ProductDimensions{}
	}
	return p.size
}

// or fills in what p lacks from other. All three sizes come from one box: sides of two boxes do not make one.
func (p parcel) or(other parcel) parcel {
	if p.grams == nil {
		p.grams = other.grams
	}
	if !measured(p.size) {
		p.size = other.size
	}
	if !measured(p.size) {
		p.size = nil
	}
	return p
}

func measured(s *zhaohuov1.ProductDimensions) bool {
	return s != nil && (s.LengthMm != nil || s.WidthMm != nil || s.HeightMm != nil)
}

func known(n int64, ok bool) *int64 {
	if !ok {
		return nil
	}
	return &n
}

// parcels are the parcels of the variants, by variant id and by specification id.
type parcels struct {
	bySKU, bySpec map[string]parcel
}

// read reads the two lists of variants: skuShippingInfoList is in grams, skuShippingDetails in kilograms. The first
// wins, because grams are finer.
func (p *parcels) read(shipping gjson.Result) {
	p.bySKU, p.bySpec = map[string]parcel{}, map[string]parcel{}
	p.add(shipping.Get("skuShippingInfoList"), normal.Grams)
	p.add(shipping.Get("skuShippingDetails"), normal.Kilograms)
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

// weigh sets weight and size of a variant.
func (p *parcels) weigh(sku *zhaohuov1.ProductSku) {
	found, ok := p.bySKU[sku.GetId()]
	if !ok && sku.SpecId != nil {
		found = p.bySpec[sku.GetSpecId()]
	}
	sku.WeightGrams, sku.Size = found.grams, found.size
}
