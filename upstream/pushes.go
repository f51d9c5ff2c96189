package upstream

import "context"

// Pushes are the messages of the upstream that it could not deliver. The upstream stores them for each App Key.
type Pushes struct {
	// List returns the oldest messages that were neither delivered nor confirmed, at most that many (20 to 200), each as the JSON text
	// in which it would have been pushed. Listing does not confirm.
	List Operation[int, []string]
	// Confirm confirms messages by their ids, which are decimal numbers: they are not listed any more. It may be repeated.
	Confirm Operation[[]string, struct{}]
}

// Offered reports whether the dialect has both.
func (p Pushes) Offered() bool { return p.List.Offered() && p.Confirm.Offered() }

// UndeliveredPushes asks for up to that many messages (20 to 200) that were pushed to an account and not delivered; the name is empty
// for the only account. Confirm them when they are worked off.
func (c *Client) UndeliveredPushes(ctx context.Context, account string, most int) ([]string, error) {
	texts, _, _, err := runBy(ctx, c, c.Dialect.Pushes.List, most, way{account: account})
	return texts, err
}

// ConfirmPushes confirms messages of an account by their ids.
func (c *Client) ConfirmPushes(ctx context.Context, account string, ids []string) error {
	_, _, _, err := runBy(ctx, c, c.Dialect.Pushes.Confirm, ids, way{account: account})
	return err
}
