// Package zhaohuo carries what the repository's root holds for the service to serve: the description of its REST API.
package zhaohuo

import _ "embed"

// OpenAPI is the REST API as OpenAPI 3.1, generated from the contract.
//
//go:embed gen/openapi/zhaohuo.openapi.json
var OpenAPI []byte
