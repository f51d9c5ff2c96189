package upstream

import "errors"

// ErrNotJSON is the cause of a fault whose answer was no JSON at all, such as an error page. It likely came from a server
// in between.
var ErrNotJSON = errors.New("the answer is not JSON")
