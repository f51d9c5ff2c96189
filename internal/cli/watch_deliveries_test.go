package cli

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

const (
	pendingDelivery   = zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_PENDING
	deliveredDelivery = zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DELIVERED
	deadDelivery      = zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DEAD
)

// deliveries of the watch pw_1, one in each state.
func (*watchServer) deliveries() []*zhaohuov1.WebhookDelivery {
	return []*zhaohuov1.WebhookDelivery{
		{Id: "msg_3_wh_a", State: pendingDelivery, Attempts: 2, CreateTime: atHour(3), NextAttemptTime: atHour(4), Failure: "the target answers HTTP 500"},
		{Id: "msg_2_wh_a", State: deliveredDelivery, Attempts: 1, CreateTime: atHour(2)},
		{Id: "msg_1_wh_a", State: deadDelivery, Attempts: 17, CreateTime: atHour(1), Failure: "the target did not answer in time"},
	}
}

func (w *watchServer) ListWebhookDeliveries(_ context.Context, q *zhaohuov1.ListWebhookDeliveriesRequest) (*zhaohuov1.ListWebhookDeliveriesResponse, error) {
	if q.GetId() != "pw_1" {
		return nil, status.Error(codes.NotFound, "there is no such price watch")
	}
	answer := &zhaohuov1.ListWebhookDeliveriesResponse{}
	for _, d := range w.deliveries() {
		if q.GetState() == 0 || q.GetState() == d.GetState() {
			answer.Deliveries = append(answer.Deliveries, d)
		}
	}
	if size := int(q.GetPageSize()); len(answer.GetDeliveries()) > size {
		answer.Deliveries, answer.NextPageToken = answer.GetDeliveries()[:size], "more"
	}
	return answer, nil
}

func (w *watchServer) RedeliverWebhook(_ context.Context, q *zhaohuov1.RedeliverWebhookRequest) (*zhaohuov1.RedeliverWebhookResponse, error) {
	for _, d := range w.deliveries() {
		if d.GetId() == q.GetId() {
			return &zhaohuov1.RedeliverWebhookResponse{Delivery: d}, nil
		}
	}
	return nil, status.Error(codes.NotFound, "there is no such delivery")
}

func TestWatchDeliveries(t *testing.T) {
	w := &watchServer{}
	addr := w.serve(t)
	at := func(n int) string { return localTime(atHour(n).AsTime()) }
	for args, want := range map[string][]string{
		"pw_1": {
			"msg_3_wh_a  " + at(3) + "  pending, next " + at(4), "the target answers HTTP 500", "msg_2_wh_a  " + at(2) + "  delivered",
			"msg_1_wh_a  " + at(1) + "  dead", "the target did not answer in time", "3 deliveries\n",
		},
		"pw_1 --state dead":              {"msg_1_wh_a", "1 delivery\n"},
		"pw_1 --limit 2":                 {"2 deliveries\n", "there are more"},
		"pw_1 --redeliver msg_1_wh_a":    {"msg_1_wh_a is sent again; zhaohuo watch deliveries pw_1\n"},
		"pw_1 --state dead -o json":      {`"msg_1_wh_a"`, `"WEBHOOK_DELIVERY_STATE_DEAD"`},
		"pw_1 --redeliver msg_1 -o json": nil,
		"pw_2":                           nil,
	} {
		got := run(t, nil, append(append([]string{"watch", "deliveries"}, strings.Fields(args)...), "--addr", addr)...)
		if (got.code == 0) != (want != nil) {
			t.Errorf("%s: %+v", args, got)
		}
		for _, part := range want {
			if !strings.Contains(got.stdout, part) {
				t.Errorf("%s: %q is not in\n%s", args, part, got.stdout)
			}
		}
	}
}
