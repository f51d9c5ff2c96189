package aopwire

import (
	"encoding/json"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// openPlatform is the namespace of the APIs for messages.
const openPlatform = "cn.alibaba.open"

// pushAPIs are about messages that could not be pushed. They need a signature and no token.
func pushAPIs() []api {
	return []api{
		{namespace: openPlatform, name: "push.query.messageList", version: "1", open: true, envelope: bare, answer: queryMessages},
		{namespace: openPlatform, name: "push.cursor.messageList", version: "1", open: true, envelope: bare, writes: true, answer: takeMessages},
		{namespace: openPlatform, name: "push.message.confirm", version: "1", open: true, envelope: bare, writes: true, required: []string{"msgIdList"}, answer: confirmMessages},
	}
}

// count is an argument within bounds; otherwise without one.
func (a arguments) count(name string, otherwise, least, most int64) (int, bool) {
	if !a.has(name) {
		return int(otherwise), true
	}
	n, ok := a.integer(name)
	return int(n), ok && n >= least && n <= most
}

// chosen are the messages that a call asks for; false if it asks wrongly.
func chosen(c *call) ([]wire.Message, bool) {
	after, ok := c.args.date("createStartTime")
	before, okBefore := c.args.date("createEndTime")
	if !ok || !okBefore {
		return nil, false
	}
	topic, _ := c.args.text("type")
	user, _ := c.args.text("userInfo")
	var all []wire.Message
	for _, m := range c.Undelivered.Of(c.App) {
		late := !before.IsZero() && m.Born.After(before)
		if !m.Born.Before(after) && !late && (topic == "" || topic == m.Type) && (user == "" || user == m.User) {
			all = append(all, m)
		}
	}
	return all, true
}

// date reads an optional moment, as [aopDate] writes it; the zero time without one.
func (a arguments) date(name string) (time.Time, bool) {
	text, _ := a.text(name)
	const seconds = len("20060102150405")
	if text == "" {
		return time.Time{}, true
	}
	if len(text) <= seconds {
		return time.Time{}, false
	}
	at, err := time.Parse("20060102150405.000-0700", text[:seconds]+"."+text[seconds:])
	return at, err == nil
}

func texts(messages []wire.Message) []json.RawMessage {
	all := make([]json.RawMessage, 0, len(messages))
	for _, m := range messages {
		all = append(all, json.RawMessage(m.Text))
	}
	return all
}

func queryMessages(c *call) (result, error) {
	all, ok := chosen(c)
	page, okPage := c.args.count("page", 1, 1, 1_000_000)
	size, okSize := c.args.count("pageSize", 20, 20, 200)
	if !ok || !okPage || !okSize {
		return refusedBy(badArgument, "参数错误"), nil
	}
	from := min((page-1)*size, len(all))
	part := all[from:min(from+size, len(all))]
	return result{payload: object{"pushMessagePage": object{"datas": texts(part), "totalCount": len(all)}}}, nil
}

// takeMessages confirms what it returns.
func takeMessages(c *call) (result, error) {
	all, ok := chosen(c)
	quantity, okQuantity := c.args.count("quantity", 20, 20, 200)
	if !ok || !okQuantity {
		return refusedBy(badArgument, "参数错误"), nil
	}
	all = all[:min(quantity, len(all))]
	var ids []int64
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	c.Undelivered.Confirm(c.App, ids)
	return result{payload: object{"pushMessageList": texts(all)}}, nil
}

func confirmMessages(c *call) (result, error) {
	text, _ := c.args.text("msgIdList")
	ids, ok := numbers(text)
	if !ok {
		return refusedBy(badArgument, "参数错误"), nil
	}
	c.Undelivered.Confirm(c.App, ids)
	return result{payload: object{"isSuccess": true}}, nil
}

// numbers reads a JSON list of numbers.
func numbers(text string) (list []int64, ok bool) {
	err := json.Unmarshal([]byte(text), &list)
	return list, err == nil
}
