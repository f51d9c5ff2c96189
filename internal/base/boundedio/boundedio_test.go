package boundedio_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
)

// counted counts the bytes that are read.
type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

// TestRead: what fits is read to its end. Of what does not fit, no more than one byte over the bound is read.
func TestRead(t *testing.T) {
	broken := errors.New("broken")
	for name, row := range map[string]struct {
		text  string
		fails error
		want  error
		read  int
	}{
		"empty":             {"", nil, nil, 0},
		"at the bound":      {"0123456789", nil, nil, 10},
		"over the bound":    {"0123456789a", nil, boundedio.ErrTooLarge, 11},
		"far over it":       {strings.Repeat("x", 1000), nil, boundedio.ErrTooLarge, 11},
		"breaks off":        {"01234", broken, broken, 5},
		"over, then breaks": {"0123456789ab", broken, boundedio.ErrTooLarge, 11},
	} {
		t.Run(name, func(t *testing.T) {
			var r io.Reader = strings.NewReader(row.text)
			if row.fails != nil {
				r = io.MultiReader(r, iotest.ErrReader(row.fails))
			}
			c := &counted{r: r}
			got, err := boundedio.Read(c, 10)
			if !errors.Is(err, row.want) || err == nil && string(got) != row.text || err != nil && got != nil || c.n != row.read {
				t.Errorf("%q, %v, of %d bytes read", got, err, c.n)
			}
		})
	}
}

// TestReadBody: a length that is stated beforehand is believed only where it refuses the body.
func TestReadBody(t *testing.T) {
	for name, row := range map[string]struct {
		text   string
		length int64
		want   error
		read   int
	}{
		"stated":            {"01234", 5, nil, 5},
		"not stated":        {"01234", -1, nil, 5},
		"stated too large":  {"0123456789a", 11, boundedio.ErrTooLarge, 0},
		"larger than said":  {"0123456789a", 3, boundedio.ErrTooLarge, 11},
		"smaller than said": {"01", 9, nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			c := &counted{r: strings.NewReader(row.text)}
			got, err := boundedio.ReadBody(&http.Response{Body: io.NopCloser(c), ContentLength: row.length}, 10)
			if !errors.Is(err, row.want) || err == nil && string(got) != row.text || c.n != row.read {
				t.Errorf("%q, %v, of %d bytes read", got, err, c.n)
			}
		})
	}
}

func TestReadFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keys.yaml")
	if _, err := boundedio.ReadFile(name, 5); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := boundedio.ReadFile(name, 5); err != nil || string(got) != "12345" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := boundedio.ReadFile(name, 4); err == nil || err.Error() != name+" is over 4 bytes" {
		t.Errorf("too large: %v", err)
	}
}
