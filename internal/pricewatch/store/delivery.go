package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// DeliveryTime is how long it is tried to deliver an event to a webhook.
const DeliveryTime = 24 * time.Hour

// Delivery is one event on its way to one webhook. It is written together with the event.
type Delivery struct {
	EventID            int64
	WebhookID, WatchID string
	State              zhaohuov1.WebhookDeliveryState
	// Attempts is how often it was sent, since it was created or last redelivered.
	Attempts int32
	// Since is when the [DeliveryTime] began: with its creation, its first attempt or its redelivery.
	CreateTime, Since time.Time
	// LastAttempt is zero if it was never sent, NextAttempt if it is not pending.
	LastAttempt, NextAttempt time.Time
	// Status is the HTTP status of the last answer, 0 for none. Failure is why it is not delivered.
	Status  int32
	Failure string
}

// ID is what callers and receivers know the delivery by. No other has the same.
func (d *Delivery) ID() string { return "msg_" + strconv.FormatInt(d.EventID, 10) + "_" + d.WebhookID }

// parseDelivery takes an id apart that ID made.
func parseDelivery(id string) (eventID int64, webhookID string, ok bool) {
	number, webhookID, _ := strings.Cut(strings.TrimPrefix(id, "msg_"), "_")
	eventID, err := strconv.ParseInt(number, 10, 64)
	d := Delivery{EventID: eventID, WebhookID: webhookID}
	return eventID, webhookID, err == nil && d.ID() == id && storable(id)
}

const deliveryColumns = `d.event_id, d.webhook_id, d.watch_id, d.state, d.attempts, d.created, d.since, d.last_attempt, d.next_attempt,
	d.status, d.failure`

func scanDelivery(rows *sql.Rows, more ...any) (Delivery, error) {
	var (
		d              Delivery
		state          int32
		created, since int64
		last, next     sql.NullInt64
	)
	err := rows.Scan(append([]any{
		&d.EventID, &d.WebhookID, &d.WatchID, &state, &d.Attempts, &created, &since, &last, &next, &d.Status, &d.Failure,
	}, more...)...)
	d.State = zhaohuov1.WebhookDeliveryState(state)
	d.CreateTime, d.Since, d.LastAttempt, d.NextAttempt = moment(created), moment(since), whenever(last), whenever(next)
	return d, err
}

// insertDeliveries writes the deliveries of a watch's events after an id, and has its webhooks looked at.
func (s *Store) insertDeliveries(ctx context.Context, tx *sql.Tx, watchID string, after int64) error {
	now := s.now().UnixMilli()
	n, err := exec(ctx, tx, `INSERT INTO price_webhook_delivery
		(event_id, webhook_id, watch_id, state, attempts, created, since, next_attempt, status, failure)
		SELECT e.id, w.id, w.watch_id, 1, 0, CAST($3 AS BIGINT), $3, $3, 0, '' FROM price_event AS e JOIN price_webhook AS w ON w.watch_id = e.watch_id
		WHERE e.watch_id = $1 AND e.id > $2 AND w.disabled = ''`, watchID, after, now)
	if err != nil || n == 0 {
		return err
	}
	_, err = exec(ctx, tx, `UPDATE price_webhook SET next_try = CASE WHEN not_before > $2 THEN not_before ELSE $2 END
		WHERE watch_id = $1 AND disabled = '' AND
			(next_try IS NULL OR next_try > CASE WHEN not_before > $2 THEN not_before ELSE $2 END)`, watchID, now)
	return err
}

// DeliveryCursor is a place in a list of deliveries: that one is the last already seen. The zero value is before the newest.
type DeliveryCursor struct {
	EventID   int64
	WebhookID string
}

// Deliveries returns up to that many deliveries of a watch after a place, those of the newest event first: all, or those in a
// state.
func (s *Store) Deliveries(
	ctx context.Context, watchID string, state zhaohuov1.WebhookDeliveryState, after DeliveryCursor, limit int,
) ([]Delivery, error) {
	condition, args := `d.watch_id = $1`, []any{watchID, limit}
	if state != 0 {
		args = append(args, int(state))
		condition += ` AND d.state = $3`
	}
	if after != (DeliveryCursor{}) {
		args = append(args, after.EventID, after.WebhookID)
		condition += ` AND (d.event_id, d.webhook_id) < ($` + strconv.Itoa(len(args)-1) + `, $` + strconv.Itoa(len(args)) + `)`
	}
	var found []Delivery
	err := s.query(ctx, func(rows *sql.Rows) error {
		d, err := scanDelivery(rows)
		found = append(found, d)
		return err
	}, `SELECT `+deliveryColumns+` FROM price_webhook_delivery AS d WHERE `+condition+`
		ORDER BY d.event_id DESC, d.webhook_id DESC LIMIT $2`, args...)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Redeliver sends a delivery of the owner again, from now on and in any state. Errors are
// [fault.WebhookDeliveryNotFound] and [fault.WebhookDisabled].
func (s *Store) Redeliver(ctx context.Context, owner, id string, now time.Time) (Delivery, error) {
	missing := fault.New(fault.WebhookDeliveryNotFound, "there is no delivery with this id").WithSubject(id)
	eventID, webhookID, ok := parseDelivery(id)
	if !ok {
		return Delivery{}, missing
	}
	lock := ""
	if s.Postgres() {
		lock = " FOR UPDATE OF w"
	}
	var d Delivery
	err := s.InTx(ctx, func(tx *sql.Tx) error {
		found, disabled := false, ""
		err := query(ctx, tx, func(rows *sql.Rows) error {
			var err error
			found = true
			d, err = scanDelivery(rows, &disabled)
			return err
		}, `SELECT `+deliveryColumns+`, w.disabled FROM price_webhook AS w JOIN price_webhook_delivery AS d ON d.webhook_id = w.id
			JOIN price_watch AS p ON p.id = w.watch_id WHERE w.id = $1 AND d.event_id = $2 AND p.owner = $3`+lock,
			webhookID, eventID, owner)
		switch {
		case err != nil:
			return err
		case !found:
			return missing
		case disabled != "":
			return fault.New(fault.WebhookDisabled, "the webhook is disabled: %s", disabled).WithSubject(id)
		}
		d.State, d.Attempts, d.Since, d.NextAttempt, d.Failure = pending, 0, moment(now.UnixMilli()), moment(now.UnixMilli()), ""
		_, err = exec(ctx, tx, `UPDATE price_webhook_delivery SET state = 1, attempts = 0, since = $3, next_attempt = $3, failure = ''
			WHERE event_id = $1 AND webhook_id = $2`, eventID, webhookID, now.UnixMilli())
		if err != nil {
			return err
		}
		// Somebody waits: the pause after failures does not hold.
		_, err = exec(ctx, tx, `UPDATE price_webhook SET next_try = $2, not_before = 0 WHERE id = $1`, webhookID, now.UnixMilli())
		return err
	})
	return d, err
}

const (
	pending   = zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_PENDING
	delivered = zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DELIVERED
	dead      = zhaohuov1.WebhookDeliveryState_WEBHOOK_DELIVERY_STATE_DEAD
)

// ClaimWebhooks returns the ids of up to that many webhooks that have something to send, those that wait longest first. Nobody
// gets them again before the lease ends, unless [Store.SettleWebhook] or an attempt sets another time.
func (s *Store) ClaimWebhooks(ctx context.Context, tx *sql.Tx, now time.Time, lease time.Duration, limit int) ([]string, error) {
	var ids []string
	err := query(ctx, tx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM price_webhook WHERE next_try <= $1 ORDER BY next_try LIMIT $2`+s.skipLocked, now.UnixMilli(), limit)
	if err != nil {
		return nil, err
	}
	for chunk := range slices.Chunk(ids, rowsAtOnce) {
		args := []any{now.Add(lease).UnixMilli()}
		for _, id := range chunk {
			args = append(args, id)
		}
		_, err := exec(ctx, tx, `UPDATE price_webhook SET next_try = $1 WHERE id IN (`+places(2, len(chunk))+`)`, args...)
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// EarliestWebhook returns when a webhook has something to send next; zero: none has.
func (s *Store) EarliestWebhook(ctx context.Context) (time.Time, error) {
	var next sql.NullInt64
	err := s.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&next) },
		`SELECT min(next_try) FROM price_webhook WHERE next_try IS NOT NULL`)
	return whenever(next), err
}

// Outgoing is a delivery that is to be sent.
type Outgoing struct {
	Delivery
	Webhook Webhook
	Event   *zhaohuov1.PriceEvent
	// Failures is how many attempts to send to the webhook failed in a row.
	Failures int
}

// NextDelivery returns what is to be sent to a webhook now, the longest due first and then in the order of events; nil if there
// is nothing, or it may not be sent yet.
func (s *Store) NextDelivery(ctx context.Context, webhookID string, now time.Time) (*Outgoing, error) {
	var next *Outgoing
	err := s.query(ctx, func(rows *sql.Rows) error {
		var (
			o          = &Outgoing{Event: &zhaohuov1.PriceEvent{}}
			to, finish = o.Webhook.fields()
			body       []byte
			err        error
		)
		if o.Delivery, err = scanDelivery(rows, append(to, &o.Failures, &body)...); err != nil {
			return err
		}
		finish()
		next = o
		if err := decode(body, o.Event); err != nil {
			return err
		}
		o.Event.Id = strconv.FormatInt(o.EventID, 10)
		return nil
	}, `SELECT `+deliveryColumns+`, `+webhookColumns+`, w.failures, e.body
		FROM price_webhook AS w JOIN price_webhook_delivery AS d ON d.webhook_id = w.id JOIN price_event AS e ON e.id = d.event_id
		WHERE w.id = $1 AND w.disabled = '' AND w.not_before <= $2 AND d.state = 1 AND d.next_attempt <= $2
		ORDER BY d.next_attempt, d.event_id LIMIT 1`, webhookID, now.UnixMilli())
	if err != nil {
		return nil, err
	}
	return next, nil
}

// Attempt is what became of sending a delivery.
type Attempt struct {
	// At is when it ended.
	At time.Time
	// Status is the HTTP status of the answer, 0 for none.
	Status int
	// Failure is why the target did not take it. Empty: it did.
	Failure string
	// Next is when it is sent again, after a failure. Zero: never.
	Next time.Time
	// NotBefore is until when nothing is sent to the webhook, after a failure.
	NotBefore time.Time
	// Disable is why the webhook gets nothing more. Empty: it stays active.
	Disable string
}

// FinishDelivery stores what became of an attempt. After a failure, what waited for longer than [DeliveryTime] while the target
// took nothing is dead too, and all that is pending if the webhook gets disabled. It returns how many deliveries are dead now that
// were not before.
func (s *Store) FinishDelivery(ctx context.Context, o *Outgoing, a Attempt) (givenUp int, err error) {
	at := a.At.UnixMilli()
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		givenUp = 0
		var failingSince sql.NullInt64
		found := false
		err := query(ctx, tx, func(rows *sql.Rows) error {
			found = true
			return rows.Scan(&failingSince)
		}, `SELECT failing_since FROM price_webhook WHERE id = $1`+s.forUpdate, o.WebhookID)
		if err != nil || !found {
			return err
		}
		if err := finishAttempt(ctx, tx, o, a); err != nil {
			return err
		}
		if a.Failure == "" {
			_, err = exec(ctx, tx, `UPDATE price_webhook SET failures = 0, failing_since = NULL, not_before = 0 WHERE id = $1`, o.WebhookID)
		} else {
			_, err = exec(ctx, tx, `UPDATE price_webhook SET failures = failures + 1, failing_since = COALESCE(failing_since, $2),
				not_before = $3, disabled = $4 WHERE id = $1`, o.WebhookID, at, a.NotBefore.UnixMilli(), a.Disable)
			old := at - DeliveryTime.Milliseconds()
			switch {
			case err != nil:
			case a.Disable != "":
				givenUp, err = giveUp(ctx, tx, o.WebhookID, at, a.Disable)
			case failingSince.Valid && failingSince.Int64 <= old:
				givenUp, err = giveUp(ctx, tx, o.WebhookID, old, "the target took nothing for 24 hours; the last time: "+a.Failure)
			}
			if a.Next.IsZero() {
				givenUp++
			}
		}
		if err != nil {
			return err
		}
		return settle(ctx, tx, o.WebhookID)
	})
	return givenUp, err
}

// finishAttempt updates the delivery.
func finishAttempt(ctx context.Context, tx *sql.Tx, o *Outgoing, a Attempt) error {
	state, since := delivered, o.Since
	if a.Failure != "" {
		state = pending
		if a.Next.IsZero() {
			state = dead
		}
	}
	if o.Attempts == 0 {
		since = a.At
	}
	_, err := exec(ctx, tx, `UPDATE price_webhook_delivery SET state = $3, attempts = attempts + 1, since = $4, last_attempt = $5,
		next_attempt = $6, status = $7, failure = $8 WHERE event_id = $1 AND webhook_id = $2`,
		o.EventID, o.WebhookID, int(state), since.UnixMilli(), a.At.UnixMilli(), millis(a.Next), a.Status, a.Failure)
	return err
}

// giveUp ends what is pending since a time or longer, and returns how many deliveries that is.
func giveUp(ctx context.Context, tx *sql.Tx, webhookID string, since int64, why string) (int, error) {
	n, err := exec(ctx, tx, `UPDATE price_webhook_delivery SET state = 3, next_attempt = NULL, failure = $3
		WHERE webhook_id = $1 AND state = 1 AND since <= $2`, webhookID, since, why)
	return int(n), err
}

// SettleWebhook sets when a webhook is to be looked at next, after what is pending.
func (s *Store) SettleWebhook(ctx context.Context, tx *sql.Tx, webhookID string) error {
	return settle(ctx, tx, webhookID)
}

func settle(ctx context.Context, tx *sql.Tx, webhookID string) error {
	_, err := exec(ctx, tx, `UPDATE price_webhook SET next_try = CASE WHEN disabled <> '' THEN NULL ELSE
		(SELECT CASE WHEN min(d.next_attempt) < not_before THEN not_before ELSE min(d.next_attempt) END
			FROM price_webhook_delivery AS d WHERE d.webhook_id = price_webhook.id AND d.state = 1) END
		WHERE id = $1`, webhookID)
	return err
}

// RepairWebhooks mends times that only a clock which was ahead can have written: nothing is put off by more than that long.
func (s *Store) RepairWebhooks(ctx context.Context, now time.Time, longest time.Duration) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		limit := now.Add(longest).UnixMilli()
		_, err := exec(ctx, tx, `UPDATE price_webhook_delivery SET next_attempt = $1, since = $1 WHERE state = 1 AND next_attempt > $2
			AND webhook_id IN (SELECT id FROM price_webhook WHERE next_try > $2)`, now.UnixMilli(), limit)
		if err != nil {
			return err
		}
		_, err = exec(ctx, tx, `UPDATE price_webhook SET next_try = $1, not_before = 0, failing_since = NULL WHERE next_try > $2`,
			now.UnixMilli(), limit)
		return err
	})
}
