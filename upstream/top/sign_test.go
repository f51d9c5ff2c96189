package top

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// naiveSign is the rule as the protocol's page describes it.
func naiveSign(m SignMethod, params map[string]string, appSecret string) string {
	names := make([]string, 0, len(params))
	for name := range params {
		if name != "sign" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	text := ""
	for _, name := range names {
		text += name + params[name]
	}
	keyed := func(h func() hash.Hash, text string) string {
		mac := hmac.New(h, []byte(appSecret))
		mac.Write([]byte(text))
		return fmt.Sprintf("%X", mac.Sum(nil))
	}
	switch m {
	case "md5":
		return fmt.Sprintf("%X", md5.Sum([]byte(appSecret+text+appSecret)))
	case "hmac":
		return keyed(md5.New, text)
	case "hmac-sha256":
		return keyed(sha256.New, text)
	case "hmac-sha1":
		return keyed(sha1.New, appSecret+text+appSecret)
	}
	panic("no such rule")
}

func FuzzSealAgainstTheNaiveRule(f *testing.F) {
	f.Add(uint8(0), "helloworld", "q", "蓝牙耳机", "page", "1")
	f.Add(uint8(1), "s", "a", "b", "ab", "")
	f.Add(uint8(2), "", "keyWord", "手机", "keyWordNotNull", "true")
	f.Add(uint8(3), strings.Repeat("k", 200), "image_content", strings.Repeat("+/=", 1000), "\xff", "\x00")
	f.Fuzz(func(t *testing.T, rule uint8, appSecret, name1, value1, name2, value2 string) {
		m := SignMethods()[int(rule)%len(SignMethods())]
		if name1 == name2 || name1 == paramSign || name2 == paramSign || name1 == paramSignMethod || name2 == paramSignMethod {
			return // No call has such names.
		}
		sealed, _, err := seal([]upstream.Param{{Name: name1, Value: value1}, {Name: name2, Value: value2}}, m, secret.Text(appSecret))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{paramSignMethod: string(m)}
		for name, value := range map[string]string{name1: value1, name2: value2} {
			if value != "" {
				want[name] = value
			}
		}
		want[paramSign] = naiveSign(m, want, appSecret)
		got := map[string]string{}
		for _, p := range sealed {
			got[p.Name] = p.Value
		}
		if len(got) != len(sealed) || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("sealed %q, want %q", got, want)
		}
	})
}

// photo is a picture in memory.
type photo []byte

func (p photo) Size() int64     { return int64(len(p)) }
func (p photo) Open() io.Reader { return bytes.NewReader(p) }

// A photo is signed as its base64 by every rule. An empty text is left out, whatever its kind.
func TestSealAgainstTheNaiveRuleWithPhotos(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(SignMethods()).Draw(t, "rule")
		word := rapid.StringOfN(rapid.SampledFrom([]rune("ab+手")), 0, 4, -1)
		drawn := rapid.MapOfN(rapid.StringMatching("[ab]{1,3}"), rapid.Custom(func(t *rapid.T) upstream.Param {
			p := upstream.Param{Value: word.Draw(t, "value")}
			if rapid.Bool().Draw(t, "with photo") {
				p.Photo, p.Tail = photo(rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "photo")), word.Draw(t, "tail")
			}
			return p
		}), 0, 5).Draw(t, "params")
		want := map[string]string{paramSignMethod: string(m)}
		var params []upstream.Param
		for name, p := range drawn {
			p.Name = name
			params = append(params, p)
			if text := paramText(p); text != "" {
				want[name] = text
			}
		}
		want[paramSign] = naiveSign(m, want, "secret")
		sealed, _, err := seal(params, m, "secret")
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, p := range sealed {
			got[p.Name] = paramText(p)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) != len(sealed) {
			t.Fatalf("%d parameters (-want +got):\n%s", len(sealed), diff)
		}
	})
}

// paramText is a parameter's text in one piece.
func paramText(p upstream.Param) string {
	if p.Photo == nil {
		return p.Value + p.Tail
	}
	return p.Value + base64.StdEncoding.EncodeToString(p.Photo.(photo)) + p.Tail
}

func TestSealingAllocatesTheSameForEveryPhoto(t *testing.T) {
	allocations := func(bytes int) float64 {
		second := make([]upstream.Param, 0, 16)
		picture := photo(make([]byte, bytes))
		return testing.AllocsPerRun(5, func() {
			second = append(second[:0], upstream.Param{Name: "image_content", Photo: picture}, upstream.Param{Name: "v", Value: "2.0"})
			if _, _, err := seal(second, SignHMACSHA256, "secret"); err != nil {
				t.Error(err)
			}
		})
	}
	if small, large := allocations(100_000), allocations(5_000_000); small != large {
		t.Errorf("%v allocations for 100 kB, %v for 5 MB", small, large)
	}
}

// searchParams are the parameters of a usual search.
func searchParams() []upstream.Param {
	return append(make([]upstream.Param, 0, 16),
		upstream.Param{Name: "q", Value: "蓝牙耳机 无线"},
		upstream.Param{Name: "page", Value: "1"},
		upstream.Param{Name: "pageSize", Value: "20"},
		upstream.Param{Name: "priceStart", Value: "10"},
		upstream.Param{Name: "priceEnd", Value: "99.90"},
		upstream.Param{Name: "sort", Value: "price_asc"},
		upstream.Param{Name: "method", Value: MethodProductSearch},
		upstream.Param{Name: "app_key", Value: "12345678"},
		upstream.Param{Name: "timestamp", Value: "2016-01-01 12:00:00"},
		upstream.Param{Name: "format", Value: "json"},
		upstream.Param{Name: "v", Value: "2.0"},
	)
}

// BenchmarkSign signs a usual search by each method. It compares that with a bare hash over the same bytes in one piece, the least
// that a signature costs.
func BenchmarkSign(b *testing.B) {
	const appSecret = "0123456789abcdef0123456789abcdef"
	text := []byte(appSecret)
	for _, p := range searchParams() {
		text = append(append(text, p.Name...), p.Value...)
	}
	text = append(text, appSecret...)
	for _, m := range SignMethods() {
		var bare float64
		b.Run(string(m)+"/hash", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h, _, _ := m.begin([]byte(appSecret))
				h.Write(text)
				h.Sum(nil)
			}
			bare = float64(b.Elapsed()) / float64(b.N)
		})
		b.Run(string(m)+"/sign", func(b *testing.B) {
			b.ReportAllocs()
			params := searchParams()
			second := make([]upstream.Param, 0, 16)
			for b.Loop() {
				second = append(second[:0], params...)
				if _, _, err := seal(second, m, appSecret); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/bare, "×hash")
		})
	}
}
