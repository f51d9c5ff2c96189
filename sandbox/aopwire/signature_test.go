package aopwire

import "testing"

// The known-answer vectors of docs/PROTOCOL.md §9, secret test123.
func TestSignVectors(t *testing.T) {
	const token = "f14da3b8-b0b1-4f73-a5de-9bed637e0188"
	for name, tc := range map[string]struct {
		path   string
		params map[string]string
		want   string
	}{
		"V1":  {"param2/1/system/currentTime/1000000", map[string]string{"a": "1", "b": "2"}, "33E54F4F7B989E3E0E912D3FBD2F1A03CA7CCE88"},
		"V1b": {"param2/1/system/currentTime/1000000", nil, "6DE0BF22A879A7631C7C0706D95EEB60184D9EAF"},
		"V2": {
			"param2/1/com.alibaba.fenxiao.crossborder/product.search.keywordQuery/1000000",
			map[string]string{
				"_aop_timestamp": "1700000000000", "access_token": token,
				"offerQueryParam": `{"keyword":"饼干","beginPage":1,"pageSize":20,"country":"en"}`,
			},
			"BC4C71D0132DDB3FF63DF0CE127FB2FF46F7069E",
		},
		"V3": {
			"param2/1/com.alibaba.fenxiao.crossborder/product.search.queryProductDetail/1000000",
			map[string]string{"access_token": token, "offerDetailParam": `{"offerId":620201390233,"country":"en"}`},
			"20E6672E824AEF736BA9B16B9136F2A0E091FA02",
		},
		"V5": {
			"param2/1/com.alibaba.product/alibaba.product.suggest.crossBorder/1000000",
			map[string]string{"keyWord": "手机", "keyWordNotNull": "true"},
			"01EE4D7AC12B23B50FD585FBA23BF0AC461C2767",
		},
		"the signature itself is not signed": {
			"param2/1/system/currentTime/1000000",
			map[string]string{"a": "1", "b": "2", "_aop_signature": "x"},
			"33E54F4F7B989E3E0E912D3FBD2F1A03CA7CCE88",
		},
	} {
		if got := Sign("test123", tc.path, tc.params); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// Some community clients sort by name and then join. Where that gives another order, the signature must be refused.
func TestKeySortedSignatureIsRefused(t *testing.T) {
	const path = "param2/1/com.alibaba.product/alibaba.product.suggest.crossBorder/1000000"
	params := map[string]string{"keyWord": "手机", "keyWordNotNull": "true"}
	if signedBy("test123", path, params, "9B3624891140AF13D56D860ECE903F0D39A74282") {
		t.Error("the key-sorted signature of V5 is accepted")
	}
	if !signedBy("test123", path, params, "01EE4D7AC12B23B50FD585FBA23BF0AC461C2767") {
		t.Error("the documented signature of V5 is refused")
	}
	if signedBy("test123", path, params, "01ee4d7ac12b23b50fd585fba23bf0ac461c2767") {
		t.Error("a lower-case signature is accepted")
	}
}
