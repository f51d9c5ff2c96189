package store

import (
	"context"
	"database/sql"
	"net/url"
	"time"
)

// EachWatch visits the watches of all owners, without memory and webhooks, in the order of their ids. It has one of them in memory at a
// time; a visit may keep it. Visits must be quick: they hold a connection.
func (s *Store) EachWatch(ctx context.Context, visit func(*Watch)) error {
	return s.query(ctx, func(rows *sql.Rows) error {
		w, err := scanWatch(rows)
		if err == nil {
			visit(w)
		}
		return err
	}, `SELECT `+listed+` FROM price_watch ORDER BY id`)
}

// LastSuccess returns when the last observation of a watch was due that succeeded; zero if none did, as far as the history is kept.
func (s *Store) LastSuccess(ctx context.Context, id string) (time.Time, error) {
	var due sql.NullInt64
	err := s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&due) },
		`SELECT due FROM price_observation WHERE watch_id = $1 AND succeeded = 1 ORDER BY due DESC LIMIT 1`, id)
	return whenever(due), err
}

// WebhookState is how many webhooks and deliveries there are, of all owners.
type WebhookState struct {
	// Webhooks are all; Failing those whose last attempt failed and that are tried anew, Disabled those that get nothing.
	Webhooks, Failing, Disabled int64
	// Pending are deliveries that are not made yet, Tried those among them that failed before.
	Pending, Tried int64
	// OldestPending is when the oldest of them was created; zero for none.
	OldestPending time.Time
}

// WebhookState counts webhooks and their deliveries.
func (s *Store) WebhookState(ctx context.Context) (WebhookState, error) {
	var (
		found  WebhookState
		oldest sql.NullInt64
	)
	err := s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&found.Webhooks, &found.Failing, &found.Disabled) },
		`SELECT count(*), count(CASE WHEN failures > 0 AND disabled = '' THEN 1 END), count(CASE WHEN disabled <> '' THEN 1 END) FROM price_webhook`)
	if err != nil {
		return WebhookState{}, err
	}
	err = s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&found.Pending, &found.Tried, &oldest) },
		`SELECT count(*), count(CASE WHEN attempts > 0 THEN 1 END), min(created) FROM price_webhook_delivery WHERE state = 1`)
	found.OldestPending = whenever(oldest)
	return found, err
}

// FailingWebhook is a webhook whose last attempt failed and that is tried anew.
type FailingWebhook struct {
	ID, WatchID, Owner string
	// Host is that of its address.
	Host string
	// Since is when the first of Failures attempts in a row failed.
	Since    time.Time
	Failures int64
	// Next is when it is tried next; zero if nothing is pending.
	Next time.Time
	// Pending is how many deliveries to it are not made yet, and Failure why the last attempt of the one that is due first failed.
	Pending int64
	Failure string
}

// FailingWebhooks returns up to that many webhooks that fail, the longest first.
func (s *Store) FailingWebhooks(ctx context.Context, limit int) ([]FailingWebhook, error) {
	var found []FailingWebhook
	err := s.query(ctx, func(rows *sql.Rows) error {
		var (
			w           FailingWebhook
			address     string
			since, next sql.NullInt64
			failure     sql.NullString
		)
		err := rows.Scan(&w.ID, &w.WatchID, &w.Owner, &address, &since, &w.Failures, &next, &w.Pending, &failure)
		if parsed, err := url.Parse(address); err == nil {
			w.Host = parsed.Host
		}
		w.Since, w.Next, w.Failure = whenever(since), whenever(next), failure.String
		found = append(found, w)
		return err
	}, `SELECT w.id, w.watch_id, p.owner, w.url, w.failing_since, w.failures, w.next_try,
		(SELECT count(*) FROM price_webhook_delivery AS d WHERE d.webhook_id = w.id AND d.state = 1),
		(SELECT d.failure FROM price_webhook_delivery AS d WHERE d.webhook_id = w.id AND d.state = 1 AND d.failure <> ''
			ORDER BY d.next_attempt, d.event_id LIMIT 1)
		FROM price_webhook AS w JOIN price_watch AS p ON p.id = w.watch_id
		WHERE w.failures > 0 AND w.disabled = '' ORDER BY w.failing_since, w.id LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	return found, nil
}
