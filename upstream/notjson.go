package upstream

import "errors"

// ErrNotJSON is the cause of a fault whose answer was not JSON, such as an error page. Most likely a proxy sent it, not
// the upstream.
var ErrNotJSON = errors.New("the answer is not JSON")
