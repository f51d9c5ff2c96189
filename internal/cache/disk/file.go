package disk

import (
	"context"
	"database/sql"
	"errors"
	"hash/crc32"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

// version is the version of the tables below. A file of another version is emptied.
const version = 1

// Bodies have a table of their own, so that the search for what to remove reads small rows only.
const schema = `
DROP TABLE IF EXISTS body;
DROP TABLE IF EXISTS answer;
CREATE TABLE answer (
	id INTEGER PRIMARY KEY,
	key BLOB NOT NULL UNIQUE,
	until INTEGER NOT NULL, -- milliseconds since 1970
	turn INTEGER NOT NULL, -- order of removal: microseconds since 1970 of the write, or of the last time it was spared
	used INTEGER NOT NULL, -- 1: read since then, so it is spared once
	sum INTEGER NOT NULL -- CRC-32C of the body
);
CREATE INDEX answer_until ON answer (until);
CREATE INDEX answer_turn ON answer (turn);
CREATE TABLE body (id INTEGER PRIMARY KEY, value BLOB NOT NULL);
PRAGMA user_version = 1;`

// The statements.
const (
	selectAnswer = `SELECT a.id, a.used, a.sum, b.value FROM answer a JOIN body b ON b.id = a.id WHERE a.key = ? AND a.until >= ?`
	upsertAnswer = `INSERT INTO answer (key, until, turn, used, sum) VALUES (?, ?, ?, 0, ?)
		ON CONFLICT (key) DO UPDATE SET until = excluded.until, turn = excluded.turn, used = 0, sum = excluded.sum RETURNING id`
	replaceBody  = `INSERT OR REPLACE INTO body (id, value) VALUES (?, ?)`
	markUsed     = `UPDATE answer SET used = 1 WHERE id = ?`
	spare        = `UPDATE answer SET used = 0, turn = ? WHERE id = ?`
	selectDead   = `SELECT id, 0 FROM answer WHERE until < ? ORDER BY until LIMIT ?`
	selectOldest = `SELECT id, used FROM answer ORDER BY turn LIMIT ?`
	deleteAnswer = `DELETE FROM answer WHERE id = ?`
	deleteBody   = `DELETE FROM body WHERE id = ?`
	pagesInUse   = `SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)`
)

// Bounds of one operation.
const (
	readers     = 4
	touchedMax  = 4096
	sweepRows   = 32
	sweepRounds = 64
	pageSize    = 4096
)

// file is the open SQLite file.
type file struct {
	*sqlitefile.File
	lookup *sql.Stmt

	mu      sync.Mutex
	touched map[int64]struct{} // read since the last write
}

// openFile opens the file and creates it where needed.
func openFile(ctx context.Context, path string) (*file, error) {
	opened, err := sqlitefile.Open(ctx, path, sqlitefile.Options{
		BusyTimeout:       5 * time.Second,
		Pragmas:           []string{"journal_size_limit(33554432)", "wal_autocheckpoint(4000)", "cache_size(-16000)"},
		Readers:           readers,
		ReaderBusyTimeout: time.Second,
		ReaderPragmas:     []string{"cache_size(-4000)"},
		KeepLog:           true,
	})
	if err != nil {
		return nil, err
	}
	f := &file{File: opened, touched: map[int64]struct{}{}}
	if err := f.prepare(ctx); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// prepare creates the tables if they are not of this version, and prepares the most frequent statement.
func (f *file) prepare(ctx context.Context) error {
	found := 0
	err := f.Writer.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found)
	if err == nil && found != version {
		err = f.createTables(ctx)
	}
	if err != nil {
		return err
	}
	f.lookup, err = f.Reader.PrepareContext(ctx, selectAnswer)
	return err
}

func (f *file) createTables(ctx context.Context) error {
	tx, err := f.Writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	return tx.Commit()
}

func (f *file) ping(ctx context.Context) error {
	var n int
	return f.Reader.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM answer LIMIT 1)").Scan(&n)
}

func (f *file) get(ctx context.Context, key cache.Key, now time.Time) ([]byte, error) {
	var (
		id    int64
		used  bool
		sum   uint32
		value []byte
	)
	err := f.lookup.QueryRowContext(ctx, key[:], now.UnixMilli()).Scan(&id, &used, &sum, &value)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case sum != checksum(value):
		return nil, damagedError{"an answer is not what was written"}
	}
	if !used {
		f.touch(id)
	}
	return value, nil
}

// touch records that an answer was read. The next write stores it: a read must not write.
func (f *file) touch(id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.touched) < touchedMax {
		f.touched[id] = struct{}{}
	}
}

func (f *file) takeTouched() map[int64]struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	touched := f.touched
	f.touched = map[int64]struct{}{}
	return touched
}

// put writes the items and removes expired and excess answers, in one transaction. It returns the size in bytes.
func (f *file) put(ctx context.Context, items []cache.Item, now time.Time, limit int64) (int64, error) {
	tx, err := f.Writer.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	w := writing{ctx: ctx, tx: tx, now: now}
	w.write(items, f.takeTouched(), limit)
	size := w.sweep(len(items), limit)
	if w.err != nil {
		return 0, w.err
	}
	return size, tx.Commit()
}

func checksum(value []byte) uint32 { return crc32.Checksum(value, crc32.MakeTable(crc32.Castagnoli)) }

// ours reports whether the tables are those of this version.
func (f *file) ours(ctx context.Context) bool {
	found, tables := 0, 0
	err := errors.Join(
		f.Writer.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found),
		f.Writer.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE name IN ('answer', 'answer_until', 'answer_turn', 'body')").Scan(&tables),
	)
	return err != nil && !damaged(err) || found == version && tables == 4
}

// damaged reports whether the file itself is at fault.
func damaged(err error) bool {
	var own damagedError
	return errors.As(err, &own) || sqlitefile.Damaged(err)
}
