package top

import (
	"regexp"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
)

var methodForm = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)+$`)

// encodeCall writes a call of any method.
func encodeCall(q *zhaohuov1.CallRequest) (upstream.Call, error) {
	if !methodForm.MatchString(q.GetApi()) {
		return upstream.Call{}, fault.Invalid("api", "API_NAME", "must be a method, such as alibaba.product.get")
	}
	return form.CallOf(q.GetApi(), q.GetParameters(), reserved)
}

// reserved reports whether the parameter is one of the system's: they name the method, the credentials, the time, the signature and
// the form of the answer (docs/PROTOCOL.md §3.1).
func reserved(name string) bool {
	switch strings.ToLower(name) {
	case "method", "app_key", "session", "access_token", "timestamp", "format", "v", "sign", "sign_method", "simplify", "partner_id", "target_app_key":
		return true
	}
	return false
}
