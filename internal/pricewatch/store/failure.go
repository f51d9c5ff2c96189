package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
)

func unavailable(err error) *fault.Fault {
	return fault.OfServer(fault.PriceStoreUnavailable, "the store of price watches cannot be used right now", err)
}

// openError is the failure to open a store. Its text is for the operator; its fault is for callers.
type openError struct {
	where string
	cause error
}

func (e *openError) Error() string {
	return fmt.Sprintf("the store of price watches (%s) cannot be opened: %v", e.where, e.cause)
}

// Unwrap gives the fault and the cause.
func (e *openError) Unwrap() []error { return []error{unavailable(e.cause), e.cause} }

// Lost reports whether an error says that the store could not be used, so that it may help to try again.
func Lost(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.PriceStoreUnavailable || kind == fault.PriceStoreOutcomeUnknown
}

// outcomeUnknown is the fault of a change that was perhaps made.
func outcomeUnknown(err error) *fault.Fault {
	return fault.New(fault.PriceStoreOutcomeUnknown, "the store of price watches was lost while it made a change; it is not known whether "+
		"the change was made").WithCause(err)
}

// commitFailed is failed for a commit: unless the database answered that it made none, it is not known whether it did.
func commitFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, sql.ErrTxDone) || refusedCommit(err) {
		return failed(ctx, err)
	}
	return outcomeUnknown(err)
}

// refusedCommit reports whether the database answered that it did not commit.
func refusedCommit(err error) bool {
	var postgres *pgconn.PgError
	if errors.As(err, &postgres) {
		switch postgres.Code[:2] {
		case "08", "57", "58", "XX": // The connection, the operator, the system and the server ended, perhaps after the commit.
			return false
		default:
			return true
		}
	}
	code := sqlitefile.Code(err)
	return code != 0 && code != sqlite3.SQLITE_IOERR_FSYNC // It was written, and perhaps it is on the disk.
}

// failed is the fault of an error that a statement of this package gave. No text of the database reaches callers.
func failed(ctx context.Context, err error) error {
	switch _, known := fault.As(err); {
	case err == nil || known:
		return err
	case ctx.Err() != nil:
		return fault.Ended(ctx, "while the store of price watches was used")
	case defect(err):
		return fault.New(fault.Internal, "the store of price watches refused a statement").WithCause(err)
	default:
		return unavailable(err)
	}
}

// translated is failed for errors that may be others' than the database's: those stay as they are.
func translated(ctx context.Context, err error) error {
	var (
		postgres *pgconn.PgError
		connect  *pgconn.ConnectError
		network  net.Error
	)
	switch {
	case sqlitefile.Code(err) != 0, errors.As(err, &postgres), errors.As(err, &connect), errors.As(err, &network),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return failed(ctx, err)
	default:
		return err
	}
}

// defect reports whether the database is well and the statement or the stored value is not.
func defect(err error) bool {
	var postgres *pgconn.PgError
	if errors.As(err, &postgres) {
		switch postgres.Code[:2] {
		case "0A", "21", "22", "23", "42": // Not supported, cardinality, data, constraint, syntax or missing table.
			return true
		default:
			return false
		}
	}
	switch sqlitefile.Code(err) & 0xff {
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE,
		sqlite3.SQLITE_TOOBIG:
		return true
	default:
		return errors.Is(err, errUnreadable)
	}
}

// errUnreadable is a stored body that is not the message it should be.
var errUnreadable = errors.New("a stored message cannot be read")
