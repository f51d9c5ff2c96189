package aopwire

import (
	"net/http"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// gatewayError is a refusal of the gateway itself.
type gatewayError struct {
	status        int
	code, message string
}

func (e *gatewayError) Error() string { return e.code + ": " + e.message }

// The documented refusals. Where no message is published, the message is invented.
var (
	errSignatureMissing = gatewayError{http.StatusBadRequest, "gw.SignatureMissing", "Required argument _aop_signature"}
	errSignatureInvalid = gatewayError{http.StatusBadRequest, "gw.SignatureInvalid", "Invalid signature"}
	errAppKeyMissing    = gatewayError{http.StatusBadRequest, "gw.AppKeyMissing", "App key is missing"}
	errAppKeyNotFound   = gatewayError{http.StatusBadRequest, "gw.AppKeyNotFound", "App key is not found"}
	errAPIUnsupported   = gatewayError{http.StatusBadRequest, "gw.APIUnsupported", "The API is not supported"}
	errACLDecline       = gatewayError{http.StatusBadRequest, "gw.APIACLDecline", "AppKey is not allowed(acl)"}
	errUnauthorized     = gatewayError{http.StatusUnauthorized, "401", "Request need user authorized"}
	errAppFrequency     = gatewayError{http.StatusBadRequest, "gw.QosAppFrequencyLimit", "App call exceeds limited frequency"}
	errAPIFrequency     = gatewayError{http.StatusBadRequest, "gw.QosAPIFrequencyLimit", "API call exceeds limited frequency"}
	errNoUsageLeft      = gatewayError{http.StatusBadRequest, "gw.NoUsageLeftError", "SLA bill has no usage left"}
	errISPInvoke        = gatewayError{http.StatusInternalServerError, "gw.ISPInvokeError", "Service invocation failed"}
	errISPConnect       = gatewayError{http.StatusInternalServerError, "gw.ISPConnectError", "Service connection failed"}
	errISPTimeout       = gatewayError{http.StatusInternalServerError, "gw.ISPInvokeTimeout", "Service invocation timed out"}
	// The code of errClock is invented: the platform's is not published.
	errClock = gatewayError{http.StatusBadRequest, "gw.TimestampInvalid", "_aop_timestamp is too far from the server's clock"}
)

func paramMissing(name string) gatewayError {
	return gatewayError{http.StatusBadRequest, "gw.ParamMissing", "Required argument " + name}
}

// refusals maps a fault word to the error that the gateway answers.
var refusals = map[string]gatewayError{
	"throttle":            errAppFrequency,
	"throttle-api":        errAPIFrequency,
	faultword.ThrottleBan: errAppFrequency,
	"package-used-up":     errNoUsageLeft,
	"no-permission":       errACLDecline,
	"no-such-api":         errAPIUnsupported,
	"ip":                  {http.StatusBadRequest, "gw.APIACLDecline", "The address is not allowed(acl)"},
	"bad-token":           errUnauthorized,
	"no-token":            {http.StatusUnauthorized, "401", "Request need user authenticated"},
	"bad-signature":       errSignatureInvalid,
	"no-signature":        errSignatureMissing,
	"no-app-key":          errAppKeyMissing,
	"bad-app-key":         errAppKeyNotFound,
	"clock":               errClock,
	"bad-param":           paramMissing("offerId"),
	"isp":                 errISPInvoke,
	"isp-connect":         errISPConnect,
	"isp-timeout":         errISPTimeout,
	"unknown-gw-code":     {http.StatusBadRequest, "gw.SomethingNobodyHasDocumented", "The gateway has its reasons"},
}

// requestedRefusal returns the refusal that the fault words ask for. A modifier alone asks for a throttle, so that it
// shows.
func requestedRefusal(words faultword.Set) (gatewayError, bool) {
	if words.Has(faultword.GatewayCode) {
		return gatewayError{http.StatusBadRequest, words.Value(faultword.GatewayCode), "Asked for by a sandbox fault word"}, true
	}
	for _, name := range words.Of(faultword.Refusal) {
		if e, ok := refusals[name]; ok {
			return e, true
		}
	}
	if words.Has(faultword.In200) || words.Has(faultword.CamelError) {
		return errAppFrequency, true
	}
	return gatewayError{}, false
}

type errorBody struct {
	Code      string `json:"error_code,omitempty"`
	Message   string `json:"error_message,omitempty"`
	CamelCode string `json:"errorCode,omitempty"`
	CamelText string `json:"errorMessage,omitempty"`
	Exception string `json:"exception,omitempty"`
	RequestID string `json:"request_id,omitempty"`
}

// refuse answers with a gateway error.
func (d *Dialect) refuse(x *wire.Exchange, e gatewayError) {
	x.Code = e.code
	body := errorBody{Code: e.code, Message: e.message, Exception: e.message, RequestID: x.RequestID}
	if x.Faults.Has(faultword.CamelError) {
		body = errorBody{CamelCode: e.code, CamelText: e.message}
	}
	status := e.status
	if x.Faults.Has(faultword.In200) {
		status = http.StatusOK
	}
	x.Send(wire.JSON(status, body))
}
