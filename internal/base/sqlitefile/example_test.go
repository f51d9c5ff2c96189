package sqlitefile_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/sqlitefile"
)

// Writes and reads use pools of their own: readers never wait for a writer.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "sqlitefile")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	file, err := sqlitefile.Open(ctx, filepath.Join(dir, "data", "prices.db"), sqlitefile.Options{BusyTimeout: time.Second, Readers: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	if _, err := file.Writer.ExecContext(ctx, `CREATE TABLE price (yuan TEXT); INSERT INTO price VALUES ('12.50')`); err != nil {
		fmt.Println(err)
		return
	}
	var yuan string
	err = file.Reader.QueryRowContext(ctx, `SELECT yuan FROM price`).Scan(&yuan)
	fmt.Println(yuan, err)
	// Output: 12.50 <nil>
}
