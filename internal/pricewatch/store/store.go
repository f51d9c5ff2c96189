// Package store keeps price watches, what they observed and what they reported, in a SQLite file or in PostgreSQL. Both run the
// same statements. It schedules nothing, judges nothing and knows no RPC.
//
// The tables (times are milliseconds since 1970 in UTC, money is in [money.Amount]s, bodies are serialized messages):
//
//	price_watch                the watch: definition, schedule, last observation, the judge's memory
//	price_watch_product        one row a watch and product that it names
//	price_watch_image          its image, if it has one
//	price_observation          one row an observation: statistics in columns, the summary as body; key (watch_id, due)
//	price_observation_products the products of an observation that found any
//	price_event                one row an event; its id is its place in the order of commits
//	price_event_counter        one row: the last id given
//	price_webhook              where a watch's events are sent to, and when next
//	price_webhook_delivery     one row an event and webhook, written with the event
//	price_watch_deleted        watches whose observations are still to be deleted
//	price_store                one row: where the observations come from, the sandbox or 1688
//	price_schema_version       goose's own
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/filelock"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
)

const (
	busyTimeout       = 10 * time.Second
	connectTimeout    = 5 * time.Second
	connectionsIdle   = 5 * time.Minute
	defaultConnection = 16
	// migrationLock is PostgreSQL's name for the lock that migrations run under: "zhaohuo" in ASCII.
	migrationLock = 0x7a68616f68756f
)

// Options configure a store.
type Options struct {
	// URL is "postgres://…" or the path of a SQLite file, which is created if it is not there. It may hold a password.
	URL string
	// Log takes what nobody can be answered: nil discards it.
	Log *slog.Logger
	// Now is the clock for the times of creation and change. Nil: time.Now.
	Now func() time.Time
	// Source is where this process's observations come from. A store keeps those of one source: its first process decides. Open fails
	// in a process of the other one. Unspecified: the process makes none.
	Source zhaohuov1.AnswerSource
	// Connections is how many connections to PostgreSQL are open at most, or readers of a SQLite file. 0: 16, or the number of
	// processors but at least 4.
	Connections int
	// Migrate, if set, brings other tables of the same database up to date. It is called after the store's own migrations,
	// under the same lock: no other process migrates at that time.
	Migrate func(context.Context, *sql.DB) error
}

// Store is an open store. It is safe for concurrent use.
type Store struct {
	write, read *sql.DB
	file        *sqlitefile.File // nil: PostgreSQL
	log         *slog.Logger
	now         func() time.Time
	// forUpdate ends a SELECT that locks its rows; skipLocked one that leaves out rows that others have locked. SQLite needs
	// neither: its transactions lock the file.
	forUpdate, skipLocked string
	bytes                 string // the type of a string of bytes
}

// Open opens the store and brings its tables up to date. Processes that start together wait for each other. The error's text is
// for the operator, with the cause; its fault ([fault.PriceStoreUnavailable]) is for callers.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{log: o.Log, now: o.Now, bytes: "BLOB"}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	where, err := s.open(ctx, o)
	if err != nil {
		return nil, errors.Join(&openError{where: where, cause: err}, s.Close())
	}
	return s, nil
}

// open says what it opened, without a password.
func (s *Store) open(ctx context.Context, o Options) (where string, err error) {
	if strings.HasPrefix(o.URL, "postgres://") || strings.HasPrefix(o.URL, "postgresql://") {
		return s.openPostgres(ctx, o)
	}
	scheme, _, found := strings.Cut(o.URL, "://")
	if found {
		return scheme + "://…", errors.New(`it must be an address like "postgres://HOST/DATABASE" or the path of a file`)
	}
	return o.URL, s.openFile(ctx, o)
}

func (s *Store) openFile(ctx context.Context, o Options) error {
	if err := os.MkdirAll(filepath.Dir(o.URL), 0o700); err != nil {
		return err
	}
	unlock, err := filelock.Wait(ctx, o.URL+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	readers := o.Connections
	if readers == 0 {
		readers = max(4, runtime.GOMAXPROCS(0))
	}
	s.file, err = sqlitefile.Open(ctx, o.URL, sqlitefile.Options{
		BusyTimeout: busyTimeout,
		Durable:     true,
		Pragmas:     []string{"journal_size_limit(33554432)", "cache_size(-16000)"},
		Readers:     readers, ReaderPragmas: []string{"cache_size(-8000)"},
		OwnerOnly: true,
	})
	if err != nil {
		return err
	}
	s.write, s.read = s.file.Writer, s.file.Reader
	return s.prepareFile(ctx, o)
}

// prepareFile is prepare without waiting for the disk after each of some twenty transactions. A power failure undoes the last of them, in
// order, and the next process makes them anew. From then on a commit waits for the disk, and so for all before it.
func (s *Store) prepareFile(ctx context.Context, o Options) (err error) {
	// The pool has one connection. A new one would wait for the disk, as the file was opened to.
	if _, err := s.write.ExecContext(ctx, "PRAGMA synchronous = NORMAL"); err != nil {
		return err
	}
	defer func() {
		_, restored := s.write.ExecContext(context.WithoutCancel(ctx), "PRAGMA synchronous = FULL")
		err = errors.Join(err, restored)
	}()
	return s.prepare(ctx, o)
}

func (s *Store) openPostgres(ctx context.Context, o Options) (where string, err error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return "postgres://…", err // It never quotes a password.
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if _, set := config.RuntimeParams["application_name"]; !set {
		config.RuntimeParams["application_name"] = "zhaohuo"
	}
	where = fmt.Sprintf("PostgreSQL at %s:%d, database %s", config.Host, config.Port, config.Database)
	connections := o.Connections
	if connections == 0 {
		connections = defaultConnection
	}
	db := stdlib.OpenDB(*config)
	// Migrating takes two: the lock is held by another than the one that works.
	db.SetMaxOpenConns(max(connections, 2))
	db.SetMaxIdleConns(max(connections, 2))
	db.SetConnMaxIdleTime(connectionsIdle)
	s.write, s.read = db, db
	s.bytes, s.forUpdate, s.skipLocked = "BYTEA", " FOR UPDATE", " FOR UPDATE SKIP LOCKED"
	// A lock of a transaction, not of a session, because a pooler between may give each transaction another session.
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return where, err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(migrationLock)); err != nil {
		return where, err
	}
	if err := s.prepare(ctx, o); err != nil {
		return where, err
	}
	return where, tx.Commit()
}

// Close closes all connections.
func (s *Store) Close() error {
	switch {
	case s.file != nil:
		return s.file.Close()
	case s.write != nil:
		return s.write.Close()
	default:
		return nil
	}
}

// DB is the database for writing: one connection to a SQLite file, or many to PostgreSQL.
func (s *Store) DB() *sql.DB { return s.write }

// ReadDB is the database for reading: many connections, which see what was committed before they read.
func (s *Store) ReadDB() *sql.DB { return s.read }

// Postgres reports whether the store is PostgreSQL. Otherwise it is a SQLite file.
func (s *Store) Postgres() bool { return s.file == nil }

// InTx runs do in a transaction and commits it, unless do fails. Errors of the database become faults:
// [fault.PriceStoreOutcomeUnknown] if it was lost during the commit; after any other, nothing was changed.
func (s *Store) InTx(ctx context.Context, do func(*sql.Tx) error) error {
	if err := s.inPlace(); err != nil {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return failed(ctx, err)
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return translated(ctx, err)
	}
	if err := tx.Commit(); err != nil {
		return commitFailed(ctx, err)
	}
	// SQLite also commits to a file that was deleted or moved away meanwhile. Whether anybody sees that change depends on whether the
	// file comes back.
	if err := s.inPlace(); err != nil {
		return outcomeUnknown(err)
	}
	return nil
}

// inPlace fails if the SQLite file was deleted or moved away.
func (s *Store) inPlace() error {
	if s.file == nil || s.file.InPlace() {
		return nil
	}
	return unavailable(errors.New("the SQLite file is no longer where it was opened"))
}

// query runs a statement that reads, and has each row read by scan.
func (s *Store) query(ctx context.Context, scan func(*sql.Rows) error, statement string, args ...any) error {
	if err := s.inPlace(); err != nil {
		return err
	}
	return query(ctx, s.read, scan, statement, args...)
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

func query(ctx context.Context, db querier, scan func(*sql.Rows) error, statement string, args ...any) error {
	rows, err := db.QueryContext(ctx, statement, args...)
	if err != nil {
		return failed(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return failed(ctx, err)
		}
	}
	return failed(ctx, rows.Err())
}

// exec runs a statement that writes, and returns how many rows it changed.
func exec(ctx context.Context, db querier, statement string, args ...any) (int64, error) {
	result, err := db.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, failed(ctx, err)
	}
	n, err := result.RowsAffected()
	return n, failed(ctx, err)
}

// values writes the rows of a VALUES list, with a column of each type: "(CAST($1 AS TEXT),CAST($2 AS BIGINT)),($3,$4)".
// PostgreSQL takes the types of all rows from the first one; SQLite takes those of the arguments.
func values(rows int, types ...string) string {
	list := make([]string, rows)
	for row := range list {
		columns := make([]string, len(types))
		for i, name := range types {
			columns[i] = fmt.Sprintf("$%d", row*len(types)+i+1)
			if row == 0 {
				columns[i] = "CAST(" + columns[i] + " AS " + name + ")"
			}
		}
		list[row] = "(" + strings.Join(columns, ",") + ")"
	}
	return strings.Join(list, ",")
}

// places writes the places of arguments: "$2,$3,$4" for three from the second on.
func places(first, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(list, ",")
}

// millis is a time as the tables keep it; zero is NULL.
func millis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// whenever is the time of a column that may be NULL, which is the zero time.
func whenever(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return moment(ms.Int64)
}

func moment(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func notFound(id string) error {
	return fault.New(fault.PriceWatchNotFound, "there is no price watch with this id").WithSubject(id)
}
