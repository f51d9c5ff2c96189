package form

import (
	"maps"
	"slices"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// CallOf is the call of any API with a caller's own parameters, in the order of their names. It refuses those that are
// reserved.
func CallOf(api string, parameters map[string]string, reserved func(name string) bool) (upstream.Call, error) {
	call := upstream.Call{API: api, Verbatim: true}
	var refused *fault.Fault
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if !reserved(name) {
			call.Params = append(call.Params, upstream.Param{Name: name, Value: parameters[name]})
			continue
		}
		if refused == nil {
			refused = fault.New(fault.InvalidField, "parameters hold what this server sets itself")
		}
		refused = refused.WithField("parameters["+name+"]", "PARAMETER_RESERVED", "is set by this server: leave it out")
	}
	if refused != nil {
		return upstream.Call{}, refused
	}
	return call, nil
}

// DecodeCall is the answer to such a call: the text as it came.
func DecodeCall(_ *zhaohuov1.CallRequest, body gjson.Result) (*zhaohuov1.CallResponse, error) {
	return &zhaohuov1.CallResponse{Json: body.Raw}, nil
}
