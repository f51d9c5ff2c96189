package cli

import (
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// watchDeliveries lists what is sent to a watch's webhooks, or sends one delivery again.
type watchDeliveries struct {
	ID        string `arg:"" name:"id" help:"Id of the price watch."`
	State     string `name:"state" enum:"all,pending,delivered,dead" default:"all" help:"all deliveries, or only those that are pending, delivered or dead."`
	Redeliver string `name:"redeliver" placeholder:"DELIVERY" help:"Send this delivery again, whatever became of it."`
	Limit     int32  `name:"limit" short:"n" default:"50" placeholder:"N" help:"How many deliveries are listed, those of the newest events first; at most 500."`
	Output    string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run lists the deliveries, or sends one again.
func (c *watchDeliveries) Run(s *session) error {
	if c.Redeliver != "" {
		return c.redeliver(s)
	}
	states := map[string]zhaohuov1.WebhookDeliveryState{
		"pending":   zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_PENDING,
		"delivered": zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DELIVERED,
		"dead":      zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DEAD,
	}
	q := &zhaohuov1.ListWebhookDeliveriesRequest{Id: c.ID, State: states[c.State], PageSize: c.Limit}
	answer, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.ListWebhookDeliveries, q)
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	columns := []column{
		{title: "DELIVERY"}, {title: "CREATED"}, {title: "STATE"}, {title: "ATTEMPTS", right: true}, {title: "WHY NOT", widest: 60, grows: true},
	}
	rows := make([][]string, len(answer.GetDeliveries()))
	for i, d := range answer.GetDeliveries() {
		rows[i] = []string{d.GetId(), timeText(d.GetCreateTime()), s.deliveryState(d), strconv.Itoa(int(d.GetAttempts())), d.GetFailure()}
	}
	if len(rows) > 0 {
		if err := writeTable(s, columns, rows); err != nil {
			return err
		}
	}
	if err := s.printEnd("%s\n", counted(s.words, len(rows), "delivery", "deliveries")); err != nil {
		return err
	}
	if answer.GetNextPageToken() != "" {
		return s.printEnd("there are more; --limit N lists up to 500\n")
	}
	return nil
}

// deliveryState is how a delivery stands, in words.
func (s *session) deliveryState(d *zhaohuov1.WebhookDelivery) string {
	switch d.GetState() {
	case zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_PENDING:
		return s.words.say("pending, next %s", timeText(d.GetNextAttemptTime()))
	case zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DELIVERED:
		return s.words.say("delivered")
	case zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DEAD:
		return s.words.say("dead")
	}
	return plainName(d.GetState().String(), "WEBHOOK_DELIVERY_STATE_") // Of a newer server.
}

func (c *watchDeliveries) redeliver(s *session) error {
	answer, err := askWatches(s, c.Target, zhaohuov1.PriceWatchServiceClient.RedeliverWebhook, &zhaohuov1.RedeliverWebhookRequest{Id: c.Redeliver})
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	return s.printEnd("%s is sent again; zhaohuo watch deliveries %s\n", plain(answer.GetDelivery().GetId()), plain(c.ID))
}
