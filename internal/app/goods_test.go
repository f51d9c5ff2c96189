package app

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// TestMain checks that no test leaves a goroutine. The catalogue that they share is closed before.
func TestMain(m *testing.M) { goleak.VerifyTestMain(goodsOwner{m}) }

// goodsOwner runs the tests, and closes the catalogue that they share.
type goodsOwner struct{ tests *testing.M }

func (o goodsOwner) Run() int {
	code := o.tests.Run()
	goods, err := openGoods()
	if err == nil {
		err = goods.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the shared catalogue is not closed:", err)
		return max(code, 1)
	}
	return code
}

// openGoods opens the catalogue when it is first needed. Nothing changes it. To draw and to index it takes longer than most tests.
var openGoods = sync.OnceValues(func() (*Goods, error) {
	return OpenGoods("", slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
})

// sharedGoods is the built-in catalogue that all tests share.
func sharedGoods(t *testing.T) *Goods {
	t.Helper()
	shared, err := openGoods()
	if err != nil {
		t.Fatal(err)
	}
	return shared
}
