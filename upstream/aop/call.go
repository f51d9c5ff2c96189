package aop

import (
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
)

// encodeCall writes a call of any API. The API is named in the address, so no parameter can change it.
func encodeCall(q *zhaohuov1.CallRequest) (upstream.Call, error) {
	method, err := ParseMethod(q.GetApi())
	if err != nil || strings.ContainsAny(q.GetApi(), "%\\") {
		return upstream.Call{}, fault.Invalid("api", "API_NAME", "must be namespace:name-version, such as com.alibaba.product:alibaba.category.get-1")
	}
	return form.CallOf(method.String(), q.GetParameters(), reserved)
}

// reserved reports whether the gateway, or a client of it, reads credentials, time or signature from the parameter.
func reserved(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case paramAccessToken, "app_key", "appkey", "client_secret", "session", "sign", "sign_method":
		return true
	}
	return strings.HasPrefix(name, "_aop_")
}
