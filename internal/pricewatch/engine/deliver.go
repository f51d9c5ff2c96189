package engine

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river"
)

// Events are written together with their deliveries, and a webhook's row says when it has something to send. A loop in each process
// makes jobs of the webhooks that have, one a webhook; the jobs have a queue and workers of their own, so that targets which hang
// delay no observation. Nothing is lost with a job: the row tells again after claimLease.

// Deliverer sends events to webhooks.
type Deliverer interface {
	// Deliver sends what is due to a webhook, for some seconds. It is called by one process at a time for a webhook.
	Deliver(ctx context.Context, webhookID string) error
}

const (
	webhookQueue = "price_webhook"
	kindDeliver  = "price_watch_deliver"
	// deliverWorkers is how many webhooks a process sends to at a time.
	deliverWorkers = 16
	// deliverBacklog bounds the open jobs of all processes.
	deliverBacklog = 500
	// claimLease is how long a webhook's job has time to begin before the webhook is looked at again.
	claimLease = time.Minute
	// putOffMax is longer than a delivery is ever put off.
	putOffMax = 4 * time.Hour
)

// deliverJob asks to send what is due to a webhook. Of one webhook there is at most one open job.
type deliverJob struct {
	WebhookID string `json:"webhook_id" river:"unique"`
}

// Kind implements [river.JobArgs].
func (deliverJob) Kind() string { return kindDeliver }

// deliverWorker works [deliverJob]s.
type deliverWorker struct {
	river.WorkerDefaults[deliverJob]
	engine *Engine
}

// Work implements [river.Worker]. When the webhook is to be looked at next is set in the transaction that ends the job: until then
// nobody gets another job for it.
func (w *deliverWorker) Work(ctx context.Context, job *river.Job[deliverJob]) error {
	e, id := w.engine, job.Args.WebhookID
	if err := e.deliverer.Deliver(ctx, id); err != nil {
		return broken(ctx, err)
	}
	return broken(ctx, e.persist(ctx, func(tx *sql.Tx) error {
		if err := e.store.SettleWebhook(ctx, tx, id); err != nil {
			return err
		}
		return complete(ctx, tx, job)
	}))
}

// deliverUntil makes jobs for webhooks until ctx ends: when this process has stored events, and each second.
func (e *Engine) deliverUntil(ctx context.Context) {
	every := time.NewTicker(scheduleEvery)
	defer every.Stop()
	log := &rarely{log: e.log}
	var repaired time.Time
	for {
		stored := e.NewEvents()
		var err error
		if time.Since(repaired) > repairEvery {
			repaired, err = time.Now(), e.store.RepairWebhooks(ctx, e.now(), putOffMax)
		}
		if err == nil {
			err = e.deliver(ctx)
		}
		if err != nil && ctx.Err() == nil {
			log.warn(ctx, "events of price watches cannot be sent to webhooks; this is tried again", err)
		}
		select {
		case <-every.C:
		case <-stored:
		case <-ctx.Done():
			return
		}
	}
}

// deliver makes jobs of the webhooks that have something to send, as long as there is room for jobs.
func (e *Engine) deliver(ctx context.Context) error {
	earliest, err := e.store.EarliestWebhook(ctx)
	if err != nil || earliest.IsZero() || earliest.After(e.now()) {
		return err // Mostly nothing is to be sent, and finding that out writes nothing.
	}
	return e.store.InTx(ctx, func(tx *sql.Tx) error {
		open, err := openJobs(ctx, tx, webhookQueue, kindDeliver)
		if err != nil || open >= deliverBacklog {
			return err
		}
		ids, err := e.store.ClaimWebhooks(ctx, tx, e.now(), claimLease, deliverBacklog-open)
		if err != nil || len(ids) == 0 {
			return err
		}
		options := jobOptions(true)
		options.Queue = webhookQueue
		jobs := make([]river.InsertManyParams, len(ids))
		for i, id := range ids {
			jobs[i] = river.InsertManyParams{Args: deliverJob{WebhookID: id}, InsertOpts: options}
		}
		_, err = e.river.InsertManyTx(ctx, tx, jobs)
		return err
	})
}
