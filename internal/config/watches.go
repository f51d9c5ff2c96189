package config

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Watches has the settings of price watches.
type Watches struct {
	Store          secret.Text   `kong:"-" name:"store" help:"PostgreSQL that keeps price watches for all replicas, as postgres://user:password@host:port/database. Unset: a SQLite file in data-dir, for one process: pricewatch.db, or pricewatch-sandbox.db with the sandbox."`
	IntervalMin    time.Duration `name:"watch-interval-min" default:"10m" help:"Shortest interval of a price watch, 1s to 720h. With the sandbox it is 1s unless it is set."`
	Retention      time.Duration `name:"watch-retention" default:"9600h" help:"How long every observation and event of price watches is kept. Of older observations one a day is kept."`
	DailyRetention time.Duration `name:"watch-daily-retention" default:"87600h" help:"How long that one observation a day is kept, counted from when it was due."`
	StoreMax       int64         `name:"watch-store-max" default:"10737418240" placeholder:"BYTES" help:"Most bytes of observations of all price watches together; the oldest go first. 0 is no bound. The database needs up to twice as much."`
	Limit          int           `name:"watch-limit" default:"10000" placeholder:"N" help:"Most price watches of one caller."`
	Workers        int           `name:"watch-workers" default:"8" placeholder:"N" help:"How many price watches this process observes at the same time."`

	WebhookHosts string `name:"webhook-hosts" placeholder:"HOST,…" help:"Hosts that webhooks may be sent to wherever they are, in the company's own network too, and by plain http: exact names, with :port where it is not 80 or 443. Webhooks elsewhere must be https on port 443 of the public internet."`
}

// WebhookHostList is WebhookHosts, one by one.
func (w Watches) WebhookHostList() []string { return listOf(strings.ToLower(w.WebhookHosts)) }

// IntervalMax is the longest interval of a price watch.
const IntervalMax = 30 * 24 * time.Hour

// sandboxInterval is the shortest interval with the sandbox, whose calls cost nothing.
const sandboxInterval = time.Second

func (l *Loaded) checkWatches() error {
	w := l.Watches
	all := []error{
		within(l, "watch-interval-min", w.IntervalMin, time.Second, IntervalMax),
		within(l, "watch-retention", w.Retention, 24*time.Hour, 10*365*24*time.Hour),
		within(l, "watch-daily-retention", w.DailyRetention, w.Retention, 100*365*24*time.Hour),
		within(l, "watch-store-max", w.StoreMax, 0, 1<<50),
		within(l, "watch-limit", w.Limit, 1, 1_000_000),
		within(l, "watch-workers", w.Workers, 1, 1000),
	}
	all = append(all, l.checkHosts("webhook-hosts", w.WebhookHostList()))
	if !w.Store.Empty() {
		// The address may hold a password, so it is never quoted.
		u, err := url.Parse(w.Store.Reveal())
		if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Host == "" && u.Query().Get("host") == "" {
			all = append(all, l.refuse("store", "must be an address such as postgres://user:password@host:5432/database; unset, a SQLite file in data-dir is used"))
		}
	}
	return errors.Join(all...)
}
