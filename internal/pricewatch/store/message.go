package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func encode(m proto.Message) ([]byte, error) {
	// Never nil: an empty message is stored as no bytes, not as NULL.
	body, err := proto.MarshalOptions{}.MarshalAppend([]byte{}, m)
	if err != nil {
		return nil, fault.New(fault.Internal, "a message cannot be stored").WithCause(err)
	}
	return body, nil
}

func decode(body []byte, m proto.Message) error {
	if err := proto.Unmarshal(body, m); err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return nil
}

// flag is a truth as the tables keep it.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func toNull(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// storable reports whether a text can be in a column: PostgreSQL refuses to compare with others.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
