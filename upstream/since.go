package upstream

import (
	"context"
	"time"
)

type sinceKey struct{}

// WithAnswersSince says that answers which were fetched since a time are the asker's own: whoever keeps answers gives
// them for questions under ctx, however old they are by now and whatever max_staleness says. Older answers count as
// ever.
func WithAnswersSince(ctx context.Context, began time.Time) context.Context {
	return context.WithValue(ctx, sinceKey{}, began)
}

// AnswersSince is what [WithAnswersSince] said; false where nobody did.
func AnswersSince(ctx context.Context) (time.Time, bool) {
	began, said := ctx.Value(sinceKey{}).(time.Time)
	return began, said
}
