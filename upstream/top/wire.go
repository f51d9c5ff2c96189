package top

import (
	"context"
	"net/http"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/form"
)

// wire writes calls and opens answers.
type wire struct {
	url    string
	sign   SignMethod
	tables tables
}

var _ upstream.Wire = wire{}

// timestampForm and gatewayZone are the gateway's time format: without a zone, always China's time.
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
	sealed, photoBytes, err := seal(params, w.sign, cred.AppSecret)
	if err != nil {
		return nil, err
	}
	request, err := form.NewRequest(ctx, w.url, sealed, photoBytes)
	if err != nil {
		return nil, fault.New(fault.UpstreamAPIUnknown, "the configured upstream address is not valid").WithCause(err)
	}
	return request, nil
}
