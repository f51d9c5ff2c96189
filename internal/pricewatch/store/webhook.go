package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Webhook is an address that a watch's events are sent to.
type Webhook struct {
	// ID is unique among all webhooks that ever were.
	ID string
	// URL is the address.
	URL string
	// Secret signs what is sent, and OldSecret too until OldUntil. Both are encrypted: the store cannot read them.
	Secret, OldSecret []byte
	OldUntil          time.Time
	// Disabled is why nothing is sent to it. Empty: it is active.
	Disabled string
	// Plain is the secret as its owner gets it, once. It is not stored: a webhook that was read has none.
	Plain secret.Text
}

const webhookColumns = `w.id, w.url, w.secret, w.old_secret, w.old_until, w.disabled`

// webhookFields are where to read webhookColumns to. The function it returns is to be called after.
func (w *Webhook) fields() (to []any, finish func()) {
	var until sql.NullInt64
	return []any{&w.ID, &w.URL, &w.Secret, &w.OldSecret, &until, &w.Disabled}, func() { w.OldUntil = whenever(until) }
}

// addWebhooks reads the webhooks of watches.
func addWebhooks(ctx context.Context, db querier, watches ...*Watch) error {
	for chunk := range slices.Chunk(watches, rowsAtOnce) {
		byID, args := map[string]*Watch{}, make([]any, len(chunk))
		for i, w := range chunk {
			byID[w.ID], args[i] = w, w.ID
		}
		err := query(ctx, db, func(rows *sql.Rows) error {
			var (
				watchID    string
				w          Webhook
				to, finish = w.fields()
			)
			if err := rows.Scan(append(to, &watchID)...); err != nil {
				return err
			}
			finish()
			byID[watchID].Webhooks = append(byID[watchID].Webhooks, w)
			return nil
		}, `SELECT `+webhookColumns+`, w.watch_id FROM price_webhook AS w
			WHERE w.watch_id IN (`+places(1, len(chunk))+`) ORDER BY w.watch_id, w.place`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// setWebhooks stores the webhooks of a watch that had others before, and reports whether that changes anything. Of one that was
// there its place changes and whether it is disabled, nothing else.
func (s *Store) setWebhooks(ctx context.Context, tx *sql.Tx, w *Watch, before []Webhook) (changed bool, err error) {
	for _, old := range before {
		if slices.ContainsFunc(w.Webhooks, func(kept Webhook) bool { return kept.ID == old.ID }) {
			continue
		}
		changed = true
		err := execAll(ctx, tx, old.ID, `DELETE FROM price_webhook WHERE id = $1`, `DELETE FROM price_webhook_delivery WHERE webhook_id = $1`)
		if err != nil {
			return false, err
		}
	}
	for place, hook := range w.Webhooks {
		was := slices.IndexFunc(before, func(old Webhook) bool { return old.ID == hook.ID })
		switch {
		case was < 0:
			_, err = exec(ctx, tx, `INSERT INTO price_webhook (id, watch_id, place, url, secret, disabled, failures, not_before)
				VALUES ($1, $2, $3, $4, $5, '', 0, 0)`, hook.ID, w.ID, place, hook.URL, hook.Secret)
		case before[was].Disabled != hook.Disabled:
			_, err = exec(ctx, tx, `UPDATE price_webhook SET place = $2, disabled = $3, failures = 0, failing_since = NULL, not_before = 0
				WHERE id = $1`, hook.ID, place, hook.Disabled)
		case was != place:
			_, err = exec(ctx, tx, `UPDATE price_webhook SET place = $2 WHERE id = $1`, hook.ID, place)
		default:
			continue
		}
		if err != nil {
			return false, err
		}
		changed = true
	}
	return changed, nil
}

// RotateWebhookSecret gives a webhook of the owner's watch a new secret. The present one signs too until then. Errors are
// [fault.PriceWatchNotFound] and [fault.WebhookNotFound].
func (s *Store) RotateWebhookSecret(ctx context.Context, owner, watchID, id string, secret []byte, until time.Time) (Webhook, error) {
	w, err := s.GetWatch(ctx, owner, watchID)
	if err != nil {
		return Webhook{}, err
	}
	at := slices.IndexFunc(w.Webhooks, func(hook Webhook) bool { return hook.ID == id })
	if at < 0 {
		return Webhook{}, webhookNotFound(id)
	}
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		n, err := exec(ctx, tx, `UPDATE price_webhook SET old_secret = secret, old_until = $2, secret = $3 WHERE id = $1`,
			id, until.UnixMilli(), secret)
		if err == nil && n == 0 {
			return webhookNotFound(id)
		}
		return err
	})
	if err != nil {
		return Webhook{}, err
	}
	hook := w.Webhooks[at]
	hook.OldSecret, hook.OldUntil, hook.Secret = hook.Secret, until, secret
	return hook, nil
}

func webhookNotFound(id string) error {
	return fault.New(fault.WebhookNotFound, "the price watch has no webhook with this id").WithSubject(id)
}
