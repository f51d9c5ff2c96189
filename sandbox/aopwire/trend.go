package aopwire

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// trendDay is how a date is written.
const trendDay = "20060102"

// trendHistory is how many days back there is data.
const trendHistory = 90

type trendRow struct {
	Date  string `json:"date"`
	Value string `json:"value"`
}

// trendValue is the value of an offer on a day; empty if there is none.
type trendValue func(c *call, o *catalog.Offer, day time.Time) string

// shanghai is the zone of all dates.
func shanghai() *time.Location { return time.FixedZone("CST", 8*60*60) }

// trendOf answers with a row for every day that is asked for. Days that are over, within the history and after the offer was
// made have data.
func trendOf(value trendValue) func(*call) (result, error) {
	return func(c *call) (result, error) {
		id, okID := c.args.integer("offerId")
		first, okFirst := c.day("startDate")
		last, okLast := c.day("endDate")
		switch {
		case !okID || !okFirst || !okLast || last.Before(first):
			return refusedBy(badArgument, "参数错误"), nil
		case last.After(first.AddDate(0, 1, 0)):
			return refusedBy(badArgument, "参数错误: 开始时间到截止时间不要超过1个月"), nil
		}
		o, ok, err := market.Find(c.R.Context(), c.Goods, id)
		if err != nil {
			return result{}, fmt.Errorf("asking the catalogue: %w", err)
		}
		if !ok {
			return refusedBy("404", "商品不存在"), nil
		}
		now := c.Arrived.In(shanghai())
		today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
		rows := []trendRow{}
		for day := first; !day.After(last) && !c.Faults.Has(faultword.Empty); day = day.AddDate(0, 0, 1) {
			row := trendRow{Date: day.Format(trendDay)}
			if day.Before(today) && !day.Before(today.AddDate(0, 0, -trendHistory)) && !day.Before(o.Created) {
				row.Value = value(c, o, day)
			}
			rows = append(rows, row)
		}
		return result{payload: rows}, nil
	}
}

func (c *call) day(name string) (time.Time, bool) {
	text, _ := c.args.text(name)
	day, err := time.ParseInLocation(trendDay, text, shanghai())
	return day, err == nil
}

// soldOn is about a thirtieth of what the catalogue has for 30 days, and less at weekends.
func soldOn(_ *call, o *catalog.Offer, day time.Time) string {
	if o.MonthSold == nil {
		return ""
	}
	percent := 95 + market.Draw(o, "sold "+day.Format(trendDay), 31)
	if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		percent -= 35
	}
	return strconv.Itoa(*o.MonthSold * percent / 3000)
}

// medianPriceOn is the median of the offer's prices at noon of 30 days, the last of which is the day. With drift these are the
// prices that searches answered at those times.
func medianPriceOn(c *call, o *catalog.Offer, day time.Time) string {
	var prices []int64
	for back := range 30 {
		at := o
		if c.GoodsAt != nil {
			var there bool
			if at, there = c.GoodsAt(day.AddDate(0, 0, -back).Add(12 * time.Hour)).Offer(o.ID); !there {
				continue
			}
		}
		if at.PriceFen != nil {
			prices = append(prices, *at.PriceFen)
		}
	}
	if len(prices) == 0 {
		return ""
	}
	slices.Sort(prices)
	return market.Yuan((prices[(len(prices)-1)/2] + prices[len(prices)/2]) / 2)
}

// repurchasedOn is the catalogue's rate, give or take a percentage point.
func repurchasedOn(_ *call, o *catalog.Offer, day time.Time) string {
	if o.RepurchasePercent == nil {
		return ""
	}
	percent := *o.RepurchasePercent - 1 + market.Draw(o, "repurchased "+day.Format(trendDay), 3)
	return strconv.Itoa(min(max(percent, 0), 100)) + "%"
}
