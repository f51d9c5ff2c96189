package topwire

import (
	"maps"
	"testing"
)

// The known-answer vectors of docs/PROTOCOL.md §9, secret helloworld.
func TestSignVectors(t *testing.T) {
	base := map[string]string{
		"method": "taobao.item.seller.get", "app_key": "12345678", "session": "test", "timestamp": "2016-01-01 12:00:00",
		"format": "json", "v": "2.0", "fields": "num_iid,title,nick,price,num", "num_iid": "11223344",
	}
	for name, tc := range map[string]struct {
		method, sign string
		want         bool
	}{
		"T1":                                  {"md5", "66987CB115214E59E6EC978214934FB8", true},
		"T2":                                  {"hmac", "D56D7858309C31B6251083A874D48273", true},
		"T3":                                  {"hmac-sha256", "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8", true},
		"T4, HMAC-SHA1 under the name of md5": {"md5", "B29BA83E5DB88020ECF03590D9AA3B88B156895F", false},
		"T5":                                  {"hmac-sha1", "01F4EB1E71E3F82863E234921B11569F90B69061", true},
		"T1's digest under another name":      {"hmac", "66987CB115214E59E6EC978214934FB8", false},
		"lower case":                          {"md5", "66987cb115214e59e6ec978214934fb8", false},
		"a method nobody documents":           {"sha512", "66987CB115214E59E6EC978214934FB8", false},
		"no method":                           {"", "66987CB115214E59E6EC978214934FB8", false},
	} {
		params := maps.Clone(base)
		params["sign_method"], params["sign"] = tc.method, tc.sign
		if got := signedBy("helloworld", params, tc.sign); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}
