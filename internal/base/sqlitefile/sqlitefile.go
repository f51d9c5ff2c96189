// Package sqlitefile opens SQLite files the same way for all their users: a write-ahead log, one connection that
// writes, a few that only read, and files that only their owner reads. It knows no tables.
package sqlitefile

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Options configure how a file is opened.
type Options struct {
	// BusyTimeout is how long a statement waits for another connection's lock. 0: it fails at once.
	BusyTimeout time.Duration
	// Durable has each transaction wait for the disk, so that it survives a power failure. Otherwise the last ones may
	// be lost then; they survive the end of the process either way.
	Durable bool
	// Pragmas are further pragmas of the writing connection, such as "cache_size(-16000)". The driver sorts all pragmas,
	// so none of the package's own can be replaced here.
	Pragmas []string
	// Readers is the number of connections that only read. 0: there is no pool of readers.
	Readers int
	// ReaderBusyTimeout is the BusyTimeout of the reading connections. 0: the same.
	ReaderBusyTimeout time.Duration
	// ReaderPragmas are further pragmas of the reading connections.
	ReaderPragmas []string
	// OwnerOnly takes the rights of all others away from a file that is already there. A new file never gives any.
	OwnerOnly bool
	// KeepLog leaves the write-ahead log in place when the file is closed. SQLite removes the log by its name. Where
	// several processes move damaged files aside, this may be the name of another process's new log.
	KeepLog bool
}

// File is an open SQLite file. It is safe for concurrent use.
type File struct {
	// Writer is a pool of one connection. Its transactions lock the file for writing when they begin.
	Writer *sql.DB
	// Reader is a pool whose connections refuse to write. It is nil without [Options.Readers].
	Reader *sql.DB

	path string
	info os.FileInfo
}

// Open opens the file of that name. It creates the file and its directory where needed. The error of a file that is
// damaged or no database satisfies [Damaged].
func Open(ctx context.Context, name string, o Options) (*File, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	f := &File{path: path}
	if f.info, err = create(path, o.OwnerOnly); err != nil {
		return nil, err
	}
	if err := f.connect(ctx, o); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *File) connect(ctx context.Context, o Options) error {
	synchronous := "synchronous(NORMAL)"
	if o.Durable {
		synchronous = "synchronous(FULL)"
	}
	var err error
	if f.Writer, err = f.pool(o.KeepLog, 1, url.Values{
		"_txlock": {"immediate"},
		"_pragma": append([]string{busyTimeout(o.BusyTimeout), "journal_mode(WAL)", synchronous}, o.Pragmas...),
	}); err != nil {
		return err
	}
	// The first connection makes the file a database with a log. Connections that only read cannot.
	if err := f.Writer.PingContext(ctx); err != nil || o.Readers == 0 {
		return err
	}
	f.Reader, err = f.pool(o.KeepLog, o.Readers, url.Values{
		"_pragma": append([]string{busyTimeout(cmp.Or(o.ReaderBusyTimeout, o.BusyTimeout)), "query_only(1)"}, o.ReaderPragmas...),
	})
	return err
}

func busyTimeout(d time.Duration) string {
	return "busy_timeout(" + strconv.FormatInt(d.Milliseconds(), 10) + ")"
}

// pool returns up to that many connections to the file. All of them stay open while they are idle.
func (f *File) pool(keepLog bool, connections int, options url.Values) (*sql.DB, error) {
	source := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(f.path), RawQuery: options.Encode()}
	var connector driver.Connector
	connector, err := sqlite.NewConnector(source.String())
	if err != nil {
		return nil, err
	}
	if keepLog {
		connector = keepingLog{connector}
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Close closes all connections.
func (f *File) Close() error {
	var err error
	for _, db := range []*sql.DB{f.Reader, f.Writer} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}

// InPlace reports whether the path still leads to this file. SQLite would go on writing to a file that was deleted or
// moved.
func (f *File) InPlace() bool {
	now, err := os.Stat(f.path)
	return err == nil && os.SameFile(now, f.info)
}

// companions are what SQLite keeps beside a file, and the file itself.
func companions(path string) []string { return []string{path, path + "-wal", path + "-shm"} }

// create creates the file and its directory where needed. SQLite gives its companions the rights of the file.
//
// A file that is there is never opened here: closing it would drop all locks that SQLite holds on it in this process.
func create(path string, ownerOnly bool) (os.FileInfo, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		info, err = file.Stat()
		return info, errors.Join(err, file.Close())
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", path)
	case ownerOnly:
		for _, each := range companions(path) {
			if err := os.Chmod(each, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, err
			}
		}
	}
	return info, nil
}

// MoveAside renames a closed file to aside, for inspection. The log goes first: it must never stand beside another file
// than its own, whenever this process ends.
func MoveAside(path, aside string) error {
	if err := os.Rename(path+"-wal", aside+"-wal"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(path, aside); err != nil {
		return err
	}
	// The index of the log is made again from the log.
	if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Damaged reports whether an error means that the file is damaged or no database, and not only unavailable.
func Damaged(err error) bool {
	switch code := Code(err); code & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	default:
		return code == sqlite3.SQLITE_IOERR_SHORT_READ || code == sqlite3.SQLITE_IOERR_CORRUPTFS
	}
}

// Unprepared reports whether a statement does not fit the tables, or is no SQL.
func Unprepared(err error) bool { return Code(err) == sqlite3.SQLITE_ERROR }

// Code returns SQLite's extended result code of an error, or 0.
func Code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return sqlite3.SQLITE_OK
}

// keepingLog has connections leave the write-ahead log in place when they are closed.
type keepingLog struct{ driver.Connector }

// Connect implements [driver.Connector].
func (k keepingLog) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if control, ok := conn.(sqlite.FileControl); ok {
		if _, err := control.FileControlPersistWAL("main", 1); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}
