package gate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver of quota.db
)

// Ledger counts the departures of each calendar day, for the App Key and for each API. With a file the count survives a
// restart, and processes that share the file share the count. A file that fails costs no call: counting goes on in
// memory, and the failure is told.
type Ledger struct {
	appKey string
	db     *sql.DB
	// lazy ledgers write once a second: nothing is limited, so nothing depends on the last second.
	lazy bool
	tell func(error)

	mu      sync.Mutex
	counts  map[string]count
	last    time.Time
	pending map[string]int64
	flushed time.Time
	// failing: the last write failed, and that was told.
	failing bool
}

// count is how many departures one day has seen.
type count struct {
	day, used int64
}

func (c count) on(day int64) int64 {
	if c.day < day {
		return 0
	}
	return c.used // A clock that went back does not give calls back.
}

// NewLedger returns a ledger in memory only.
func NewLedger(appKey string) *Ledger {
	return &Ledger{appKey: appKey, counts: map[string]count{}, pending: map[string]int64{}, tell: func(error) {}}
}

// OpenLedger returns a ledger in a file. A file that is no database is moved aside. Failures that are lived with are
// told to failed, which must not be nil, once until it works again. Unless exact, it is written once a second only.
func OpenLedger(ctx context.Context, path, appKey string, exact bool, failed func(error)) (*Ledger, error) {
	l := NewLedger(appKey)
	l.lazy, l.tell = !exact, failed
	err := l.open(ctx, path)
	if err != nil && broken(err) {
		if err := moveAside(path); err != nil {
			return nil, err
		}
		failed(fmt.Errorf("the quota's ledger cannot be read and was moved aside; today's calls are counted anew: %w", err))
		err = l.open(ctx, path)
	}
	if err != nil {
		return nil, fmt.Errorf("open the quota's ledger: %w", err)
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context, path string) error {
	db, err := openLedgerFile(ctx, path)
	if err != nil {
		return err
	}
	l.db = db
	if err := l.load(ctx); err != nil {
		l.db = nil
		return errors.Join(err, db.Close())
	}
	return nil
}

// broken tells a file that is no database, or a damaged one, from one that cannot be opened now.
func broken(err error) bool {
	var told interface{ Code() int }
	if !errors.As(err, &told) {
		return false
	}
	const corrupt, notADatabase = 11, 26 // SQLITE_CORRUPT, SQLITE_NOTADB: the low byte of every extended code.
	primary := told.Code() & 0xff
	return primary == corrupt || primary == notADatabase
}

// moveAside keeps a broken file for whoever wants to look into it. Its log must not be replayed into a new one.
func moveAside(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+suffix, path+".broken"+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("move the quota's broken ledger aside: %w", err)
		}
	}
	return nil
}

func openLedgerFile(ctx context.Context, path string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	options := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(2000)", "journal_mode(WAL)", "synchronous(NORMAL)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	const schema = `CREATE TABLE IF NOT EXISTS departures (
		app_key TEXT NOT NULL, api TEXT NOT NULL, day INTEGER NOT NULL, used INTEGER NOT NULL, last INTEGER NOT NULL,
		PRIMARY KEY (app_key, api)) STRICT`
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (l *Ledger) load(ctx context.Context) error {
	rows, err := l.db.QueryContext(ctx, `SELECT api, day, used, last FROM departures WHERE app_key = ?`, l.appKey)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var api string
		var c count
		var last int64
		if err := rows.Scan(&api, &c.day, &c.used, &last); err != nil {
			return err
		}
		l.counts[api] = c
		l.last = latest(l.last, time.UnixMicro(last))
	}
	return rows.Err()
}

// Last is when the last departure before the ledger was opened was.
func (l *Ledger) Last() time.Time { return l.last }

// seed sets the count of a day, where it is known from elsewhere. The api is empty for the App Key.
func (l *Ledger) seed(now time.Time, api string, used int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[api] = count{dayOf(now), used}
}

// used tells the day's departures, of the App Key and of one API.
func (l *Ledger) used(now time.Time, api string) (app, one int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	app = l.counts[""].on(dayOf(now))
	if api != "" {
		one = l.counts[api].on(dayOf(now))
	}
	return app, one
}

// full tells whether the day's calls were used up when last counted. The api is empty for the App Key.
func (l *Ledger) full(now time.Time, api string, perDay int64) bool {
	if perDay <= 0 {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[api].on(dayOf(now)) >= perDay
}

// add counts one departure, or says whose day is full: then nothing was counted. A maximum of 0 is none.
func (l *Ledger) add(now time.Time, api string, appMax, apiMax int64) (full Scope, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db != nil && !l.lazy {
		full, ok, err := l.addToFile(now, api, appMax, apiMax)
		if err == nil {
			return full, ok
		}
		l.failed(err)
	}
	day := dayOf(now)
	for i, limit := range []int64{appMax, apiMax} {
		if limit > 0 && l.counts[[]string{"", api}[i]].on(day) >= limit {
			return Scope(i), false
		}
	}
	for _, name := range []string{"", api} {
		l.counts[name] = count{max(day, l.counts[name].day), l.counts[name].on(day) + 1}
		l.pending[name]++
	}
	if l.db != nil && l.lazy && now.Sub(l.flushed) >= time.Second {
		l.flush(now)
	}
	return App, true
}

// addSome adds ?4 departures of day ?3 unless that has ?6 of them (0: no limit), and makes the count at least ?7.
const addSome = `INSERT INTO departures (app_key, api, day, used, last) VALUES (?1, ?2, ?3, ?7, ?5)
	ON CONFLICT (app_key, api) DO UPDATE SET
		used = CASE WHEN excluded.day > day THEN ?7 ELSE max(used + ?4, ?7) END,
		day = max(day, excluded.day), last = max(last, excluded.last)
	WHERE ?6 = 0 OR excluded.day > day OR used < ?6
	RETURNING day, used`

// addToFile counts in one transaction, so that processes sharing the file never count past the limit together. What
// could not be written before is made up for.
func (l *Ledger) addToFile(now time.Time, api string, appMax, apiMax int64) (full Scope, ok bool, err error) {
	ctx := context.Background() // Short, and a caller who leaves now has left already.
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return App, false, err
	}
	defer tx.Rollback()
	var counts [2]count
	names := [2]string{"", api}
	day := dayOf(now)
	for i, limit := range []int64{appMax, apiMax} {
		known := l.counts[names[i]].on(day)
		if limit > 0 && known >= limit {
			return Scope(i), false, nil
		}
		err := tx.QueryRowContext(ctx, addSome, l.appKey, names[i], day, 1+l.pending[names[i]], now.UnixMicro(), limit, known+1).
			Scan(&counts[i].day, &counts[i].used)
		if errors.Is(err, sql.ErrNoRows) {
			l.counts[names[i]] = count{day, limit}
			return Scope(i), false, nil
		}
		if err != nil {
			return App, false, err
		}
	}
	if err := tx.Commit(); err != nil {
		return App, false, err
	}
	l.failing = false
	for i, name := range names {
		l.counts[name] = counts[i]
		delete(l.pending, name)
	}
	return App, true, nil
}

// failed tells of the first of a row of failures.
func (l *Ledger) failed(err error) {
	if !l.failing {
		l.tell(fmt.Errorf("today's calls are counted in memory only: %w", err))
	}
	l.failing = true
}

// flush writes what was counted in memory.
func (l *Ledger) flush(now time.Time) {
	l.flushed = now
	for name, n := range l.pending {
		_, err := l.db.ExecContext(context.Background(), addSome, l.appKey, name, dayOf(now), n, now.UnixMicro(), 0, n)
		if err != nil {
			l.failed(err)
			return
		}
		delete(l.pending, name)
	}
}

// counted tells the departures that no file has: all of them since the start, where there is no file.
func (l *Ledger) counted() map[string]int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.pending)
}

// Close writes what is not written yet.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.db == nil {
		return nil
	}
	l.flush(time.Now())
	err := l.db.Close()
	l.db = nil
	return err
}
