package push

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Topic is a kind of message that names goods.
type Topic struct {
	// Type is what the platform calls it in a message: the topic's group, an underscore and its name.
	Type string
	// Says is what such a message announces, for people.
	Says string
	// field of the message's data holds the ids of goods: one id, or several with commas between. list is the field with the
	// objects that hold it, where it is not in the data itself.
	list, field string
}

// Topics are the kinds of messages that this service understands. Nothing of a message is used but the ids of its goods: some
// have no price, and those with a price do not say enough about it (for which quantity, in which unit).
func Topics() []Topic {
	return []Topic{
		{"PRODUCT_PRODUCT_INVENTORY_CHANGE", "stock changed", "OfferInventoryChangeList", "offerId"},
		{"FENXIAO_PRICE_CHANGE", "a price changed", "", "productId"},
		{"PRODUCT_PFT_OFFER_PRICE_MODIFY", "a price of selected goods changed", "", "offerId"},
		{"PRODUCT_PFT_OFFER_QUIT", "selected goods were taken off sale", "", "offerId"},
		{"PRODUCT_RELATION_VIEW_PRODUCT_CHANGE", "goods changed in any way", "", "productIds"},
		{"PRODUCT_RELATION_VIEW_PRODUCT_NEW_OR_MODIFY", "goods are new or were edited", "", "productIds"},
		{"PRODUCT_RELATION_VIEW_PRODUCT_EXPIRE", "goods were taken off sale", "", "productIds"},
		{"PRODUCT_RELATION_VIEW_PRODUCT_DELETE", "goods were deleted", "", "productIds"},
		{"PRODUCT_RELATION_VIEW_PRODUCT_REPOST", "goods are on sale once more", "", "productIds"},
		{"PRODUCT_RELATION_VIEW_PRODUCT_AUDIT", "goods were examined by the platform", "", "productIds"},
		{"CROSSBOARD_XYT_PLATFORM_OFFER_CHANGE", "goods came into a pool of the workbench, or left it", "", "productIds"},
	}
}

// topicOf finds the topic of a message's type.
func topicOf(name string) (Topic, bool) {
	for _, t := range Topics() {
		if t.Type == name {
			return t, true
		}
	}
	return Topic{}, false
}

// products are the ids of the goods that the data names, each once. It is false for data that is not as the topic says.
func (t Topic) products(data json.RawMessage) ([]string, bool) {
	if t.list == "" {
		return t.productsIn(data, nil)
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return nil, false
	}
	list := inner(object[t.list])
	// The platform's description types some lists as objects.
	if bytes.HasPrefix(list, []byte("{")) {
		return t.productsIn(list, nil)
	}
	var items []json.RawMessage
	if json.Unmarshal(list, &items) != nil || len(items) == 0 {
		return nil, false
	}
	var ids []string
	for _, item := range items {
		var ok bool
		if ids, ok = t.productsIn(item, ids); !ok {
			return nil, false
		}
	}
	return ids, true
}

// productsIn adds the ids that an object names to those already found.
func (t Topic) productsIn(object json.RawMessage, ids []string) ([]string, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return nil, false
	}
	text, ok := scalar(fields[t.field])
	if !ok {
		return nil, false
	}
	for id := range strings.SplitSeq(text, ",") {
		id = strings.TrimSpace(id)
		if !productID(id) {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, len(ids) <= productsMax
}

// productsMax bounds the goods of one message. The platform's examples have a few.
const productsMax = 1000

// productID reports whether a text is a product's id as the platform has them: decimal digits, no leading zero.
func productID(id string) bool {
	if id == "" || len(id) > 19 || id[0] == '0' {
		return false
	}
	return strings.Trim(id, "0123456789") == ""
}
