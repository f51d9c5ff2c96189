// Package zhaohuo carries what the repository's root holds for the service to serve: the description of its REST API.
package zhaohuo

import _ "embed"

// OpenAPI is the REST API as OpenAPI 2, generated from the contract.
//
//go:embed gen/openapi/zhaohuo.swagger.json
var OpenAPI []byte
