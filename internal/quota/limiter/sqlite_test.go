package limiter_test

import (
	"database/sql"
	"testing"
)

// sqliteExec runs a statement on a file that a ledger has open, and returns a function that runs another.
func sqliteExec(t *testing.T, path, statement string) func(string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	run := func(statement string) {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	run(statement)
	return run
}
