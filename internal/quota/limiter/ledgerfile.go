package limiter

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/dataform"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
)

// ledgerFile is the ledger's SQLite file. Its methods must not be called concurrently.
type ledgerFile struct {
	path, appKey string
	file         *sqlitefile.File // nil: it could not be opened again
	checkedAt    time.Time
	onError      func(error)
}

// LedgerOptions configure how a [Ledger] uses its file.
type LedgerOptions struct {
	// Exact: each call is written before it is sent, because a limit depends on the count. Otherwise the file is
	// written once a second.
	Exact bool
	// Needed: a file that cannot be opened is an error. Otherwise it is reported, and counting goes on in memory.
	Needed bool
	// OnError receives tolerated failures, once until the file works again. It must not be nil.
	OnError func(error)
}

// OpenLedger returns a ledger in a file. It creates the file and its directory where needed. A file that is not a
// database is moved aside.
func OpenLedger(ctx context.Context, path, appKey string, o LedgerOptions) (*Ledger, error) {
	l := NewLedger()
	l.lazy, l.onError = !o.Exact, o.OnError
	f := &ledgerFile{path: path, appKey: appKey, onError: o.OnError}
	begin := func() error {
		if err := f.open(ctx); err != nil {
			return err
		}
		if err := f.load(ctx, l); err != nil {
			return errors.Join(err, f.close())
		}
		return nil
	}
	err := begin()
	if sqlitefile.Damaged(err) {
		if err := sqlitefile.MoveAside(path, path+".broken"); err != nil {
			return nil, fmt.Errorf("move the quota's broken ledger aside: %w", err)
		}
		o.OnError(fmt.Errorf("%s cannot be read and was moved aside; today's calls are counted anew: %w", path, err))
		err = begin()
	}
	switch {
	case err == nil:
		l.file = f
		return l, nil
	case o.Needed, errors.As(err, new(*dataform.NewerError)):
		return nil, fmt.Errorf("open the quota's ledger %s: %w", path, err)
	}
	o.OnError(fmt.Errorf("%s cannot be opened; calls are counted in memory only and forgotten at the end: %w", path, err))
	l.last, l.lastKnown = time.Now(), true // What was sent before is not known.
	return l, nil
}

// ledgerForm is the number of the form of the tables below, the file's user_version. Files of versions that did not number it have 0.
const ledgerForm = 1

const ledgerSchema = `
	PRAGMA user_version = 1;
	CREATE TABLE IF NOT EXISTS calls (app_key TEXT NOT NULL, api TEXT NOT NULL, day INTEGER NOT NULL, used INTEGER NOT NULL,
		PRIMARY KEY (app_key, api, day)) STRICT;
	CREATE TABLE IF NOT EXISTS keys (app_key TEXT PRIMARY KEY, last INTEGER NOT NULL DEFAULT 0, excess REAL NOT NULL DEFAULT 0,
		taught INTEGER NOT NULL DEFAULT 0) STRICT;`

// migrate takes over the data of earlier releases: one row for each API, with its last day.
const migrate = `
	INSERT OR IGNORE INTO calls SELECT app_key, api, day, used FROM departures;
	INSERT OR IGNORE INTO keys (app_key, last) SELECT app_key, max(last) FROM departures GROUP BY app_key;
	DROP TABLE departures;`

// daysKept is how many days' counts are kept. Days are numbered by the clock, which may have been wrong.
const daysKept = 10

func (f *ledgerFile) open(ctx context.Context) error {
	file, err := sqlitefile.Open(ctx, f.path, sqlitefile.Options{BusyTimeout: 2 * time.Second, OwnerOnly: true})
	if err != nil {
		return err
	}
	if err := prepare(ctx, file.Writer); err != nil {
		return errors.Join(err, file.Close())
	}
	f.file = file
	return nil
}

func prepare(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var found int64
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if err := dataform.Check(found, ledgerForm); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, ledgerSchema); err != nil {
		return err
	}
	var old int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'departures'`).Scan(&old); err != nil {
		return err
	}
	if old > 0 {
		if _, err := tx.ExecContext(ctx, migrate); err != nil {
			return err
		}
	}
	const forget = `DELETE FROM calls WHERE day NOT IN (SELECT DISTINCT day FROM calls ORDER BY day DESC LIMIT ?)`
	if _, err := tx.ExecContext(ctx, forget, daysKept); err != nil {
		return err
	}
	return tx.Commit()
}

// load reads the App Key's rows.
func (f *ledgerFile) load(ctx context.Context, l *Ledger) error {
	rows, err := f.file.Writer.QueryContext(ctx, `SELECT api, day, used FROM calls WHERE app_key = ?`, f.appKey)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line account
		var used int64
		if err := rows.Scan(&line.api, &line.day, &used); err != nil {
			return err
		}
		l.counts[line] = used
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var last, learnedAt int64
	err = f.file.Writer.QueryRowContext(ctx, `SELECT last, excess, taught FROM keys WHERE app_key = ?`, f.appKey).Scan(&last, &l.margin.excess, &learnedAt)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	l.margin.learnedAt = time.UnixMicro(learnedAt)
	if last > 0 {
		l.last, l.lastKnown = time.UnixMicro(last), true
	}
	return nil
}

// addSome adds ?4 calls to a row unless it has ?5 of them (0: no limit), and makes it at least ?6.
const addSome = `INSERT INTO calls (app_key, api, day, used) VALUES (?1, ?2, ?3, ?6)
	ON CONFLICT (app_key, api, day) DO UPDATE SET used = max(used + ?4, ?6) WHERE ?5 = 0 OR used < ?5
	RETURNING used`

const keepKey = `INSERT INTO keys (app_key, last, excess, taught) VALUES (?1, ?2, ?3, ?4)
	ON CONFLICT (app_key) DO UPDATE SET last = CASE WHEN ?5 THEN excluded.last ELSE max(last, excluded.last) END,
		excess = CASE WHEN excluded.taught > taught THEN excluded.excess ELSE excess END, taught = max(taught, excluded.taught)`

// write adds e in one transaction, so that processes sharing the file never exceed a limit together. It returns the
// rows' new counts, or the row whose limit is reached: then it wrote nothing.
func (f *ledgerFile) write(now time.Time, e entry) (got map[account]int64, over *account, err error) {
	ctx := context.Background() // The write is short, and the call that caused it goes on anyway.
	if f.vanished(now) {
		if err := f.reopen(ctx); err != nil {
			return nil, nil, err
		}
		for line := range e.known {
			e.add[line] += 0 // Touch every known row.
		}
	}
	tx, err := f.file.Writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	defer tx.Rollback()
	got = map[account]int64{}
	for line, n := range e.add {
		var used int64
		err := tx.QueryRowContext(ctx, addSome, f.appKey, line.api, line.day, n, e.limits[line], e.known[line]).Scan(&used)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, &line, nil
		}
		if err != nil {
			return nil, nil, err
		}
		got[line] = used
	}
	if _, err := tx.ExecContext(ctx, keepKey, f.appKey, e.last.UnixMicro(), e.margin.excess, e.margin.learnedAt.UnixMicro(), e.exactly); err != nil {
		return nil, nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, nil, err
	}
	return got, nil, nil
}

// vanished checks now and then whether the file is still in its place. SQLite would go on writing to a deleted file.
func (f *ledgerFile) vanished(now time.Time) bool {
	if now.Sub(f.checkedAt) < ledgerRetry && f.file != nil {
		return false
	}
	f.checkedAt = now
	return f.file == nil || !f.file.InPlace()
}

// reopen creates a new file in the place of one that vanished. The next entry writes today's known counts into it.
func (f *ledgerFile) reopen(ctx context.Context) error {
	if err := f.close(); err != nil {
		f.onError(err)
	}
	f.onError(fmt.Errorf("%s vanished; it is created again with the calls of today that this process counted", f.path))
	return f.open(ctx)
}

func (f *ledgerFile) close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}
