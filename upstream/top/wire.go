package top

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// wire writes calls and opens answers.
type wire struct {
	url    string
	sign   SignMethod
	tables tables
}

var _ upstream.Wire = wire{}

// timestampForm and gatewayZone are how the gateway reads a time: without a zone, and always as China's.
const timestampForm = "2006-01-02 15:04:05"

var gatewayZone = time.FixedZone("GMT+8", 8*60*60)

// NewRequest implements [upstream.Wire].
func (w wire) NewRequest(ctx context.Context, call upstream.Call, cred upstream.Credential, now time.Time) (*http.Request, error) {
	params := make([]upstream.Param, 0, len(call.Params)+8)
	params = append(params, call.Params...)
	params = append(params,
		upstream.Param{Name: "method", Value: call.API},
		upstream.Param{Name: "app_key", Value: cred.AppKey},
		upstream.Param{Name: "session", Value: cred.AccessToken.Reveal()},
		upstream.Param{Name: "timestamp", Value: now.In(gatewayZone).Format(timestampForm)},
		upstream.Param{Name: "format", Value: "json"},
		upstream.Param{Name: "v", Value: "2.0"},
	)
	sealed, err := seal(params, w.sign, cred.AppSecret)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, form(sealed))
	if err != nil {
		return nil, fault.New(fault.UpstreamAPIUnknown, "the configured upstream address is no address").WithCause(err)
	}
	request.GetBody = nil // A repeat is a new attempt: it takes its own turn, timestamp and signature.
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	request.Header.Set("Accept", "application/json")
	return request, nil
}

// form writes parameters as a form, in their order.
func form(params []upstream.Param) *bytes.Buffer {
	size := 0
	for _, p := range params {
		size += len(p.Name) + len(p.Value) + len("=&")
	}
	body := bytes.NewBuffer(make([]byte, 0, size+size/8))
	for i, p := range params {
		if i > 0 {
			body.WriteByte('&')
		}
		body.WriteString(url.QueryEscape(p.Name))
		body.WriteByte('=')
		body.WriteString(url.QueryEscape(p.Value))
	}
	return body
}
