package topwire

import (
	"maps"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
)

// reply wraps a payload in the shape of the call and sends it, with what the business and content fault words change.
func (c *call) reply(p payload) {
	if c.Faults.Of(faultword.Business) != nil {
		c.Code = "business"
	}
	switch {
	case c.Faults.Has(faultword.BareNull):
		c.send(nil)
	case c.Faults.Has(faultword.BareList):
		c.send(map[string]any{c.Faults.Value(faultword.BareList): []any{}})
	case c.Faults.Has(faultword.TotalZero):
		c.wrap(map[string]any{"total_results": 0})
	case c.Faults.Has(faultword.Beside):
		c.send(map[string]any{
			"error_response": errService.fields(c.Faults, c.RequestID),
			"result":         map[string]any{"result": []any{}},
		})
	case c.Faults.Has(faultword.DespiteOK):
		c.wrap(map[string]any{"result": map[string]any{"success": true, "errorMessage": "系统繁忙,请稍后再试"}})
	case c.Faults.Has(faultword.RefusedInside):
		c.wrap(map[string]any{"result": map[string]any{"success": false, "code": "500", "message": "系统异常"}})
	case c.Faults.Has(faultword.NullResult):
		c.wrap(map[string]any{"result": nil})
	case p.members != nil:
		c.wrap(p.members)
	case p.items != nil:
		c.wrap(c.placeItems(p.items))
	default:
		c.wrap(c.place(p.list))
	}
}

// place puts a list where the shape has it.
func (c *call) place(list any) map[string]any {
	switch c.shape {
	case SearchResponse:
		return map[string]any{"productSearchResponse": map[string]any{"products": list}}
	case Products:
		return map[string]any{"products": list}
	default:
		return map[string]any{"result": map[string]any{"result": list}}
	}
}

// placeItems puts an image search's items where the shape has them.
func (c *call) placeItems(items any) map[string]any {
	switch c.shape {
	case SearchResponse:
		return map[string]any{"imageSearchResponse": map[string]any{"items": items}}
	case Products:
		return map[string]any{"items": items}
	default:
		return map[string]any{"result": map[string]any{"items": items}}
	}
}

// wrap puts members into the method's response, or leaves them at the top level for the tutorial's client.
func (c *call) wrap(members map[string]any) {
	members = maps.Clone(members)
	members["request_id"] = c.RequestID
	if c.shape != Wrapped {
		c.send(members)
		return
	}
	c.send(map[string]any{strings.ReplaceAll(c.method.name, ".", "_") + "_response": members})
}
