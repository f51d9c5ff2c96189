package offer

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// samples are values that each field of a list understands, in JSON.
var samples = map[field]string{
	fieldTitle: `"杯"`, fieldTitleTranslated: `"cup"`, fieldImage: `"img/1.jpg"`, fieldImageTranslated: `"img/2.jpg"`,
	fieldPage: `"https://detail.1688.com/offer/7.html"`, fieldPrice: `"1.50-3.20"`, fieldPromotionPrice: `"1.20"`, fieldOnePiecePrice: `"4"`,
	fieldRetailPrice: `9`, fieldHasPromotion: `true`, fieldDropshipping: `true`, fieldCurated: `"true"`, fieldSelected: `1`, fieldPatented: `true`,
	fieldOfferIdentities: `["yx-严选"]`, fieldGuarantee: `"shipIn24Hours"`, fieldTopCategory: `"5"`, fieldMonthSold: `"800+"`, fieldSold: `"1.2万+"`,
	fieldWeekSold: `"1,050"`, fieldMinimumOrder: `2`, fieldRepurchase: `"10%"`, fieldCreated: `"2024-04-20 08:00:00"`,
	fieldModified: `"20261010164552223+0800"`, fieldWeekPickup24: `"97%"`, fieldMonthPickup24: `"96.2%"`, fieldWeekDelayed: `"0.5%"`,
	fieldWeekPerfect: `"100.00%"`, fieldMonthPerfect: `"99%"`, fieldMonthQuality: `"0%"`, fieldApplause: `"98.5%"`, fieldOnlineInvoice: `true`,
	fieldFastInvoice: `"false"`, fieldInvoiceTypes: `["普票"]`, fieldTaxpayer: `"一般纳税人"`, fieldSellerID: `"b2b-1"`, fieldCompany: `"某厂"`,
	fieldLocation: `"浙江义乌"`, fieldSellerIdentities: `["super_factory"]`, fieldScoreOverall: `"4.7"`, fieldScoreLogistics: `5`,
	fieldScoreDisputes: `"4.5"`, fieldScoreProducts: `"4"`, fieldScoreAfterSales: `"3.9"`, fieldScoreConsultation: `"4.8"`, fieldYears: `12`,
	fieldMedal: `"5"`, fieldSellerRepurchase: `"0.4666"`, fieldSellerPickup48: `"0.9812"`, fieldSellerQuality: `"0.0021"`,
}

// conditional are fields that say something only beside others.
var conditional = map[field]string{fieldConsignPrice: "isOnePsale", fieldFreePostage: "onePiecePrice", fieldPromotionType: "promotionPrice", fieldPromotionEnd: "promotionPrice"}

// Each name of each field is understood in a row of a list, and all names of a field mean the same.
func TestEveryNameIsReadInLists(t *testing.T) {
	for f := fieldTitle; f < fieldStatus; f++ {
		if conditional[f] != "" || f == fieldSecondCategory || f == fieldThirdCategory {
			continue
		}
		sample, ok := samples[f]
		if !ok {
			t.Errorf("field %d (%s) has no sample", f, names[f][0])
			continue
		}
		bare := rowWith(t, "", "")
		first := rowWith(t, names[f][0], sample)
		if cmp.Equal(bare, first, protocmp.Transform()) {
			t.Errorf("%s: %s changes nothing", names[f][0], sample)
		}
		for _, name := range names[f][1:] {
			if diff := cmp.Diff(first, rowWith(t, name, sample), protocmp.Transform()); diff != "" {
				t.Errorf("%s reads otherwise than %s:\n%s", name, names[f][0], diff)
			}
		}
	}
}

func rowWith(t *testing.T, name, value string) *zhaohuov1.Product {
	t.Helper()
	row := `{"offerId":7}`
	if name != "" {
		objects := strings.Split(name, ".")
		for _, object := range slices.Backward(objects) {
			value = `{"` + object + `":` + value + `}`
		}
		row = `{"offerId":7,` + value[1:]
	}
	p, ok := Row(gjson.Parse(row), Options{Translated: true})
	if !ok {
		t.Fatalf("%s is no product", row)
	}
	return p
}

// A name that says nothing gives way to the next one, and a preferred name wins wherever it stands in the row.
func TestNamesInOrderOfPreference(t *testing.T) {
	for row, want := range map[string]int64{
		`{"offerId":7,"salePrice":"2","price":"0.00"}`:                               2,
		`{"offerId":7,"salePrice":"2","price":"3"}`:                                  3,
		`{"offerId":7,"price":"3","salePrice":"2","priceInfo":{"price":"4"}}`:        4,
		`{"offerId":7,"price":null,"salePrice":"  ","priceInfo":{"price":"¥1,200"}}`: 1200,
	} {
		p, _ := Row(gjson.Parse(row), Options{})
		if got := p.GetPrice().GetUnits(); got != want {
			t.Errorf("%s: got %d, want %d", row, got, want)
		}
	}
}

// A name stands for one field only: with two, one of them would never be read.
func TestNamesStandForOneField(t *testing.T) {
	of := map[string]field{}
	for f, all := range names {
		if len(all) == 0 {
			t.Errorf("field %d has no name", f)
		}
		for _, name := range all {
			if other, twice := of[name]; twice {
				t.Errorf("%s stands for the fields %d and %d", name, other, f)
			}
			of[name] = field(f)
		}
	}
}
