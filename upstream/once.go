package upstream

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Call calls any API by its name. It only reads, so it is repeated as every question is. The answer is its whole body, without
// secrets.
func (c *Client) Call(ctx context.Context, q *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
	return c.callAPI(ctx, q, way{})
}

// CallOnce is [Client.Call] for an API that may change something. A call that was sent is repeated only after the upstream
// itself refused it before it acted. Whatever else keeps its answer away is a CallMayHaveArrived fault.
func (c *Client) CallOnce(ctx context.Context, q *zhaohuov1.CallRequest) (*zhaohuov1.CallResponse, error) {
	return c.callAPI(ctx, q, way{once: true})
}

func (c *Client) callAPI(ctx context.Context, q *zhaohuov1.CallRequest, by way) (*zhaohuov1.CallResponse, error) {
	answer, meta, _, err := runBy(ctx, c, c.Dialect.CallAPI, q, by)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// outcomeOf is what is known of a call that was sent once and failed. final: it must not be repeated, and the error is the one
// to return.
//
// The list is of what is certain. Everything else, also faults that are added later, leaves open whether the call was done.
func outcomeOf(err error) (final bool, outcome error) {
	f, ok := fault.As(err)
	if !ok {
		return true, mayHaveArrived(err)
	}
	switch f.Kind {
	case fault.UpstreamThrottled, fault.UpstreamQuotaExhausted, fault.UpstreamTokenInvalid, fault.UpstreamClockSkew,
		fault.UpstreamCredentialsInvalid, fault.UpstreamPermissionDenied, fault.UpstreamIPNotAllowed, fault.UpstreamAPIUnknown:
		// The gateway checks these before it passes a call on. A status without its code may be of a server in between, and
		// a code inside the result is of the service behind.
		if f.Meta[fault.MetaUpstreamCode] != "" && !f.FromResult {
			return false, err
		}
	case fault.UpstreamRefused, fault.UpstreamArgumentRefused, fault.ProductNotFound, fault.UpstreamImageRefused:
		return true, err // The upstream's final word.
	case fault.UpstreamImageForgotten:
		// There is no image here that could be sent anew.
		refused := *f
		refused.Kind = fault.UpstreamArgumentRefused
		return true, &refused
	}
	return true, mayHaveArrived(err)
}

// mayHaveArrived keeps what the upstream said, if it said anything.
func mayHaveArrived(err error) *fault.Fault {
	unknown := fault.New(fault.CallMayHaveArrived, "the call was sent and its answer is lost (%s): it may have been done, and was not repeated", fault.KindOf(err)).
		WithCause(err)
	if f, ok := fault.As(err); ok {
		for key, value := range f.Meta {
			unknown = unknown.WithMeta(key, value)
		}
	}
	return unknown
}
