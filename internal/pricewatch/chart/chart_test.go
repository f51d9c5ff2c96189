package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/chart"
)

func yuan(units int64) *moneypb.Money { return &moneypb.Money{CurrencyCode: "CNY", Units: units} }

func hour(n int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour))
}

// observed is a point at an hour whose median is so many yuan.
func observed(at int, median int64) *zhaohuov1.PriceTrendPoint {
	return &zhaohuov1.PriceTrendPoint{
		Time: hour(at), Min: yuan(median - 2), Q1: yuan(median - 1), Median: yuan(median), Q3: yuan(median + 1), Max: yuan(median + 2), ObservationCount: 1,
	}
}

// element is one element of a picture.
type element struct {
	name       string
	attributes map[string]string
	text       string
}

// draw draws a picture, which must be well-formed.
func draw(t *testing.T, o chart.Options) []element {
	t.Helper()
	svg, err := chart.SVG(o)
	if err != nil {
		t.Fatal(err)
	}
	var all []element
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			one := element{name: token.Name.Local, attributes: map[string]string{}}
			for _, a := range token.Attr {
				one.attributes[a.Name.Local] = a.Value
			}
			all = append(all, one)
		case xml.CharData:
			all[len(all)-1].text += string(token)
		}
	}
}

// texts are the texts of a picture.
func texts(all []element) string {
	var b strings.Builder
	for _, e := range all {
		if e.name == "text" {
			b.WriteString(e.text + "\n")
		}
	}
	return b.String()
}

// strokes are the lines of a color that have more than one point, each with how many.
func strokes(all []element, color string) []int {
	var found []int
	for _, e := range all {
		if e.name == "path" && strings.Contains(e.attributes["style"], "stroke:"+color) && strings.Contains(e.attributes["style"], "stroke-width:2;") {
			if n := strings.Count(e.attributes["d"], "L"); n > 0 {
				found = append(found, n+1)
			}
		}
	}
	return found
}

const (
	medianColor = "rgb(26,86,219)"
	failedColor = "rgb(197,34,31)"
)

// TestTextIsOnlyText: whatever a title says, it is text: no element, no reference, no handler.
func TestTextIsOnlyText(t *testing.T) {
	title := `<script>alert(1)</script>"'&]]>` + "\x00\x1b\ufffe" + `<image href="http://evil.example/x"/> 保温杯`
	o := chart.Options{Title: title, Trend: &zhaohuov1.QueryPriceTrendResponse{
		Points: []*zhaohuov1.PriceTrendPoint{observed(0, 20), observed(1, 22)},
		Products: []*zhaohuov1.ProductPriceTrend{{
			ProductId: "610947572360", Title: `<style>*{}</style>`, Points: []*zhaohuov1.ProductPricePoint{{Time: hour(0), Price: yuan(19)}},
		}},
	}}
	all := draw(t, o)
	for _, e := range all {
		switch e.name {
		case "svg", "path", "text", "circle":
		default:
			t.Errorf("an element %s", e.name)
		}
		for name, value := range e.attributes {
			if name == "href" || strings.HasPrefix(name, "on") || strings.Contains(value, "url(") || strings.Contains(value, "evil") {
				t.Errorf("%s has %s=%q", e.name, name, value)
			}
		}
	}
	if got := texts(all); !strings.Contains(got, `<script>alert(1)</script>"'&]]><image href="http://evil.example/x"/> 保温杯`) || !strings.Contains(got, "610947572360 <style>*{}</style> (basis not known)") {
		t.Errorf("texts:\n%s", got)
	}
}

// TestGapsAreGaps: a failed observation, one without a price and a long time without any break the line.
func TestGapsAreGaps(t *testing.T) {
	points := []*zhaohuov1.PriceTrendPoint{observed(0, 20), observed(1, 21), observed(2, 22)}
	points = append(points, &zhaohuov1.PriceTrendPoint{Time: hour(3), FailedCount: 1}, observed(4, 20), observed(5, 20))
	points = append(points, &zhaohuov1.PriceTrendPoint{Time: hour(6), ObservationCount: 1}, observed(7, 20), observed(8, 25))
	points = append(points, observed(30, 24), observed(31, 24), observed(32, 24), observed(33, 24))
	all := draw(t, chart.Options{Trend: &zhaohuov1.QueryPriceTrendResponse{Points: points}})
	if got := fmt.Sprint(strokes(all, medianColor)); got != "[3 2 2 4]" {
		t.Errorf("the median is drawn in runs of %s points", got)
	}
	if got := len(strokes(all, failedColor)); got != 1 {
		t.Errorf("%d failures are marked", got)
	}
	if got := texts(all); !strings.Contains(got, "failed observations\n") || strings.Contains(got, "¥0\n") {
		t.Errorf("texts:\n%s", got)
	}
}

// TestBasesAreApart: a product whose price changes its basis is drawn as two lines, and a price in dollars is not drawn.
func TestBasesAreApart(t *testing.T) {
	point := func(at int, price *moneypb.Money, basis zhaohuov1.PriceBasis) *zhaohuov1.ProductPricePoint {
		return &zhaohuov1.ProductPricePoint{Time: hour(at), Price: price, PriceBasis: basis}
	}
	exact, list := zhaohuov1.PriceBasis_PRICE_BASIS_EXACT_AT_QUANTITY, zhaohuov1.PriceBasis_PRICE_BASIS_LIST
	trend := &zhaohuov1.QueryPriceTrendResponse{
		Points: []*zhaohuov1.PriceTrendPoint{observed(0, 20), observed(1, 20), observed(2, 20), observed(3, 20), observed(4, 20)},
		Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX,
		Products: []*zhaohuov1.ProductPriceTrend{
			{ProductId: "1", Title: "杯", Points: []*zhaohuov1.ProductPricePoint{
				point(0, yuan(9), exact), point(1, yuan(9), exact), point(3, yuan(8), list), point(4, &moneypb.Money{CurrencyCode: "USD", Units: 1}, list),
			}},
			{ProductId: "2"},
		},
	}
	for language, want := range map[bool]string{
		false: "1 杯 (at the quantity)\n1 杯 (list price)\n1 杯 (also in another currency, not drawn)\n2 (no price)\n",
		true:  "1 杯（该数量的准确价）\n1 杯（标价）\n1 杯（另有其他币种，未画出）\n2（无价格）\n",
	} {
		got := texts(draw(t, chart.Options{Title: "杯子", Trend: trend, Chinese: language}))
		if !strings.Contains(got, want) || !strings.HasPrefix(got, "杯子\n") {
			t.Errorf("Chinese %v:\n%s", language, got)
		}
		if made := map[bool]string{false: "SANDBOX: these goods are made up", true: "沙箱：商品均为虚构"}[language]; !strings.Contains(got, made) {
			t.Errorf("no %q in\n%s", made, got)
		}
	}
}

// TestFewPoints: no point, one point and points without a price are drawn too.
func TestFewPoints(t *testing.T) {
	nothing := []*zhaohuov1.PriceTrendPoint{{Time: hour(0), FailedCount: 3}, {Time: hour(1), ObservationCount: 1}}
	for name, test := range map[string]struct {
		points []*zhaohuov1.PriceTrendPoint
		want   string
	}{
		"none":     {nil, "no prices in this time\n"},
		"one":      {[]*zhaohuov1.PriceTrendPoint{observed(0, 20)}, "¥20\n"},
		"unpriced": {nothing, "no prices in this time\n"},
		"far":      {[]*zhaohuov1.PriceTrendPoint{observed(0, 20), observed(24*3650, 900_000_000)}, "¥1000000000\n"},
	} {
		if got := texts(draw(t, chart.Options{Trend: &zhaohuov1.QueryPriceTrendResponse{Points: test.points}})); !strings.Contains(got, test.want) {
			t.Errorf("%s: no %q in\n%s", name, test.want, got)
		}
	}
}

// TestLongTextsAreCut: a title and the names of products stay in the picture.
func TestLongTextsAreCut(t *testing.T) {
	long := strings.Repeat("长", 100)
	got := texts(draw(t, chart.Options{Title: long, Trend: &zhaohuov1.QueryPriceTrendResponse{Products: []*zhaohuov1.ProductPriceTrend{{ProductId: "1", Title: long}}}}))
	lines := strings.Split(got, "\n")
	if n := len([]rune(lines[0])); n > 50 || !strings.HasSuffix(lines[0], "长…") {
		t.Errorf("the title has %d characters: %s", n, lines[0])
	}
	if !strings.Contains(got, "1 "+strings.Repeat("长", 18)+"… (no price)\n") {
		t.Errorf("texts:\n%s", got)
	}
}
