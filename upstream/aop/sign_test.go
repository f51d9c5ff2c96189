package aop_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

const vectorToken = "f14da3b8-b0b1-4f73-a5de-9bed637e0188"

// TestSignVectors checks the known answers of docs/PROTOCOL.md §9.
func TestSignVectors(t *testing.T) {
	const crossborder = "param2/1/com.alibaba.fenxiao.crossborder/"
	for _, c := range []struct {
		id, path string
		params   []upstream.Param
		want     string
	}{
		{
			"V1", "param2/1/system/currentTime/1000000",
			[]upstream.Param{{Name: "b", Value: "2"}, {Name: "a", Value: "1"}},
			"33E54F4F7B989E3E0E912D3FBD2F1A03CA7CCE88",
		},
		{"V1b", "param2/1/system/currentTime/1000000", nil, "6DE0BF22A879A7631C7C0706D95EEB60184D9EAF"},
		{"V2", crossborder + "product.search.keywordQuery/1000000", []upstream.Param{
			{Name: "offerQueryParam", Value: `{"keyword":"饼干","beginPage":1,"pageSize":20,"country":"en"}`},
			{Name: "access_token", Value: vectorToken},
			{Name: "_aop_timestamp", Value: "1700000000000"},
		}, "BC4C71D0132DDB3FF63DF0CE127FB2FF46F7069E"},
		{"V3", crossborder + "product.search.queryProductDetail/1000000", []upstream.Param{
			{Name: "offerDetailParam", Value: `{"offerId":620201390233,"country":"en"}`},
			{Name: "access_token", Value: vectorToken},
		}, "20E6672E824AEF736BA9B16B9136F2A0E091FA02"},
		{"V5 concat-sort", "param2/1/com.alibaba.product/alibaba.product.suggest.crossBorder/1000000", []upstream.Param{
			{Name: "keyWord", Value: "手机"}, {Name: "keyWordNotNull", Value: "true"},
		}, "01EE4D7AC12B23B50FD585FBA23BF0AC461C2767"},
	} {
		before := slices.Clone(c.params)
		if got := sign(t, "test123", c.path, c.params); got != c.want {
			t.Errorf("%s: got %s, want %s", c.id, got, c.want)
		}
		if !slices.Equal(before, c.params) {
			t.Errorf("%s: the caller's parameters were reordered", c.id)
		}
	}
}

// sign signs parameters that cannot fail.
func sign(t interface {
	Helper()
	Fatal(...any)
}, key secret.Text, path string, params []upstream.Param,
) string {
	t.Helper()
	got, _, err := aop.Sign(key, path, params)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// naive is the documented rule, literally.
func naive(key, path string, params []upstream.Param) string {
	var joined []string
	for _, p := range params {
		joined = append(joined, p.Name+text(p))
	}
	slices.Sort(joined)
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(path + strings.Join(joined, "")))
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}

// text is a parameter's text in one piece.
func text(p upstream.Param) string {
	if p.Photo == nil {
		return p.Value + p.Tail
	}
	return p.Value + base64.StdEncoding.EncodeToString([]byte(p.Photo.(photo))) + p.Tail
}

// photo is a picture in memory.
type photo string

func (p photo) Size() int64     { return int64(len(p)) }
func (p photo) Open() io.Reader { return strings.NewReader(string(p)) }

// Names and values use few letters, so that one is often a prefix of another. "i\xa6\x9a" is "aaaa" in base64.
func TestSignAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.SampledFrom([]rune("abY_手\U0001F600")), 0, 6, -1)
		params := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) upstream.Param {
			p := upstream.Param{Name: word.Draw(t, "name"), Value: word.Draw(t, "value")}
			if rapid.Bool().Draw(t, "with photo") {
				p.Photo = photo(strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"i\xa6\x9a", "i", "a"}), 0, 5).Draw(t, "photo"), ""))
				p.Tail = word.Draw(t, "tail")
			}
			return p
		}), 0, 6).Draw(t, "params")
		if got, want := sign(t, "k", "p", params), naive("k", "p", params); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if got, want := sign(t, "k", "p", rapid.Permutation(params).Draw(t, "order")), naive("k", "p", params); got != want {
			t.Fatalf("the order changes the signature")
		}
	})
}

// Signing holds no base64: its allocations do not grow with the photo.
func TestSigningAllocatesTheSameForEveryPhoto(t *testing.T) {
	allocations := func(bytes int) float64 {
		params := []upstream.Param{
			{Name: "uploadImageParam", Value: `{"imageBase64":"`, Photo: photo(make([]byte, bytes)), Tail: `"}`},
			{Name: "access_token", Value: vectorToken},
		}
		return testing.AllocsPerRun(5, func() { sign(t, "test123", "path", params) })
	}
	if small, large := allocations(100_000), allocations(5_000_000); small != large {
		t.Errorf("%v allocations for 100 kB, %v for 5 MB", small, large)
	}
}

func FuzzSign(f *testing.F) {
	f.Add("test123", "param2/1/system/currentTime/1000000", "a", "1", "b", "2")
	f.Add("s", "p", "keyWord", "手机", "keyWordNotNull", "true")
	f.Add("", "", "a", "ba", "ab", "a")
	f.Add("s", "p", "x", strings.Repeat("A", 5000), "", "\xff")
	f.Fuzz(func(t *testing.T, key, path, name1, value1, name2, value2 string) {
		params := []upstream.Param{{Name: name1, Value: value1}, {Name: name2, Value: value2}}
		if got, want := sign(t, secret.Text(key), path, params), naive(key, path, params); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
