package pricewatch

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/webhook"
)

// Webhooks decides where events may be sent to, and makes secrets.
type Webhooks interface {
	// Check refuses an address; the error says what is wrong with "it".
	Check(address string) error
	// NewWebhook makes a webhook with a new secret.
	NewWebhook(address string) store.Webhook
	// NewSecret makes a secret for a webhook that is there: as its owner gets it, and as it is stored.
	NewSecret(webhookID string) (plain string, sealed []byte)
}

// webhooks are those that are asked for. One whose address is there already stays what it is, and is active.
func (s *Service) webhooks(asked []*zhaohuov1.PriceWebhook, present []store.Webhook) ([]store.Webhook, error) {
	var all []store.Webhook
	for i, hook := range asked {
		path, address := fmt.Sprintf("price_watch.webhooks[%d].url", i), hook.GetUrl()
		if err := s.Webhooks.Check(address); err != nil {
			return nil, fault.Invalid(path, "ADDRESS", "may not be sent to: %s", err)
		}
		same := func(other store.Webhook) bool { return other.URL == address }
		if slices.ContainsFunc(all, same) {
			return nil, fault.Invalid(path, "UNIQUE", "is there twice")
		}
		if at := slices.IndexFunc(present, same); at >= 0 {
			kept := present[at]
			kept.Disabled = ""
			all = append(all, kept)
			continue
		}
		all = append(all, s.Webhooks.NewWebhook(address))
	}
	return all, nil
}

// shownWebhook is a webhook as callers see it: with its secret only if it was made just now.
func shownWebhook(w store.Webhook) *zhaohuov1.PriceWebhook {
	shown := &zhaohuov1.PriceWebhook{
		Id: w.ID, Url: w.URL, State: zhaohuov1.PriceWebhookState_PRICE_WEBHOOK_STATE_ACTIVE, SigningSecret: w.Plain.Reveal(),
	}
	if w.Disabled != "" {
		shown.State, shown.DisabledReason = zhaohuov1.PriceWebhookState_PRICE_WEBHOOK_STATE_DISABLED, w.Disabled
	}
	return shown
}

func shownWebhooks(all []store.Webhook) []*zhaohuov1.PriceWebhook {
	var shown []*zhaohuov1.PriceWebhook
	for _, w := range all {
		shown = append(shown, shownWebhook(w))
	}
	return shown
}

// RotateSecret gives a webhook a new secret, which only this answer has.
func (s *Service) RotateSecret(ctx context.Context, owner string, q *zhaohuov1.RotateWebhookSecretRequest) (*zhaohuov1.RotateWebhookSecretResponse, error) {
	plain, sealed := s.Webhooks.NewSecret(q.GetWebhookId())
	hook, err := s.Store.RotateWebhookSecret(ctx, owner, q.GetId(), q.GetWebhookId(), sealed, s.Now().Add(webhook.RotationTime))
	if err != nil {
		return nil, err
	}
	shown := shownWebhook(hook)
	shown.SigningSecret = plain
	return &zhaohuov1.RotateWebhookSecretResponse{Webhook: shown}, nil
}

// Deliveries returns a page of a watch's deliveries, those of the newest event first.
func (s *Service) Deliveries(
	ctx context.Context, owner string, q *zhaohuov1.ListWebhookDeliveriesRequest,
) (*zhaohuov1.ListWebhookDeliveriesResponse, error) {
	if _, err := s.Store.GetWatch(ctx, owner, q.GetId()); err != nil {
		return nil, err
	}
	pages := pages{"deliveries", owner + "\x00" + q.GetId() + "\x00" + q.GetState().String()}
	var after store.DeliveryCursor
	if q.GetPageToken() != "" {
		place, err := pages.read(q.GetPageToken(), 2)
		if err != nil {
			return nil, err
		}
		after.WebhookID = place[1]
		after.EventID, _ = strconv.ParseInt(place[0], 10, 64) // The token's sum was right.
	}
	size := pageSize(q.GetPageSize())
	found, err := s.Store.Deliveries(ctx, q.GetId(), q.GetState(), after, size+1)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ListWebhookDeliveriesResponse{}
	if len(found) > size {
		found = found[:size]
		last := found[size-1]
		answer.NextPageToken = pages.token(strconv.FormatInt(last.EventID, 10), last.WebhookID)
	}
	for _, d := range found {
		answer.Deliveries = append(answer.Deliveries, shownDelivery(d))
	}
	return answer, nil
}

// Redeliver sends a delivery again.
func (s *Service) Redeliver(ctx context.Context, owner string, q *zhaohuov1.RedeliverWebhookRequest) (*zhaohuov1.RedeliverWebhookResponse, error) {
	d, err := s.Store.Redeliver(ctx, owner, q.GetId(), s.Now())
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.RedeliverWebhookResponse{Delivery: shownDelivery(d)}, nil
}

func shownDelivery(d store.Delivery) *zhaohuov1.WebhookDelivery {
	return &zhaohuov1.WebhookDelivery{
		Id: d.ID(), WatchId: d.WatchID, WebhookId: d.WebhookID, EventId: strconv.FormatInt(d.EventID, 10), State: d.State, Attempts: d.Attempts,
		CreateTime: timestamppb.New(d.CreateTime), HttpStatus: d.Status, Failure: d.Failure,
		LastAttemptTime: fields.Time(d.LastAttempt), NextAttemptTime: fields.Time(d.NextAttempt),
	}
}
