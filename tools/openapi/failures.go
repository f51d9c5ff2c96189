package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// failureSchemas describes google.rpc.Status with the details that errors carry, and money, in their JSON form.
func failureSchemas() map[string]*schema {
	text := func(description string) *schema { return &schema{Type: "string", Description: description} }
	status := object("An error: `google.rpc.Status`. Programs act on the `reason` of the detail `ErrorInfo`.",
		[]string{"code", "message", "details"},
		property{"code", &schema{Type: "integer", Format: "int32", Description: "The gRPC code."}},
		property{"message", text("What is wrong, in English, for developers.")},
		property{"details", &schema{Type: "array", Items: reference("ErrorDetail")}},
	)
	money := object("An amount of money: `units` plus `nanos` billionths.", []string{"currencyCode", "units", "nanos"},
		property{"currencyCode", text("The currency by ISO 4217: CNY.")},
		property{"units", &schema{Type: "string", Format: "int64", Pattern: "^-?[0-9]+$", Description: "Whole units."}},
		property{"nanos", &schema{Type: "integer", Format: "int32", Description: "Billionths of a unit."}},
	)
	all := map[string]*schema{"Status": status, "Money": money}
	detail := &schema{Description: "A detail of an error. `@type` says of which kind."}
	for _, d := range failureDetails() {
		all[d.name] = d.schema
		detail.OneOf = append(detail.OneOf, reference(d.name))
	}
	all["ErrorDetail"] = detail
	return all
}

func object(description string, required []string, fields ...property) *schema {
	return &schema{Type: "object", Description: description, Required: required, Properties: fields}
}

// detail describes an object that names its google.rpc message.
func detail(name, description string, required []string, fields ...property) property {
	kind := property{"@type", &schema{Type: "string", Const: "type.googleapis.com/google.rpc." + name}}
	return property{name, object(description, append([]string{"@type"}, required...), append([]property{kind}, fields...)...)}
}

func failureDetails() []property {
	text := func(description string) *schema { return &schema{Type: "string", Description: description} }
	list := func(items *schema) *schema { return &schema{Type: "array", Items: items} }
	return []property{
		detail("ErrorInfo", "The reason, as a word that a program can act on. Every error has one.", []string{"reason", "domain"},
			property{"reason", reference("Reason")},
			property{"domain", &schema{Type: "string", Const: rpcerr.Domain}},
			property{"metadata", &schema{
				Type: "object", AdditionalProperties: &schema{Type: "string"},
				Description: "More about it, such as the upstream's own code and request id, and the upstream calls it cost.",
			}}),
		detail("RetryInfo", "Present only if trying again is useful.", []string{"retryDelay"},
			property{"retryDelay", &schema{Type: "string", Pattern: `^[0-9]+([.][0-9]{1,9})?s$`, Description: "How long to wait, in seconds."}}),
		detail("QuotaFailure", "Which limit was reached.", []string{"violations"},
			property{"violations", list(object("A limit.", nil,
				property{"subject", text("What the limit is of.")}, property{"description", text("What was met.")}))}),
		detail("BadRequest", "Which fields are at fault.", []string{"fieldViolations"},
			property{"fieldViolations", list(object("A field at fault.", nil,
				property{"field", text("The field's path, as the contract spells it.")},
				property{"reason", text("The rule it breaks.")},
				property{"description", text("What is wanted.")}))}),
		detail("ResourceInfo", "What was not found.", []string{"resourceType"},
			property{"resourceType", text("Its kind.")}, property{"resourceName", text("Its name.")},
			property{"owner", text("Never set.")}, property{"description", text("What is the matter.")}),
		detail("LocalizedMessage", "What happened and what to do, for people.", []string{"locale", "message"},
			property{"locale", &schema{Type: "string", Enum: []string{"en", "zh-CN"}}}, property{"message", text("The text.")}),
	}
}

// reasons lists every reason of an error.
func reasons() *schema {
	s := &schema{Type: "string"}
	var text strings.Builder
	text.WriteString("What went wrong.\n")
	for _, row := range rpcerr.Rows() {
		s.Enum = append(s.Enum, row.Kind.String())
		fmt.Fprintf(&text, "\n- `%s`: %s %s", row.Kind, row.EN.Message, row.EN.Remedy)
	}
	s.Description = text.String()
	return s
}

func failureName(status int) string { return "Error" + strconv.Itoa(status) }

// failures describes the error responses, one for each HTTP status, with an example of each reason.
func failures() (map[string]response, error) {
	all := map[string]response{}
	for _, row := range rpcerr.Rows() {
		name := failureName(row.HTTP)
		r, ok := all[name]
		if !ok {
			r = response{
				Description: "One of these reasons:\n",
				Headers:     map[string]header{"X-Request-Id": {Ref: "#/components/headers/RequestId"}},
				Content:     map[string]media{"application/json": {Schema: reference("Status"), Examples: map[string]example{}}},
			}
		}
		r.Description += fmt.Sprintf("\n- `%s`: %s", row.Kind, row.EN.Message)
		if row.RetryUseful() {
			r.Headers["Retry-After"] = header{Ref: "#/components/headers/RetryAfter"}
		}
		value, err := failureExample(row)
		if err != nil {
			return nil, err
		}
		r.Content["application/json"].Examples[row.Kind.String()] = value
		all[name] = r
	}
	return all, nil
}

// failureExample returns the error as callers get it.
func failureExample(row rpcerr.Row) (example, error) {
	text, err := protojson.Marshal(rpcerr.Status(fault.New(row.Kind, ""), "en").Proto())
	if err != nil {
		return example{}, err
	}
	var value any
	err = json.Unmarshal(text, &value) // It holds no number that needs more digits than a float has.
	return example{Summary: row.EN.Message, Value: value}, err
}

// statuses lists the HTTP statuses with which an operation may fail. Without a body, those that need one are left out.
func statuses(hasBody, forOperators bool) []int {
	var all []int
	for _, row := range rpcerr.Rows() {
		switch row.HTTP {
		case 408, 413, 415:
			if !hasBody {
				continue
			}
		case 403:
			if !forOperators {
				continue
			}
		}
		if !slices.Contains(all, row.HTTP) {
			all = append(all, row.HTTP)
		}
	}
	return all
}
