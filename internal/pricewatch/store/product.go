package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// fillAtOnce is how many watches are read at a time when the table of products is filled.
const fillAtOnce = 1000

// productTables say which watches name a product. A comparison names none: its goods are found anew each time.
func productTables() []string {
	return []string{
		`CREATE TABLE price_watch_product (
			product_id {text} NOT NULL,
			watch_id {text} NOT NULL,
			PRIMARY KEY (product_id, watch_id)
		) {clustered}`,
		`CREATE INDEX price_watch_product_watch ON price_watch_product (watch_id)`,
	}
}

// fillProducts fills the table of products from the watches that were there before it.
func fillProducts(ctx context.Context, tx *sql.Tx) error {
	for after := ""; ; {
		var watches []*Watch
		err := query(ctx, tx, func(rows *sql.Rows) error {
			w, encoded := &Watch{Definition: &zhaohuov1.PriceWatch{}}, []byte(nil)
			if err := rows.Scan(&w.ID, &encoded); err != nil {
				return err
			}
			watches = append(watches, w)
			return decode(encoded, w.Definition)
		}, `SELECT id, definition FROM price_watch WHERE id > $1 ORDER BY id LIMIT $2`, after, fillAtOnce)
		if err != nil {
			return err
		}
		for _, w := range watches {
			if err := addProducts(ctx, tx, w); err != nil {
				return err
			}
			after = w.ID
		}
		if len(watches) < fillAtOnce {
			return nil
		}
	}
}

// setProducts replaces the products that a watch names.
func setProducts(ctx context.Context, tx *sql.Tx, w *Watch) error {
	if _, err := exec(ctx, tx, `DELETE FROM price_watch_product WHERE watch_id = $1`, w.ID); err != nil {
		return err
	}
	return addProducts(ctx, tx, w)
}

func addProducts(ctx context.Context, tx *sql.Tx, w *Watch) error {
	for chunk := range slices.Chunk(w.Definition.GetProducts().GetIds(), rowsAtOnce) {
		args := make([]any, 0, 2*len(chunk))
		for _, product := range chunk {
			args = append(args, product, w.ID)
		}
		_, err := exec(ctx, tx, `INSERT INTO price_watch_product (product_id, watch_id) VALUES `+values(len(chunk), "TEXT", "TEXT")+
			` ON CONFLICT DO NOTHING`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// NamingWatch is a watch that names a product, and is not paused.
type NamingWatch struct {
	ID string
	// Due is when its next observation is due, and LastDue when its last one was. Zero: there was none.
	Due, LastDue time.Time
}

// WatchesOf returns the watches that name any of the products and are not paused, by their ids. Until tx ends nobody else changes them.
func (s *Store) WatchesOf(ctx context.Context, tx *sql.Tx, products []string) ([]NamingWatch, error) {
	var all []NamingWatch
	for chunk := range slices.Chunk(products, rowsAtOnce) {
		args := make([]any, len(chunk))
		for i, id := range chunk {
			args[i] = id
		}
		err := query(ctx, tx, func(rows *sql.Rows) error {
			w, due, last := NamingWatch{}, int64(0), []byte(nil)
			if err := rows.Scan(&w.ID, &due, &last); err != nil {
				return err
			}
			w.Due = moment(due)
			if last != nil {
				o := &zhaohuov1.PriceObservation{}
				if err := decode(last, o); err != nil {
					return err
				}
				w.LastDue = o.GetDueTime().AsTime()
			}
			all = append(all, w)
			return nil
		}, `SELECT id, next_due, last_observation FROM price_watch WHERE next_due IS NOT NULL
			AND id IN (SELECT watch_id FROM price_watch_product WHERE product_id IN (`+places(1, len(chunk))+`)) ORDER BY id`+s.forUpdate, args...)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b NamingWatch) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b NamingWatch) bool { return a.ID == b.ID }), nil
}
