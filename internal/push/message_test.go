package push_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/push"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// examples are the data of a message of each topic, as the platform describes them, and the goods that it names.
func examples() map[string]struct {
	data string
	want []string
} {
	type example = struct {
		data string
		want []string
	}
	relation := func(status string) example {
		return example{`{"productIds":"620201390233, 620201390234","memberId":"b2b-1","status":"` + status + `","msgSendTime":"2024-05-09 00:00:00"}`, []string{"620201390233", "620201390234"}}
	}
	return map[string]example{
		"PRODUCT_PRODUCT_INVENTORY_CHANGE": {
			`{"OfferInventoryChangeList":[
			{"offerId":620201390234,"offerOnSale":90,"skuId":1,"skuOnSale":10,"quantity":-3,"bizTime":"1564984329147"},
			{"offerId":620201390233,"offerOnSale":5,"quantity":1,"bizTime":"1564984329147"},{"offerId":620201390234,"quantity":0}]}`,
			[]string{"620201390233", "620201390234"},
		},
		"FENXIAO_PRICE_CHANGE":                        {`{"productId":"620201390233","memberId":"b2b-1","msgSendTime":"2024-05-09 00:00:00"}`, []string{"620201390233"}},
		"PRODUCT_PFT_OFFER_PRICE_MODIFY":              {`{"offerId":620201390233,"minPrice":2100,"activeTime":1564984329147,"skuUpdateInfos":{"skuId":1,"historyRetailPrice":1550}}`, []string{"620201390233"}},
		"PRODUCT_PFT_OFFER_QUIT":                      {`{"offerId":620201390233,"type":"single_direct","openUid":"x"}`, []string{"620201390233"}},
		"PRODUCT_RELATION_VIEW_PRODUCT_CHANGE":        {`{"memberId":"b2b-1","productIds":"620201390233","action":"sku_modify","msgSendTime":"2024-05-09 00:00:00"}`, []string{"620201390233"}},
		"PRODUCT_RELATION_VIEW_PRODUCT_NEW_OR_MODIFY": relation("RELATION_VIEW_PRODUCT_NEW_OR_MODIFY"),
		"PRODUCT_RELATION_VIEW_PRODUCT_EXPIRE":        relation("RELATION_VIEW_PRODUCT_EXPIRE"),
		"PRODUCT_RELATION_VIEW_PRODUCT_DELETE":        relation("RELATION_VIEW_PRODUCT_DELETE"),
		"PRODUCT_RELATION_VIEW_PRODUCT_REPOST":        relation("RELATION_VIEW_PRODUCT_REPOST"),
		"PRODUCT_RELATION_VIEW_PRODUCT_AUDIT":         relation("RELATION_VIEW_PRODUCT_AUDIT"),
		"CROSSBOARD_XYT_PLATFORM_OFFER_CHANGE":        {`{"productIds":"620201390233,620201390233","status":"add"}`, []string{"620201390233"}},
	}
}

// TestTopics: a message of each topic is read, with data as an object and as JSON text, with ids as numbers and as text.
func TestTopics(t *testing.T) {
	all := examples()
	if len(all) != len(push.Topics()) {
		t.Errorf("%d examples of %d topics", len(all), len(push.Topics()))
	}
	for _, topic := range push.Topics() {
		example, ok := all[topic.Type]
		if !ok || topic.Says == "" {
			t.Errorf("%s has no example, or says nothing", topic.Type)
			continue
		}
		for name, message := range map[string]string{
			"object": `{"msgId":76,"type":"` + topic.Type + `","userInfo":"b2b-1","data":` + example.data + `,"gmtBorn":1715184000123,"appKey":"77"}`,
			"text":   `{"msgId":"76","type":"` + topic.Type + `","data":` + strconv.Quote(example.data) + `,"gmtBorn":"1715184000123","appKey":77,"extraInfo":""}`,
		} {
			m, err := push.Parse(message)
			if err != nil || m.ID != "76" || m.AppKey != "77" || m.Born.UnixMilli() != 1715184000123 || m.Type != topic.Type || !slices.Equal(m.Products, example.want) {
				t.Errorf("%s, %s: %+v, %v", topic.Type, name, m, err)
			}
			if push.AppKeyOf(message) != "77" {
				t.Errorf("%s, %s: the App Key %q", topic.Type, name, push.AppKeyOf(message))
			}
		}
	}
	m, err := push.Parse(`{"msgId":1,"topicGroup":"FENXIAO","topicName":"PRICE_CHANGE","data":{"productId":1}}`)
	if err != nil || !slices.Equal(m.Products, []string{"1"}) || !m.Born.IsZero() {
		t.Errorf("group and name: %+v, %v", m, err)
	}
}

// TestParseRefuses: what is not as the platform describes it is refused as a whole. No part of it is guessed.
func TestParseRefuses(t *testing.T) {
	of := func(data string) string {
		return `{"msgId":1,"type":"PRODUCT_RELATION_VIEW_PRODUCT_CHANGE","data":` + data + `}`
	}
	for name, c := range map[string]struct {
		message string
		want    error
	}{
		"nothing":              {"", push.ErrUnreadable},
		"no JSON":              {"message", push.ErrUnreadable},
		"a list":               {"[]", push.ErrUnreadable},
		"an empty object":      {"{}", push.ErrUnreadable},
		"an order":             {`{"msgId":1,"type":"ORDER_BUYER_VIEW_BUYER_MAKE","data":{"orderId":1}}`, push.ErrTopic},
		"no data":              {`{"msgId":1,"type":"FENXIAO_PRICE_CHANGE"}`, push.ErrUnreadable},
		"no ids":               {of(`{"productIds":""}`), push.ErrUnreadable},
		"an id is no number":   {of(`{"productIds":"1,x"}`), push.ErrUnreadable},
		"an id is a fraction":  {of(`{"productIds":1.5}`), push.ErrUnreadable},
		"an id is negative":    {of(`{"productIds":-1}`), push.ErrUnreadable},
		"an id is too long":    {of(`{"productIds":"` + strings.Repeat("9", 20) + `"}`), push.ErrUnreadable},
		"too many ids":         {of(`{"productIds":"` + strings.TrimSuffix(strings.Repeat("12,", 1001), ",") + `"}`), push.ErrUnreadable},
		"the id of a message":  {`{"msgId":"` + strings.Repeat("9", 65) + `","type":"FENXIAO_PRICE_CHANGE","data":{"productId":1}}`, push.ErrUnreadable},
		"an empty list":        {`{"msgId":1,"type":"PRODUCT_PRODUCT_INVENTORY_CHANGE","data":{"OfferInventoryChangeList":[]}}`, push.ErrUnreadable},
		"data is no JSON text": {of(`"{"`), push.ErrUnreadable},
	} {
		if m, err := push.Parse(c.message); !errors.Is(err, c.want) || len(m.Products) > 0 {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

// TestSignature: it is the rule of calls without a path, as the adapter has it.
func TestSignature(t *testing.T) {
	for _, message := range []string{"", "{}", `{"type":"价格"}`, strings.Repeat("x", 1000)} {
		want, _, err := aop.Sign("s3cret", "", []upstream.Param{{Name: "message", Value: message}})
		if got := push.Signature("s3cret", message); got != want || err != nil {
			t.Errorf("%.20q: %s, want %s, %v", message, got, want, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for name, e := range examples() {
		f.Add(`{"msgId":1,"type":"` + name + `","data":` + e.data + `,"gmtBorn":1}`)
		f.Add(`{"msgId":"1","type":"` + name + `","data":` + strconv.Quote(e.data) + `,"gmtBorn":"1"}`)
	}
	f.Fuzz(func(t *testing.T, message string) {
		m, err := push.Parse(message)
		if err != nil && len(m.Products) > 0 || err == nil && len(m.Products) == 0 {
			t.Fatalf("%+v, %v", m, err)
		}
		if err == nil && !json.Valid([]byte(message)) {
			t.Fatalf("no JSON was read as %+v", m)
		}
		if !slices.IsSorted(m.Products) || len(slices.Compact(slices.Clone(m.Products))) != len(m.Products) {
			t.Fatalf("ids in no order, or twice: %q", m.Products)
		}
		for _, id := range m.Products {
			if strings.Trim(id, "0123456789") != "" || len(id) == 0 || len(id) > 19 {
				t.Fatalf("the id %q", id)
			}
		}
	})
}
