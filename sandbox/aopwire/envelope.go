package aopwire

import (
	"maps"
	"net/http"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// shape is a business envelope, by its number in docs/PROTOCOL.md §2.7.
type shape string

const (
	e1, e2, e3 shape = "e1", "e2", "e3"
	bare       shape = "e16"
)

type object = map[string]any

// envelop wraps a result in the envelope of its API, or in the one that the fault words ask for.
func envelop(c *call, r result) wire.Body {
	s := c.api.envelope
	for _, word := range c.Faults.Of(faultword.Shape) {
		if word != faultword.TOPShape {
			s = shape(word)
		}
	}
	if c.Faults.Has(faultword.NullResult) {
		r = result{}
	}
	var body any
	switch {
	case c.Faults.Has(faultword.BareNull):
		body = nil
	case c.Faults.Has(faultword.BareList):
		body = object{c.Faults.Value(faultword.BareList): []any{}}
	case c.Faults.Has(faultword.Beside):
		body = object{"success": false, "code": "SYSTEM_ERROR", "message": "handle search error", "result": object{"total": 0, "page": 1, "result": []any{}}}
	case c.Faults.Has(faultword.DespiteOK):
		body = object{"errorMessage": "系统繁忙,请稍后再试", "success": true}
	default:
		if b := askedBusiness(c.Faults); b != nil {
			r.refused = b
		}
		body = wrap(s, r)
	}
	if c.Faults.Of(faultword.Business) != nil {
		c.Code = "business"
	}
	return wire.JSON(http.StatusOK, body)
}

func askedBusiness(words faultword.Set) *business {
	switch {
	case words.Has(faultword.RefusedInside):
		return &business{"500", "系统异常"}
	case words.Has(faultword.Delisted):
		return &business{"500", "已下架"}
	case words.Has(faultword.NotCurated):
		return &business{"500", "offerId:1004582496795 不是精选货源商品"}
	}
	return nil
}

// verdict is the pair of flags that most envelopes carry.
type verdict struct {
	ok            bool
	code, message string
}

func (v verdict) text() string {
	if v.ok {
		return "true"
	}
	return "false"
}

// failureCode is the code of a refusal in envelopes whose success has no code.
func (v verdict) failureCode() any {
	if v.ok {
		return nil
	}
	return v.code
}

func (v verdict) failureText() any {
	if v.ok {
		return nil
	}
	return v.message
}

// wrap puts a result into an envelope. A refusal has no payload.
func wrap(s shape, r result) any {
	v := verdict{true, "200", "成功"}
	payload, rows := r.payload, r.payload
	if r.page != nil {
		rows = r.page.Data
	}
	if r.refused != nil {
		v, payload, rows = verdict{false, r.refused.code, r.refused.message}, nil, nil
	}
	switch s {
	case e1:
		return object{"result": present(object{"success": v.ok, "code": v.code, "message": v.message, "class": resultClass}, "result", payload)}
	case e2:
		return object{"result": present(object{"success": v.text(), "code": v.code, "message": v.message}, "result", payload)}
	case e3:
		return object{"result": present(object{"success": v.ok, "retCode": strings.Replace(v.code, "200", "S0000", 1), "retMsg": v.message}, "result", rows)}
	}
	return wrapRare(s, v, r, payload, rows)
}

// resultClass is one of the Java type names that real samples carry at any level.
const resultClass = "com.alibaba.fenxiao.crossborder.common.ResultModel"

// present sets a key. A nil is written as null, as the platform's Java does.
func present(o object, key string, value any) object {
	o[key] = value
	return o
}

// wrapRare wraps a result in one of the envelopes that only other APIs use.
func wrapRare(s shape, v verdict, r result, payload, rows any) any {
	switch s {
	case "e4":
		return object{"result": object{"success": v.ok, "msg": v.message, "traceId": "213e", "model": payload}}
	case "e5":
		return object{"result": object{"success": v.text(), "code": v.code, "msg": v.message, "traceId": "213e", "model": payload}}
	case "e6":
		return object{"result": object{"success": v.ok, "msg": v.message, "data": payload}}
	case "e7":
		return object{"productInfo": payload, "success": v.ok, "errorCode": v.failureCode(), "errorMsg": v.failureText()}
	case "e8":
		return object{"productList": rows, "success": v.ok, "message": v.message}
	case "e9":
		return object{"resultList": rows, "success": v.text(), "errorCode": v.failureCode(), "errorMsg": v.failureText()}
	case "e10":
		return object{"succes": v.text(), "categoryInfo": payload, "errorCode": v.failureCode(), "errorMsg": v.failureText()}
	case "e11":
		if v.ok {
			return object{"code": 0, "message": "success"}
		}
		return object{"code": 500, "message": v.message}
	case "e12":
		return object{"result": object{"success": v.ok, "errorCode": v.failureCode(), "errorMessage": v.failureText(), "returnValue": payload}}
	case "e13":
		return e13(v, r, rows)
	case "e14":
		return e14(v, r, rows)
	case "e15":
		return object{"result": payload, "success": v.ok, "code": v.code, "message": v.message}
	case "preview":
		return previewed(v, payload)
	case "e17":
		if !v.ok {
			return object{"success": false, "code": v.code, "message": v.message}
		}
		return object{"success": true, "code": "S0000", "message": "success", "data": payload, "result": true}
	}
	if !v.ok {
		return object{"success": false, "code": v.code, "message": v.message}
	}
	return payload
}

// previewed is the answer of an order preview, which has its members beside the flags.
func previewed(v verdict, payload any) any {
	body := object{"success": v.ok, "errorCode": v.failureCode(), "errorMsg": v.failureText()}
	if members, ok := payload.(object); ok {
		maps.Copy(body, members)
	}
	return body
}

func e13(v verdict, r result, rows any) any {
	if !v.ok {
		return object{"success": false, "code": "SYSTEM_ERROR", "message": v.message}
	}
	inner := object{"result": rows}
	if r.page != nil {
		inner["total"], inner["page"], inner["pageSize"] = r.page.TotalRecords, r.page.CurrentPage, r.page.PageSize
	}
	return object{"success": true, "result": inner}
}

func e14(v verdict, r result, rows any) any {
	o := object{"success": v.ok, "code": v.code, "message": v.message, "result": rows}
	if r.page != nil {
		o["pageInfo"] = object{
			"currentPage": r.page.CurrentPage, "pageSize": r.page.PageSize,
			"totalPage": r.page.TotalPage, "totalRecords": r.page.TotalRecords,
		}
	}
	return o
}
