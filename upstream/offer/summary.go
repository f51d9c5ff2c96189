package offer

import (
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// summary makes what lists and details have in common, without prices.
func (r *reader) summary() *zhaohuov1.Product {
	p := &zhaohuov1.Product{
		Id:             r.id(fieldID),
		Title:          normal.Text(r.at(fieldTitle)),
		ImageUrl:       r.url(fieldImage),
		DetailUrl:      r.url(fieldPage),
		MinimumOrder:   r.positive(fieldMinimumOrder),
		RepurchaseRate: r.share(fieldRepurchase, normal.Rate),
		Badges:         r.badges(),
		Supplier:       r.supplier(),
		CategoryIds:    r.categories(),
		CreateTime:     r.time(fieldCreated),
		UpdateTime:     r.time(fieldModified),
		ServiceRates:   r.productRates(),
		InvoiceTerms:   r.invoice(),
	}
	if r.Translated {
		p.TitleTranslated = r.text(fieldTitleTranslated)
		p.ImageUrlTranslated = r.url(fieldImageTranslated)
	}
	r.sales(p)
	return p
}

// sales sets how many were sold. Of two counts, the one whose period is known is used.
func (r *reader) sales(p *zhaohuov1.Product) {
	if n, atLeast := r.sold(fieldMonthSold); n != nil {
		p.SoldCount, p.SoldAtLeast, p.SoldDays = n, atLeast, proto.Int32(monthDays)
	} else if n, atLeast := r.sold(fieldSold); n != nil {
		p.SoldCount, p.SoldAtLeast = n, atLeast
	}
	p.WeeklySoldCount, p.WeeklySoldAtLeast = r.sold(fieldWeekSold)
}

// sold reads a count that may be a lower bound; nil if it is unknown.
func (r *reader) sold(f field) (count *int64, atLeast bool) {
	if !r.has(f) {
		return nil, false
	}
	n, atLeast, known := normal.Count(r.values[f])
	if !known {
		return nil, false
	}
	return &n, atLeast
}

func (r *reader) time(f field) *timestamppb.Timestamp {
	if !r.has(f) {
		return nil
	}
	at, known := normal.Time(r.values[f])
	if !known {
		return nil
	}
	return timestamppb.New(at)
}

// categories lists the ids from the top down. A level below an unnamed one cannot be placed.
func (r *reader) categories() []string {
	var ids []string
	for _, f := range [...]field{fieldTopCategory, fieldSecondCategory, fieldThirdCategory} {
		id := r.id(f)
		if id == "" {
			break
		}
		ids = append(ids, id)
	}
	return ids
}

// productRates reads how the orders of a product went; nil if the answer says nothing of it.
func (r *reader) productRates() *zhaohuov1.ServiceRates {
	if !r.sent(fieldWeekPickup24, fieldApplause) {
		return nil
	}
	return unlessEmpty(&zhaohuov1.ServiceRates{
		WeeklyPickup24HRate:           r.shippingRate(fieldWeekPickup24),
		MonthlyPickup24HRate:          r.shippingRate(fieldMonthPickup24),
		WeeklyDelayedShippingRate:     r.shippingRate(fieldWeekDelayed),
		WeeklyPerfectFulfillmentRate:  r.shippingRate(fieldWeekPerfect),
		MonthlyPerfectFulfillmentRate: r.shippingRate(fieldMonthPerfect),
		MonthlyQualityReturnRate:      r.shippingRate(fieldMonthQuality),
		PositiveRatingRate:            r.share(fieldApplause, normal.Rate),
	})
}

// shippingRate reads a rate of productSimpleShippingInfo. Where a blank one means 0, it is 0.
func (r *reader) shippingRate(f field) *float64 {
	if r.BlankRateIsZero && r.ranks[f] == 0 && r.blank[f] {
		return proto.Float64(0)
	}
	return r.share(f, normal.Rate)
}

func (r *reader) invoice() *zhaohuov1.InvoiceTerms {
	if !r.sent(fieldOnlineInvoice, fieldTaxpayer) {
		return nil
	}
	return unlessEmpty(&zhaohuov1.InvoiceTerms{
		Online:       r.flag(fieldOnlineInvoice),
		Fast:         r.flag(fieldFastInvoice),
		Types:        texts(r.at(fieldInvoiceTypes)),
		TaxpayerType: r.text(fieldTaxpayer),
	})
}

// supplier reads who sells the product; nil if the answer says nothing of it.
func (r *reader) supplier() *zhaohuov1.Supplier {
	if !r.sent(fieldSellerID, fieldSellerQuality) && !r.sent(fieldTags, fieldTags) {
		return nil
	}
	return unlessEmpty(&zhaohuov1.Supplier{
		Id:              r.text(fieldSellerID),
		Name:            r.text(fieldCompany),
		Location:        r.text(fieldLocation),
		Kinds:           r.supplierKinds(),
		Scores:          r.scores(),
		TrustPassYears:  small(r.positive(fieldYears)),
		TradeMedalLevel: small(r.positive(fieldMedal)),
		RepurchaseRate:  r.share(fieldSellerRepurchase, normal.Fraction),
		ServiceRates:    r.sellerRates(),
	})
}

// sellerRates reads how the orders of a seller went; nil if the answer says nothing of it.
func (r *reader) sellerRates() *zhaohuov1.ServiceRates {
	if !r.sent(fieldSellerPickup48, fieldSellerQuality) {
		return nil
	}
	return unlessEmpty(&zhaohuov1.ServiceRates{
		MonthlyPickup48HRate:     r.share(fieldSellerPickup48, normal.Fraction),
		MonthlyQualityReturnRate: r.share(fieldSellerQuality, normal.Fraction),
	})
}

func (r *reader) scores() *zhaohuov1.SupplierScores {
	if !r.sent(fieldScoreOverall, fieldScoreConsultation) {
		return nil
	}
	return unlessEmpty(&zhaohuov1.SupplierScores{
		Overall:      r.share(fieldScoreOverall, normal.Score),
		Logistics:    r.share(fieldScoreLogistics, normal.Score),
		Disputes:     r.share(fieldScoreDisputes, normal.Score),
		Products:     r.share(fieldScoreProducts, normal.Score),
		AfterSales:   r.share(fieldScoreAfterSales, normal.Score),
		Consultation: r.share(fieldScoreConsultation, normal.Score),
	})
}

// unlessEmpty is a message, or nil if none of its fields is set: what an answer says nothing of is absent.
func unlessEmpty[M any, P interface {
	*M
	proto.Message
}](m P,
) P {
	if proto.Size(m) == 0 {
		return nil
	}
	return m
}

// small is a count that fits an int32; nil if it does not.
func small(n *int64) *int32 {
	if n == nil || *n != int64(int32(*n)) {
		return nil
	}
	return proto.Int32(int32(*n))
}

// texts lists the texts of a list, each once. A single text is a list of one.
func texts(list gjson.Result) []string {
	var all []string
	seen := map[string]bool{}
	list.ForEach(func(_, value gjson.Result) bool {
		if text := normal.Text(value); text != "" && !seen[text] {
			seen[text] = true
			all = append(all, text)
		}
		return true
	})
	return all
}
