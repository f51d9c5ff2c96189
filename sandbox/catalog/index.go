package catalog

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the "sqlite" driver
)

// matchTerms bounds the terms of one full-text expression, because SQLite limits the size of an expression.
const matchTerms = 24

// index is a full-text index in memory over the two titles of each offer.
type index struct {
	db *sql.DB
	// hold keeps one connection open, because the database exists only as long as a connection to it.
	hold  *sql.Conn
	match *sql.Stmt
}

// newIndex builds the index; the number of an offer is its position in titles.
func newIndex(ctx context.Context, titles [][2]string) (_ *index, err error) {
	// The name must be unique, or two catalogues in one process would share their tables.
	db, err := sql.Open("sqlite", "file:/catalog-"+rand.Text()+"?vfs=memdb")
	if err != nil {
		return nil, fmt.Errorf("open the catalogue's index: %w", err)
	}
	x := &index{db: db}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("build the catalogue's index: %w", err), x.close())
		}
	}()
	if x.hold, err = db.Conn(ctx); err != nil {
		return nil, err
	}
	if err = x.fill(ctx, titles); err != nil {
		return nil, err
	}
	// One row instead of thousands: passing a row through the driver costs more than finding it.
	x.match, err = db.PrepareContext(ctx, `SELECT group_concat(rowid) FROM titles WHERE titles MATCH ?`)
	if err != nil {
		return nil, err
	}
	return x, nil
}

func (x *index) fill(ctx context.Context, titles [][2]string) error {
	// The ascii tokenizer splits at spaces and keeps every non-ASCII character, so the index holds exactly our tokens.
	const schema = `CREATE VIRTUAL TABLE titles USING fts5(zh, en, content='', tokenize='ascii')`
	if _, err := x.hold.ExecContext(ctx, schema); err != nil {
		return err
	}
	tx, err := x.hold.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // After Commit it has nothing to do.
	insert, err := tx.PrepareContext(ctx, `INSERT INTO titles(rowid, zh, en) VALUES (?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close() //nolint:errcheck // the transaction's end closes it too
	for i, t := range titles {
		if _, err := insert.ExecContext(ctx, i, t[0], t[1]); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO titles(titles) VALUES ('optimize')`); err != nil {
		return err
	}
	return tx.Commit()
}

// find returns the numbers of all offers that contain every term in their titles, or in the Chinese one, in no particular order.
func (x *index) find(ctx context.Context, terms [][]string, chinese bool) ([]int, error) {
	var found []int
	for first := 0; first < len(terms); first += matchTerms {
		some, err := x.findOnce(ctx, terms[first:min(first+matchTerms, len(terms))], chinese)
		if err != nil {
			return nil, err
		}
		if first == 0 {
			found = some
		} else {
			found = intersect(found, some)
		}
		if len(found) == 0 {
			return nil, nil
		}
	}
	return found, nil
}

func (x *index) findOnce(ctx context.Context, terms [][]string, chinese bool) ([]int, error) {
	var list sql.NullString
	wanted := expression(terms)
	if chinese {
		wanted = "zh : (" + wanted + ")" // One of the two columns.
	}
	if err := x.match.QueryRowContext(ctx, wanted).Scan(&list); err != nil {
		return nil, fmt.Errorf("search the catalogue: %w", err)
	}
	if !list.Valid {
		return nil, nil
	}
	out := make([]int, 0, strings.Count(list.String, ",")+1)
	for number := range strings.SplitSeq(list.String, ",") {
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("search the catalogue: row number %q: %w", number, err)
		}
		out = append(out, n)
	}
	return out, nil
}

func (x *index) close() error {
	var errs []error
	if x.match != nil {
		errs = append(errs, x.match.Close())
	}
	if x.hold != nil {
		errs = append(errs, x.hold.Close())
	}
	return errors.Join(append(errs, x.db.Close())...)
}

// expression writes terms in the query language of FTS5. Tokens hold only letters, digits and marks and stand in quotes, so
// no word of a user can be read as syntax.
func expression(terms [][]string) string {
	var all []string
	for _, term := range terms {
		for _, span := range spans(term) {
			var ways []string
			for _, pieces := range splits(span) {
				var phrases []string
				for _, p := range pieces {
					phrases = append(phrases, `"`+strings.Join(p, " ")+`"`)
				}
				ways = append(ways, "("+strings.Join(phrases, " AND ")+")")
			}
			all = append(all, "("+strings.Join(ways, " OR ")+")")
		}
	}
	return strings.Join(all, " AND ")
}

func intersect(a, b []int) []int {
	in := make(map[int]bool, len(b))
	for _, n := range b {
		in[n] = true
	}
	var out []int
	for _, n := range a {
		if in[n] {
			out = append(out, n)
		}
	}
	return out
}
