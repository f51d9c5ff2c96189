package topwire

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// topError is an error_response.
type topError struct {
	code                 int
	msg, subCode, subMsg string
}

func (e *topError) Error() string {
	return strconv.Itoa(e.code) + " " + e.msg + " " + e.subCode
}

// The errors of the platform's table. The sub_code texts are those of the tutorial where it has one.
var (
	errHTTPAction         = topError{code: 9, msg: "Http Action Not Allowed"}
	errMethodMissing      = topError{code: 21, msg: "Missing Method"}
	errMethodInvalid      = topError{code: 22, msg: "Invalid Method"}
	errFormat             = topError{code: 23, msg: "Invalid Format"}
	errSignMissing        = topError{code: 24, msg: "Missing Signature"}
	errSignInvalid        = topError{25, "Invalid signature", "isv.invalid-signature", "签名错误"}
	errSessionMissing     = topError{code: 26, msg: "Missing Session"}
	errSessionInvalid     = topError{27, "Invalid Session", "isv.invalid-session", "无效的SessionKey参数"}
	errAppKeyMissing      = topError{code: 28, msg: "Missing App Key"}
	errAppKeyInvalid      = topError{29, "Invalid App Key", "isv.appkey-not-exists", "非法的AppKey参数"}
	errTimestampMissing   = topError{code: 30, msg: "Missing Timestamp"}
	errTimestampInvalid   = topError{code: 31, msg: "Invalid Timestamp"}
	errVersionMissing     = topError{code: 32, msg: "Missing Version"}
	errVersionInvalid     = topError{code: 33, msg: "Invalid Version"}
	errVersionUnsupported = topError{code: 34, msg: "Unsupported Version"}
	errPermission         = topError{11, "Insufficient ISV Permissions", "isv.permission-api-forbidden", "API权限不足"}
	errIP                 = topError{11, "Insufficient ISV Permissions", "isv.permission-ip-limit", "IP受限"}
	errPackage            = topError{7, "App Call Limited", "accesscontrol.limited-by-app-access-count", "This ban will last for 31062 more seconds"}
	errCallLimited        = topError{7, "App Call Limited", "isp.call-limited", "调用频率超限"}
	errUpload             = topError{code: 3, msg: "Upload Fail"}
	errService            = topError{15, "Remote service error", "isp.remote-service-error", "调用后端服务失败"}
	errServiceConnect     = topError{15, "Remote service error", "isp.remote-connection-error", "连接后端服务失败"}
	errServiceTimeout     = topError{15, "Remote service error", "isp.remote-service-timeout", "调用后端服务超时"}
	errNoItem             = topError{15, "Remote service error", "isv.item-not-exist", "商品不存在"}
	errTooLarge           = topError{code: 41, msg: "Invalid Arguments", subCode: "isv.invalid-parameter", subMsg: "the request body is too large"}
)

// banned is the refusal for a rate or a day, with the time until it ends in whole seconds, at least one.
func banned(whose string, wait time.Duration) *topError {
	return &topError{
		7, "App Call Limited", "accesscontrol.limited-by-" + whose + "-access-count",
		fmt.Sprintf("This ban will last for %d more seconds", max(1, int(math.Ceil(wait.Seconds())))),
	}
}

func missingArgument(name string) *topError {
	return &topError{40, "Missing Required Arguments:" + name, "isv.missing-parameter:" + name, "缺少必选参数"}
}

func badArgument(name string) *topError {
	return &topError{15, "Remote service error", "isv.invalid-parameter:" + name, "参数错误"}
}

// refusals maps a fault word to the error that the router answers.
var refusals = map[string]topError{
	"throttle":        errCallLimited,
	"throttle-api":    *banned("api", time.Second),
	"package-used-up": errPackage,
	"no-permission":   errPermission,
	"no-such-api":     errMethodInvalid,
	"ip":              errIP,
	"bad-token":       errSessionInvalid,
	"no-token":        errSessionMissing,
	"bad-signature":   errSignInvalid,
	"no-signature":    errSignMissing,
	"no-app-key":      errAppKeyMissing,
	"bad-app-key":     errAppKeyInvalid,
	"clock":           errTimestampInvalid,
	"bad-param":       *badArgument("q"),
	"isp":             errService,
	"isp-connect":     errServiceConnect,
	"isp-timeout":     errServiceTimeout,
	"unknown-gw-code": {9999, "The router has its reasons", "", ""},
	// Business refusals have no envelope here: TOP answers with an error_response.
	faultword.Delisted:   errNoItem,
	faultword.NotCurated: errNoItem,
}

// requestedRefusal returns the refusal that the fault words ask for. A modifier alone asks for a throttle, so that it
// shows.
func requestedRefusal(words faultword.Set) (topError, bool) {
	if words.Has(faultword.TOPCode) {
		code, sub, _ := strings.Cut(words.Value(faultword.TOPCode), ",")
		n, err := strconv.Atoi(code)
		if err != nil {
			n = 15
		}
		return topError{n, "Asked for by a sandbox fault word", sub, ""}, true
	}
	if words.Has(faultword.ThrottleBan) {
		return *banned("app", time.Duration(words.Int(faultword.ThrottleBan))*time.Second), true
	}
	for _, class := range []faultword.Class{faultword.Refusal, faultword.Business} {
		for _, name := range words.Of(class) {
			if e, ok := refusals[name]; ok {
				return e, true
			}
		}
	}
	if words.Has(faultword.TextCode) {
		return errCallLimited, true
	}
	return topError{}, false
}

// fields returns the members of the error_response.
func (e topError) fields(words faultword.Set, requestID string) map[string]any {
	m := map[string]any{"code": e.code, "msg": e.msg, "request_id": requestID}
	if e.subCode != "" {
		m["sub_code"], m["sub_msg"] = e.subCode, e.subMsg
	}
	if words.Has(faultword.TextCode) && e.subCode != "" {
		m = map[string]any{"code": e.subCode, "msg": e.subMsg, "request_id": requestID}
	}
	return m
}

// refuse answers with an error. TOP sends errors with HTTP 200.
func (c *call) refuse(e topError) {
	c.Code = strconv.Itoa(e.code)
	c.send(map[string]any{"error_response": e.fields(c.Faults, c.RequestID)})
}

// send writes an object with one or more members in the requested format.
func (c *call) send(body any) {
	if c.json && !c.Faults.Has(faultword.XML) {
		c.Send(wire.JSON(http.StatusOK, body))
		return
	}
	c.Send(asXML(body))
}
