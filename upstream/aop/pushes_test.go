package aop_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// TestUndeliveredPushes: the answers have none of the usual envelopes. What is no list is an error, and not an empty list.
func TestUndeliveredPushes(t *testing.T) {
	d := aop.New(aop.Config{})
	list, err := d.Pushes.List.Encode(200)
	want := upstream.Call{API: "cn.alibaba.open:push.query.messageList-1", Verbatim: true, Params: []upstream.Param{{Name: "page", Value: "1"}, {Name: "pageSize", Value: "200"}}}
	if diff := cmp.Diff(want, list); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	confirm, err := d.Pushes.Confirm.Encode([]string{"123", "456"})
	want = upstream.Call{API: "cn.alibaba.open:push.message.confirm-1", Verbatim: true, Params: []upstream.Param{{Name: "msgIdList", Value: "[123,456]"}}}
	if diff := cmp.Diff(want, confirm); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for body, c := range map[string]struct {
		texts []string
		kind  fault.Kind
	}{
		`{"pushMessagePage":{"datas":[{"msgId":1},"{\"msgId\":2}"],"totalCount":2}}`: {texts: []string{`{"msgId":1}`, `{"msgId":2}`}},
		`{"pushMessagePage":{"datas":[],"totalCount":0}}`:                            {},
		`{"pushMessagePage":{"datas":null,"totalCount":0}}`:                          {},
		`{"pushMessagePage":{"datas":null}}`:                                         {kind: fault.UpstreamAnswerUnreadable},
		`{"pushMessagePage":{"totalCount":3}}`:                                       {kind: fault.UpstreamAnswerUnreadable},
		`{}`:                                                                         {kind: fault.UpstreamAnswerUnreadable},
		`{"error_code":"gw.APIACLDecline"}`:                                          {kind: fault.UpstreamPermissionDenied},
	} {
		var texts []string
		payload, err := d.Wire.Open(list, http.StatusOK, []byte(body))
		if err == nil {
			texts, err = d.Pushes.List.Decode(200, payload)
		}
		if fault.KindOf(err) != c.kind && (err != nil || c.kind != 0) || !slices.Equal(texts, c.texts) {
			t.Errorf("%s: %q, %v", body, texts, err)
		}
	}
	for body, kind := range map[string]fault.Kind{
		`{"isSuccess":true}`: 0, `{"isSuccess":"true"}`: 0,
		`{"isSuccess":false}`: fault.UpstreamRefused, `{"isSuccess":null}`: fault.UpstreamAnswerUnreadable, `{}`: fault.UpstreamAnswerUnreadable,
	} {
		payload, err := d.Wire.Open(confirm, http.StatusOK, []byte(body))
		if err == nil {
			_, err = d.Pushes.Confirm.Decode(nil, payload)
		}
		if err == nil != (kind == 0) || err != nil && fault.KindOf(err) != kind {
			t.Errorf("%s: %v", body, err)
		}
	}
}
