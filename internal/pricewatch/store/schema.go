package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/pressly/goose/v3"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/dataform"
)

// The statements of each version of the tables. A released version is never changed; a change is a new one. {text} is text that
// is compared byte by byte, {bytes} is a string of bytes, and {clustered} has SQLite keep a table in the order of its key.
func versions() [][]string {
	return [][]string{{
		`CREATE TABLE price_watch (
			id {text} PRIMARY KEY,
			owner {text} NOT NULL,
			definition {bytes} NOT NULL,
			interval_ms BIGINT NOT NULL,
			paused SMALLINT NOT NULL,
			version BIGINT NOT NULL,
			created BIGINT NOT NULL,
			updated BIGINT NOT NULL,
			next_due BIGINT, -- NULL: paused
			waiting_for SMALLINT NOT NULL,
			image_size BIGINT NOT NULL,
			ticks BIGINT NOT NULL, -- observations stored so far
			history_bytes BIGINT NOT NULL, -- what those that are kept take
			thinned BIGINT NOT NULL, -- of what was due before, one observation a day is kept
			calls_day {text} NOT NULL,
			calls_spent BIGINT NOT NULL,
			last_observation {bytes}, -- without products; NULL: none yet
			memory {bytes}
		)`,
		`CREATE INDEX price_watch_owner ON price_watch (owner, created, id)`,
		`CREATE INDEX price_watch_next_due ON price_watch (next_due) WHERE next_due IS NOT NULL`,
		`CREATE INDEX price_watch_waiting_for ON price_watch (waiting_for) WHERE waiting_for <> 0`,
		`CREATE TABLE price_watch_image (watch_id {text} PRIMARY KEY, image {bytes} NOT NULL)`,
		`CREATE TABLE price_watch_deleted (watch_id {text} PRIMARY KEY)`,
		`CREATE TABLE price_observation (
			watch_id {text} NOT NULL,
			due BIGINT NOT NULL,
			source SMALLINT NOT NULL,
			succeeded SMALLINT NOT NULL,
			price_min BIGINT, -- NULL, all five: no prices
			price_q1 BIGINT,
			price_median BIGINT,
			price_q3 BIGINT,
			price_max BIGINT,
			summary {bytes} NOT NULL, -- a PriceObservation without products
			PRIMARY KEY (watch_id, due)
		) {clustered}`,
		`CREATE TABLE price_observation_products (
			watch_id {text} NOT NULL,
			due BIGINT NOT NULL,
			products {bytes} NOT NULL, -- a PriceObservation that has only products
			PRIMARY KEY (watch_id, due)
		)`,
		`CREATE TABLE price_event (
			id BIGINT PRIMARY KEY,
			watch_id {text} NOT NULL,
			owner {text} NOT NULL,
			due BIGINT NOT NULL, -- of the observation that showed it
			body {bytes} NOT NULL
		)`,
		`CREATE INDEX price_event_owner ON price_event (owner, id)`,
		`CREATE INDEX price_event_watch ON price_event (watch_id, id)`,
		`CREATE TABLE price_event_counter (one SMALLINT PRIMARY KEY, last BIGINT NOT NULL)`,
		`INSERT INTO price_event_counter (one, last) VALUES (1, 0)`,
	}, webhookTables(), {
		`CREATE TABLE price_store (
			one SMALLINT PRIMARY KEY,
			source SMALLINT NOT NULL -- an AnswerSource; 0: no process has said yet
		)`,
		`INSERT INTO price_store (one, source)
			SELECT 1, COALESCE((SELECT source FROM price_observation WHERE source <> 0 ORDER BY due DESC LIMIT 1), 0)`,
	}, productTables()}
}

func webhookTables() []string {
	return []string{
		`CREATE TABLE price_webhook (
			id {text} PRIMARY KEY,
			watch_id {text} NOT NULL,
			place SMALLINT NOT NULL, -- in the watch's list
			url {text} NOT NULL,
			secret {bytes} NOT NULL, -- encrypted, as the next one
			old_secret {bytes}, -- signs too until old_until
			old_until BIGINT,
			disabled {text} NOT NULL, -- why; empty: it is active
			failures BIGINT NOT NULL, -- attempts that failed in a row
			failing_since BIGINT, -- the first of them
			not_before BIGINT NOT NULL, -- nothing is sent until then
			next_try BIGINT -- NULL: nothing is to be sent
		)`,
		`CREATE INDEX price_webhook_watch ON price_webhook (watch_id, place)`,
		`CREATE INDEX price_webhook_next_try ON price_webhook (next_try) WHERE next_try IS NOT NULL`,
		`CREATE TABLE price_webhook_delivery (
			event_id BIGINT NOT NULL,
			webhook_id {text} NOT NULL,
			watch_id {text} NOT NULL,
			state SMALLINT NOT NULL, -- a WebhookDeliveryState
			attempts BIGINT NOT NULL,
			created BIGINT NOT NULL,
			since BIGINT NOT NULL, -- when the time began in which it must be taken
			last_attempt BIGINT,
			next_attempt BIGINT, -- NULL: it is not pending
			status SMALLINT NOT NULL, -- of the last answer; 0: none
			failure {text} NOT NULL,
			PRIMARY KEY (event_id, webhook_id)
		) {clustered}`,
		`CREATE INDEX price_webhook_delivery_watch ON price_webhook_delivery (watch_id, event_id, webhook_id)`,
		`CREATE INDEX price_webhook_delivery_pending ON price_webhook_delivery (webhook_id, next_attempt, event_id) WHERE state = 1`,
	}
}

// prepare brings the tables up to date, others' too, and checks that the store is for this process. The caller holds the lock.
func (s *Store) prepare(ctx context.Context, o Options) error {
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if err := s.claim(ctx, o.Source); err != nil {
		return err
	}
	if o.Migrate == nil {
		return nil
	}
	return o.Migrate(ctx, s.write)
}

// claim has the store keep observations of a source, and fails if it keeps those of another one: prices that were made up must never be
// compared with real ones, and what was tried with made-up goods must not be observed at 1688.
func (s *Store) claim(ctx context.Context, source zhaohuov1.AnswerSource) error {
	if source == zhaohuov1.AnswerSource_ANSWER_SOURCE_UNSPECIFIED {
		return nil
	}
	if _, err := s.write.ExecContext(ctx, `UPDATE price_store SET source = $1 WHERE source = 0`, int(source)); err != nil {
		return err
	}
	var kept int32
	if err := s.write.QueryRowContext(ctx, `SELECT source FROM price_store`).Scan(&kept); err != nil {
		return err
	}
	switch {
	case kept == int32(source):
		return nil
	case source == zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX:
		return errors.New("it holds price watches of 1688, and this process uses the sandbox, whose goods are made up: give the sandbox a store of its own")
	default:
		return errors.New("it holds price watches of the sandbox, whose goods are made up, and this process uses 1688: give 1688 a store of its own")
	}
}

// productsVersion is the version that has the table of products, which is filled from the watches that are there.
const productsVersion = 4

// migrate brings the store's own tables up to date.
func (s *Store) migrate(ctx context.Context) error {
	dialect, text, clustered := goose.DialectSQLite3, "TEXT", "WITHOUT ROWID"
	if s.Postgres() {
		dialect, text, clustered = goose.DialectPostgres, `TEXT COLLATE "C"`, ""
	}
	words := strings.NewReplacer("{text}", text, "{bytes}", s.bytes, "{clustered}", clustered)
	var migrations []*goose.Migration
	for i, statements := range versions() {
		migrations = append(migrations, goose.NewGoMigration(int64(i+1), &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				for _, each := range statements {
					if _, err := tx.ExecContext(ctx, words.Replace(each)); err != nil {
						return err
					}
				}
				if i+1 == productsVersion {
					return fillProducts(ctx, tx)
				}
				return nil
			},
		}, nil))
	}
	provider, err := goose.NewProvider(dialect, s.write, nil, goose.WithTableName("price_schema_version"),
		goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(migrations...))
	if err != nil {
		return err
	}
	// The tables of a newer version are not touched.
	found, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if err := dataform.Check(found, int64(len(migrations))); err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
