package aop

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// pushes are the APIs for messages that could not be delivered (docs/PROTOCOL.md §4.6). Their answers have no flag of success and none
// of the usual names of data, so the whole answer is read.
func (d dialect) pushes() upstream.Pushes {
	return upstream.Pushes{
		List:    upstream.Operation[int, []string]{Encode: d.encodeListPushes, Decode: decodeListPushes},
		Confirm: upstream.Operation[[]string, struct{}]{Encode: d.encodeConfirmPushes, Decode: decodeConfirmPushes},
	}
}

// encodeListPushes asks for the first page: what is confirmed leaves the list, so later pages would pass over messages.
func (d dialect) encodeListPushes(most int) (upstream.Call, error) {
	return upstream.Call{API: d.methods.ListPushes.String(), Verbatim: true, Params: []upstream.Param{
		{Name: "page", Value: "1"},
		{Name: "pageSize", Value: strconv.Itoa(most)},
	}}, nil
}

func decodeListPushes(_ int, answer gjson.Result) ([]string, error) {
	page := answer.Get("pushMessagePage")
	list := page.Get("datas")
	if !list.IsArray() {
		if total, _, known := normal.Count(page.Get("totalCount")); known && total == 0 {
			return nil, nil
		}
		return nil, unreadable("a page of messages was expected")
	}
	var texts []string
	for _, message := range list.Array() {
		if message.Type == gjson.String {
			texts = append(texts, message.Str)
		} else {
			texts = append(texts, message.Raw)
		}
	}
	return texts, nil
}

func (d dialect) encodeConfirmPushes(ids []string) (upstream.Call, error) {
	return upstream.Call{API: d.methods.ConfirmPushes.String(), Verbatim: true, Params: []upstream.Param{
		{Name: "msgIdList", Value: "[" + strings.Join(ids, ",") + "]"},
	}}, nil
}

func decodeConfirmPushes(_ []string, answer gjson.Result) (struct{}, error) {
	confirmed, known := normal.Bool(answer.Get("isSuccess"))
	switch {
	case !known:
		return struct{}{}, unreadable("whether messages are confirmed was expected")
	case !confirmed:
		return struct{}{}, fault.New(fault.UpstreamRefused, "the upstream does not confirm these messages").WithFromResult(true)
	}
	return struct{}{}, nil
}
