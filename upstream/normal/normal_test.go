package normal_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

func yuan(t testing.TB, text string) money.Amount {
	t.Helper()
	a, ok := money.Parse(text)
	if !ok {
		t.Fatalf("%q is no amount", text)
	}
	return a
}

type price struct {
	low, high, text string
}

func checkPrice(t *testing.T, raw string, got normal.PriceRange, want price) {
	t.Helper()
	expect := normal.PriceRange{Text: want.text}
	if want.low != "" {
		if want.high == "" {
			want.high = want.low
		}
		expect.Known, expect.Low, expect.High = true, yuan(t, want.low), yuan(t, want.high)
	}
	if diff := cmp.Diff(expect, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", raw, diff)
	}
}

func TestPrice(t *testing.T) {
	for raw, want := range map[string]price{
		`"178.0"`:                 {low: "178"},
		`"10"`:                    {low: "10"},
		`"0.88"`:                  {low: "0.88"},
		`"1.50-3.20"`:             {low: "1.5", high: "3.2"},
		`"3.20-1.50"`:             {low: "1.5", high: "3.2"},
		`"2.00-2.00"`:             {low: "2"},
		`"¥12.50"`:                {low: "12.5"},
		`"￥1,200"`:                {low: "1200"},
		`"￥1，200.50"`:             {low: "1200.5"},
		`"1,234,567.89"`:          {low: "1234567.89"},
		`"12元"`:                   {low: "12"},
		`" 12 元 "`:                {low: "12"},
		`"CNY 9.90"`:              {low: "9.9"},
		`"１２．５０"`:                 {low: "12.5"},
		`"１.５－３.２"`:               {low: "1.5", high: "3.2"},
		`"1.5–3.2"`:               {low: "1.5", high: "3.2"},
		`"1.5—3.2"`:               {low: "1.5", high: "3.2"},
		`"1.5~3.2"`:               {low: "1.5", high: "3.2"},
		`"¥1.5 ～ ¥3.2"`:           {low: "1.5", high: "3.2"},
		`"1.5至3.2元"`:              {low: "1.5", high: "3.2"},
		`"1,200-3,400"`:           {low: "1200", high: "3400"},
		`178.0`:                   {low: "178"},
		`10`:                      {low: "10"},
		`0.88`:                    {low: "0.88"},
		`1.78e2`:                  {low: "178"},
		`1785E-2`:                 {low: "17.85"},
		`5e-3`:                    {low: "0.005"},
		`"0"`:                     {},
		`0`:                       {},
		`"0.00"`:                  {},
		`0.00`:                    {},
		`0e5`:                     {},
		`"¥0.00"`:                 {},
		`"０．００元"`:                 {},
		`"0.00-0.00"`:             {},
		`"0.00-3.20"`:             {text: "0.00-3.20"},
		`"3.20-0"`:                {text: "3.20-0"},
		`0.1`:                     {low: "0.1"},
		`3.3`:                     {low: "3.3"},
		`123456789.123456789`:     {low: "123456789.123456789"},
		`"面议"`:                    {text: "面议"},
		`" 面议 "`:                  {text: "面议"},
		`""`:                      {},
		`"  "`:                    {},
		`null`:                    {},
		``:                        {},
		`true`:                    {},
		`{"price":"1"}`:           {},
		`["1"]`:                   {},
		`"-5"`:                    {text: "-5"},
		`-5`:                      {text: "-5"},
		`"1-2-3"`:                 {text: "1-2-3"},
		`"1.50-"`:                 {text: "1.50-"},
		`"1.50-面议"`:               {text: "1.50-面议"},
		`"1,20"`:                  {text: "1,20"},
		`"1,2000"`:                {text: "1,2000"},
		`",200"`:                  {text: ",200"},
		`"1.200,50"`:              {text: "1.200,50"},
		`"¥"`:                     {text: "¥"},
		`"12.5.0"`:                {text: "12.5.0"},
		`"0x10"`:                  {text: "0x10"},
		`"1e3"`:                   {text: "1e3"},
		`1e999999999999999999999`: {text: "1e999999999999999999999"},
		`1234567890`:              {text: "1234567890"},
		`"$12.50"`:                {text: "$12.50"},
		`"USD 12.50"`:             {text: "USD 12.50"},
	} {
		checkPrice(t, raw, normal.Price(gjson.Parse(raw)), want)
	}
}

func TestFen(t *testing.T) {
	for raw, want := range map[string]price{
		`1010`:          {low: "10.1"},
		`"1010"`:        {low: "10.1"},
		`1010.0`:        {low: "10.1"},
		`1.01e3`:        {low: "10.1"},
		`5`:             {low: "0.05"},
		`0`:             {},
		`"0"`:           {},
		`0.0`:           {},
		`99999999999`:   {low: "999999999.99"},
		`100000000000`:  {},
		`10.5`:          {},
		`"1.50-3.20"`:   {},
		`-1`:            {},
		`"面议"`:          {text: "面议"},
		`""`:            {},
		`null`:          {},
		`false`:         {},
		`"１０１０"`:        {low: "10.1"},
		`1e30`:          {},
		`"12 fen"`:      {},
		`1000000000000`: {},
	} {
		checkPrice(t, raw, normal.Fen(gjson.Parse(raw)), want)
	}
}

func TestIsRange(t *testing.T) {
	for raw, want := range map[string]bool{`"1-2"`: true, `"2-2"`: false, `"2"`: false, `"面议"`: false} {
		if got := normal.Price(gjson.Parse(raw)).IsRange(); got != want {
			t.Errorf("%s: got %v", raw, got)
		}
	}
}

func TestCount(t *testing.T) {
	type count struct {
		N              int64
		AtLeast, Known bool
	}
	for raw, want := range map[string]count{
		`1213`:                   {N: 1213, Known: true},
		`"172"`:                  {N: 172, Known: true},
		`"800+"`:                 {N: 800, AtLeast: true, Known: true},
		`"800＋"`:                 {N: 800, AtLeast: true, Known: true},
		`"1.2万+"`:                {N: 12000, AtLeast: true, Known: true},
		`"2万+"`:                  {N: 20000, AtLeast: true, Known: true},
		`"2万"`:                   {N: 20000, Known: true},
		`"2w+"`:                  {N: 20000, AtLeast: true, Known: true},
		`"1.05亿"`:                {N: 105000000, Known: true},
		`"1,213"`:                {N: 1213, Known: true},
		`"１２"`:                   {N: 12, Known: true},
		`" 12 "`:                 {N: 12, Known: true},
		`0`:                      {Known: true},
		`"0"`:                    {Known: true},
		`1213.0`:                 {N: 1213, Known: true},
		`1.213e3`:                {N: 1213, Known: true},
		`9223372036854775807`:    {N: 9223372036854775807, Known: true},
		`9223372036854775808`:    {},
		`1213.5`:                 {},
		`"1.23456万"`:             {},
		`-1`:                     {},
		`"-1"`:                   {},
		`"+"`:                    {},
		`"万"`:                    {},
		`"abc"`:                  {},
		`""`:                     {},
		`null`:                   {},
		``:                       {},
		`true`:                   {},
		`[1]`:                    {},
		`1e40`:                   {},
		`1e99999999999999999999`: {},
	} {
		n, atLeast, known := normal.Count(gjson.Parse(raw))
		if diff := cmp.Diff(want, count{n, atLeast, known}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
	}
}

func TestShares(t *testing.T) {
	const unknown = -1
	for _, c := range []struct {
		raw           string
		rate, percent float64
	}{
		{`"10%"`, 0.1, 0.1},
		{`"100.00%"`, 1, 1},
		{`"１０％"`, 0.1, 0.1},
		{`"0%"`, 0, 0},
		{`"0.4666"`, unknown, 0.004666},
		{`0.4666`, unknown, 0.004666},
		{`"11"`, unknown, 0.11},
		{`87.5`, unknown, 0.875},
		{`"1"`, unknown, 0.01},
		{`"100.01%"`, unknown, unknown},
		{`"-1%"`, unknown, unknown},
		{`"%"`, unknown, unknown},
		{`""`, unknown, unknown},
		{`null`, unknown, unknown},
		{`true`, unknown, unknown},
		{`{}`, unknown, unknown},
	} {
		for name, got := range map[string]struct {
			read func(gjson.Result) (float64, bool)
			want float64
		}{"Rate": {normal.Rate, c.rate}, "Percent": {normal.Percent, c.percent}} {
			share, known := got.read(gjson.Parse(c.raw))
			if !known {
				share = unknown
			}
			if share != got.want {
				t.Errorf("%s(%s): got %v, want %v", name, c.raw, share, got.want)
			}
		}
	}
}

func TestFraction(t *testing.T) {
	for raw, want := range map[string]float64{
		`"0.4666"`: 0.4666, `0.4666`: 0.4666, `"46.66%"`: 0.4666, `"1"`: 1, `0`: 0, `"0.00"`: 0, `"100%"`: 1, `"０．５"`: 0.5,
		`"1.01"`: -1, `"101%"`: -1, `"-0.1"`: -1, `""`: -1, `null`: -1, `"x"`: -1, `[0.5]`: -1,
	} {
		share, known := normal.Fraction(gjson.Parse(raw))
		if !known {
			share = -1
		}
		if share != want {
			t.Errorf("%s: got %v, want %v", raw, share, want)
		}
	}
}

func TestScore(t *testing.T) {
	for raw, want := range map[string]float64{
		`"4.7"`: 4.7, `5`: 5, `"5.0"`: 5, `3.95`: 3.95, `"0"`: -1, `"0.00"`: -1, `0`: -1, `"5.1"`: -1, `"-1"`: -1, `""`: -1, `null`: -1, `"A"`: -1, `{}`: -1,
	} {
		score, known := normal.Score(gjson.Parse(raw))
		if !known {
			score = -1
		}
		if score != want {
			t.Errorf("%s: got %v, want %v", raw, score, want)
		}
	}
}

func TestTime(t *testing.T) {
	for raw, want := range map[string]string{
		`"2024-04-20 08:00:00"`:    "2024-04-20T00:00:00Z",
		`" 2024-04-20 08:00:00 "`:  "2024-04-20T00:00:00Z",
		`"2024-04-20"`:             "2024-04-19T16:00:00Z",
		`"20261010164552223+0800"`: "2026-10-10T08:45:52.223Z",
		`"20261010164552000+0000"`: "2026-10-10T16:45:52Z",
		`"20261010164552-0700"`:    "2026-10-10T23:45:52Z",
		`"1970-01-01 08:00:00"`:    "",
		`"0000-00-00 00:00:00"`:    "",
		`"2024-13-20 08:00:00"`:    "",
		`"yesterday"`:              "",
		`""`:                       "",
		`null`:                     "",
		`1713571200000`:            "",
		`{}`:                       "",
	} {
		at, known := normal.Time(gjson.Parse(raw))
		got := ""
		if known {
			got = at.Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", raw, got, want)
		}
	}
}

func TestID(t *testing.T) {
	for raw, want := range map[string]string{
		`620201390233`:            "620201390233",
		`"620201390233"`:          "620201390233",
		`1490507813791335080`:     "1490507813791335080",
		`"1490507813791335080"`:   "1490507813791335080",
		`9223372036854775807`:     "9223372036854775807",
		`18446744073709551615`:    "18446744073709551615",
		`" 42 "`:                  "42",
		`"0042"`:                  "42",
		`620201390233.0`:          "620201390233",
		`6.20201390233E11`:        "620201390233",
		`"0"`:                     "",
		`0`:                       "",
		`"000"`:                   "",
		`-5`:                      "",
		`5.5`:                     "",
		`"12a"`:                   "",
		`"1e3"`:                   "",
		`"123456789012345678901"`: "",
		`""`:                      "",
		`null`:                    "",
		`true`:                    "",
		`[5]`:                     "",
	} {
		id, ok := normal.ID(gjson.Parse(raw))
		if id != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", raw, id, ok, want)
		}
	}
}

func TestBool(t *testing.T) {
	for raw, want := range map[string][2]bool{
		`true`: {true, true}, `"true"`: {true, true}, `"TRUE"`: {true, true}, `1`: {true, true}, `"Y"`: {true, true},
		`false`: {false, true}, `"false"`: {false, true}, `0`: {false, true}, `"0"`: {false, true}, `"no"`: {false, true},
		`null`: {}, `""`: {}, `"perhaps"`: {}, `2`: {}, `{}`: {}, ``: {},
	} {
		value, known := normal.Bool(gjson.Parse(raw))
		if value != want[0] || known != want[1] {
			t.Errorf("%s: got %v, %v", raw, value, known)
		}
	}
}

func TestURL(t *testing.T) {
	for raw, want := range map[string]string{
		`"https://cbu01.alicdn.com/img/ibank/a.jpg"`: "https://cbu01.alicdn.com/img/ibank/a.jpg",
		`"img/ibank/O1CN01/a.jpg"`:                   "https://cbu01.alicdn.com/img/ibank/O1CN01/a.jpg",
		`"/img/ibank/a.jpg"`:                         "https://cbu01.alicdn.com/img/ibank/a.jpg",
		`"//cbu01.alicdn.com/a.jpg"`:                 "https://cbu01.alicdn.com/a.jpg",
		`"http://cbu01.alicdn.com/a.jpg"`:            "https://cbu01.alicdn.com/a.jpg",
		`"http://detail.1688.com/offer/1.html"`:      "https://detail.1688.com/offer/1.html",
		`"http://alicdn.com.evil.example/a"`:         "http://alicdn.com.evil.example/a",
		`"http://evilalicdn.com/a"`:                  "http://evilalicdn.com/a",
		`"http://127.0.0.1:1688/img/7.jpg"`:          "http://127.0.0.1:1688/img/7.jpg",
		`"http://a.1688.com:8080/x"`:                 "http://a.1688.com:8080/x",
		`" https://a.example/x?y=1#z "`:              "https://a.example/x?y=1#z",
		`"javascript:alert(1)"`:                      "",
		`"data:image/png;base64,AAAA"`:               "",
		`"https:///x"`:                               "",
		`"//"`:                                       "",
		`"a.jpg"`:                                    "",
		`"https://a.example/\"onload=x"`:             "",
		`"https://a.example/a b"`:                    "",
		`"https://a.example/\u001b[2J"`:              "",
		`""`:                                         "",
		`null`:                                       "",
		`5`:                                          "",
	} {
		got, ok := normal.URL(gjson.Parse(raw))
		if !ok {
			got = ""
		}
		if got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", raw, got, ok, want)
		}
	}
}

func TestFirst(t *testing.T) {
	object := gjson.Parse(`{"a":null,"b":"  ","c":0,"d":"x","e":false}`)
	for _, c := range []struct {
		names []string
		raw   string
	}{
		{[]string{"a", "b", "c", "d"}, "0"},
		{[]string{"missing", "d"}, `"x"`},
		{[]string{"e", "d"}, "false"},
		{[]string{"a", "missing"}, ""},
		{nil, ""},
	} {
		if got := normal.First(object, c.names...); got.Raw != c.raw || got.Exists() != (c.raw != "") {
			t.Errorf("%v: got %q", c.names, got.Raw)
		}
	}
}

func TestText(t *testing.T) {
	for raw, want := range map[string]string{`" a b "`: "a b", `12.50`: "12.50", `null`: "", `true`: "", `{"a":1}`: "", ``: ""} {
		if got := normal.Text(gjson.Parse(raw)); got != want {
			t.Errorf("%s: got %q, want %q", raw, got, want)
		}
	}
}
