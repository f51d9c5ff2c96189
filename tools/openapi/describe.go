package main

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// describe makes the complete description.
func describe(c comments) (*document, error) {
	methods := contract.Methods()
	b := newBuilder(c, methods)
	paths, err := b.paths(methods)
	if err != nil {
		return nil, err
	}
	b.schemas["Reason"] = reasons()
	failed, err := failures()
	if err != nil {
		return nil, err
	}
	api := &document{
		OpenAPI: "3.1.0",
		Info: info{
			Title: "zhaohuo", Version: "devel", Summary: "Search for goods on 1688 (找货)",
			Description: "The same RPCs as over gRPC. Names of fields are in camelCase. 64-bit integers are text. What is not known " +
				"is absent. Unknown fields and parameters are refused by name. Every GET also answers to HEAD.",
			License: license{"Apache License 2.0", "Apache-2.0"},
		},
		Servers: []server{{URL: "http://127.0.0.1:8080", Description: "The default address."}},
		// The first, empty requirement means that a key may be unnecessary: the operator decides whether keys are required.
		Security: []map[string][]string{{}, {"bearer": {}}, {"apiKey": {}}},
		Paths:    paths,
		Components: components{
			Schemas: b.schemas, Responses: failed, Parameters: headerParameters(), Headers: answerHeaders(),
			SecuritySchemes: map[string]securityScheme{
				"bearer": {Type: "http", Scheme: "bearer", Description: "An API key, if the operator requires one."},
				"apiKey": {Type: "apiKey", In: "header", Name: "X-Api-Key", Description: "The same key in a header of its own."},
			},
		},
	}
	for _, method := range methods {
		if service := method.Parent(); method.Index() == 0 {
			api.Tags = append(api.Tags, tag{string(service.Name()), c.of(service)})
		}
	}
	api.Tags = append(api.Tags, tag{"Process", "This process, and this description."})
	return api, nil
}

// paths describes all operations, by path and method.
func (b *builder) paths(methods []protoreflect.MethodDescriptor) (map[string]map[string]operation, error) {
	paths := processPaths()
	for _, method := range methods {
		bindings, err := bindingsOf(method)
		if err != nil {
			return nil, err
		}
		for _, binding := range bindings {
			op, err := b.operation(binding)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", method.FullName(), err)
			}
			path := binding.pathInJSON()
			if paths[path] == nil {
				paths[path] = map[string]operation{}
			}
			paths[path][strings.ToLower(binding.verb)] = op
		}
	}
	for path, describe := range map[string]func() (operation, error){
		"/v1/products:uploadImageSearch": b.upload, "/v1/products:batchImageSearch": b.batch, chartPath: b.chart,
		pictureZipPath: b.pictureZip,
	} {
		op, err := describe()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		verb := "post"
		if op.RequestBody == nil {
			verb = "get"
		}
		paths[path] = map[string]operation{verb: op}
	}
	return paths, nil
}

// processPaths describes the paths outside the contract. They need no key.
func processPaths() map[string]map[string]operation {
	state := func(word string) map[string]media {
		return map[string]media{"application/json": {Schema: object("", []string{"status"}, property{"status", &schema{Type: "string", Const: word}})}}
	}
	nobody := &[]map[string][]string{}
	get := func(id, summary string, content map[string]media, failed ...int) map[string]operation {
		return map[string]operation{"get": {
			OperationID: id, Summary: summary, Tags: []string{"Process"}, Security: nobody,
			Responses: responses(response{Description: summary + ".", Content: content}, failed),
		}}
	}
	return map[string]map[string]operation{
		"/healthz":      get("healthz", "Says that this process runs", state("ALIVE"), 405),
		"/readyz":       get("readyz", "Says whether this process can serve", state("READY"), 405, 503),
		"/openapi.json": get("openapi", "Returns this description", map[string]media{"application/json": {Schema: &schema{Type: "object"}}}, 405),
	}
}

// headerParameters describes the request headers that this API uses.
func headerParameters() map[string]parameter {
	text := &schema{Type: "string"}
	return map[string]parameter{
		"AcceptLanguage": {
			Name: "Accept-Language", In: "header", Schema: text, Example: "zh-CN",
			Description: "The language of texts for people in errors: Chinese or English.",
		},
		"RequestClass": {
			Name: "X-Zhaohuo-Class", In: "header", Schema: &schema{Type: "string", Enum: []string{"interactive", "batch"}}, Example: "batch",
			Description: "With `batch`, the interactive requests of others go first.",
		},
		"Timeout": {
			Name: "Grpc-Timeout", In: "header", Schema: &schema{Type: "string", Pattern: "^[0-9]{1,8}[HMSmun]$"}, Example: "5M",
			Description: "How long the request may take, such as `5M` (minutes), `60S` or `1500m` (milliseconds). The server has a limit of its own.",
		},
		"RequestId": {
			Name: "X-Request-Id", In: "header", Schema: text, Example: "order-4711",
			Description: "A name for the request, for logs. Without one, the server makes one.",
		},
	}
}

// answerHeaders describes the response headers that callers can use.
func answerHeaders() map[string]header {
	return map[string]header{
		"RequestId":  {Description: "The request's name. Use it when you ask the operator about the request.", Schema: &schema{Type: "string"}},
		"RetryAfter": {Description: "Seconds to wait before trying again. Absent if trying again does not help.", Schema: &schema{Type: "integer"}},
	}
}
