package aop

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
)

// The system parameters that are sent (docs/PROTOCOL.md §2.2).
const (
	paramSignature   = "_aop_signature"
	paramTimestamp   = "_aop_timestamp"
	paramAccessToken = "access_token"
)

var _ upstream.Wire = wire{}

// wire implements [upstream.Wire].
type wire struct {
	baseURL      string
	successCodes []string
	faults       faultTable
}

func newWire(c Config) wire {
	return wire{baseURL: c.BaseURL, successCodes: c.SuccessCodes, faults: newFaultTable(c)}
}

// NewRequest implements [upstream.Wire].
func (w wire) NewRequest(ctx context.Context, call upstream.Call, cred upstream.Credential, now time.Time) (*http.Request, error) {
	method, err := ParseMethod(call.API)
	if err != nil {
		return nil, fault.New(fault.Internal, "the configured API name cannot be used").WithCause(err)
	}
	params := make([]upstream.Param, 0, len(call.Params)+3)
	params = append(params, call.Params...)
	params = append(params, upstream.Param{Name: paramTimestamp, Value: strconv.FormatInt(now.UnixMilli(), 10)})
	if !cred.AccessToken.Empty() {
		params = append(params, upstream.Param{Name: paramAccessToken, Value: cred.AccessToken.Reveal()})
	}
	signature, photoBytes, err := Sign(cred.AppSecret, method.path(cred.AppKey), params)
	if err != nil {
		return nil, err
	}
	params = append(params, upstream.Param{Name: paramSignature, Value: signature})
	request, err := form.NewRequest(ctx, w.address(method, cred.AppKey), params, photoBytes)
	if err != nil {
		return nil, fault.New(fault.Internal, "the configured upstream address cannot be used").WithCause(err)
	}
	return request, nil
}

// address is the URL of the API. It is URL-encoded, unlike what is signed.
func (w wire) address(m Method, appKey string) string {
	return w.baseURL + "/openapi/param2/" + url.PathEscape(m.Version) + "/" + url.PathEscape(m.Namespace) + "/" +
		url.PathEscape(m.Name) + "/" + url.PathEscape(appKey)
}

// Open implements [upstream.Wire]. Every operation of this dialect needs data, so a success without data is unreadable,
// not empty.
func (w wire) Open(call upstream.Call, status int, body []byte) (gjson.Result, error) {
	answer, err := envelope.Parse(status, body)
	if err != nil {
		return gjson.Result{}, err
	}
	payload, refusal := envelope.Open(answer, w.successCodes)
	switch {
	case refusal != nil:
		return gjson.Result{}, w.faults.of(status, refusal)
	case status < 200 || status >= 300:
		return gjson.Result{}, byStatus(status)
	case call.Verbatim && answer.Type != gjson.Null:
		return answer, nil
	case !payload.Exists():
		return gjson.Result{}, fault.New(fault.UpstreamAnswerUnreadable, "the upstream's answer claims success but holds no data")
	}
	return payload, nil
}
