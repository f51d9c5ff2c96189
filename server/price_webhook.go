package server

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// ListWebhookDeliveries implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) ListWebhookDeliveries(ctx context.Context, q *zhaohuov1.ListWebhookDeliveriesRequest) (*zhaohuov1.ListWebhookDeliveriesResponse, error) {
	return owned(ctx, p, q, p.Service.Deliveries)
}

// RedeliverWebhook implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) RedeliverWebhook(ctx context.Context, q *zhaohuov1.RedeliverWebhookRequest) (*zhaohuov1.RedeliverWebhookResponse, error) {
	return owned(ctx, p, q, p.Service.Redeliver)
}

// RotateWebhookSecret implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) RotateWebhookSecret(ctx context.Context, q *zhaohuov1.RotateWebhookSecretRequest) (*zhaohuov1.RotateWebhookSecretResponse, error) {
	return owned(ctx, p, q, p.Service.RotateSecret)
}
