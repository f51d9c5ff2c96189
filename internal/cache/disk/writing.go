package disk

import (
	"context"
	"database/sql"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

// writing is one transaction. After the first error it does nothing more.
type writing struct {
	ctx  context.Context // of the one Put that this belongs to
	tx   *sql.Tx
	now  time.Time
	err  error
	stmt map[string]*sql.Stmt
}

func (w *writing) prepared(query string) *sql.Stmt {
	if s, ok := w.stmt[query]; ok {
		return s
	}
	s, err := w.tx.PrepareContext(w.ctx, query)
	if err != nil {
		w.err = err
		return nil
	}
	if w.stmt == nil {
		w.stmt = map[string]*sql.Stmt{}
	}
	w.stmt[query] = s
	return s
}

func (w *writing) exec(query string, args ...any) {
	if w.err != nil {
		return
	}
	if s := w.prepared(query); s != nil { //nolint:sqlclosecheck // The transaction closes its statements.
		_, w.err = s.ExecContext(w.ctx, args...)
	}
}

func (w *writing) number(query string, args ...any) (n int64) {
	if w.err != nil {
		return 0
	}
	if s := w.prepared(query); s != nil { //nolint:sqlclosecheck // The transaction closes its statements.
		w.err = s.QueryRowContext(w.ctx, args...).Scan(&n)
	}
	return n
}

// write writes the items, except those larger than an eighth of the limit, and marks what was read.
func (w *writing) write(items []cache.Item, touched map[int64]struct{}, limit int64) {
	for i, item := range items {
		if int64(len(item.Value)) > limit/8 {
			continue
		}
		// Rounded up: an answer can be found until it expires.
		until := item.Until.Add(time.Millisecond - 1).UnixMilli()
		id := w.number(upsertAnswer, item.Key[:], until, w.now.UnixMicro()+int64(i), int64(checksum(item.Value)))
		w.exec(replaceBody, id, item.Value)
	}
	for id := range touched {
		w.exec(markUsed, id)
	}
}

// sweep removes some expired answers, a few more than were written, and then as many others as the limit requires. Its work is
// in proportion to what was written, not to what is stored. It returns the size in bytes.
func (w *writing) sweep(written int, limit int64) int64 {
	w.remove(w.rows(selectDead, w.now.UnixMilli(), 2*written+sweepRows))
	size := w.number(pagesInUse) * pageSize
	for round := 0; size > limit && round < sweepRounds && w.err == nil; round++ {
		rows := w.rows(selectOldest, sweepRows)
		if len(rows) == 0 {
			break
		}
		w.remove(w.spare(rows, round))
		size = w.number(pagesInUse) * pageSize
	}
	return size
}

type row struct {
	id   int64
	used bool
}

func (w *writing) rows(query string, args ...any) (found []row) {
	if w.err != nil {
		return nil
	}
	s := w.prepared(query) //nolint:sqlclosecheck // The transaction closes its statements.
	if s == nil {
		return nil
	}
	rows, err := s.QueryContext(w.ctx, args...)
	if err != nil {
		w.err = err
		return nil
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if w.err = rows.Scan(&r.id, &r.used); w.err != nil {
			return nil
		}
		found = append(found, r)
	}
	w.err = rows.Err()
	return found
}

// spare moves answers that were read to the end of the order and returns the others. In late rounds it spares none, so that a
// write ends.
func (w *writing) spare(rows []row, round int) (others []row) {
	for i, r := range rows {
		if r.used && round < sweepRounds/2 {
			w.exec(spare, w.now.UnixMicro()+int64(round*sweepRows+i), r.id)
		} else {
			others = append(others, r)
		}
	}
	return others
}

func (w *writing) remove(rows []row) {
	for _, r := range rows {
		w.exec(deleteBody, r.id)
		w.exec(deleteAnswer, r.id)
	}
}
