package main

import (
	"bytes"
	"encoding/json"
)

// document is an OpenAPI description, as far as this API needs one.
type document struct {
	OpenAPI    string                          `json:"openapi"`
	Info       info                            `json:"info"`
	Servers    []server                        `json:"servers"`
	Security   []map[string][]string           `json:"security"`
	Tags       []tag                           `json:"tags"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components components                      `json:"components"`
}

type info struct {
	Title       string  `json:"title"`
	Version     string  `json:"version"`
	Summary     string  `json:"summary"`
	Description string  `json:"description"`
	License     license `json:"license"`
}

type license struct {
	Name       string `json:"name"`
	Identifier string `json:"identifier"`
}

type server struct {
	URL         string `json:"url"`
	Description string `json:"description,omitempty"`
}

type tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type components struct {
	Schemas         map[string]*schema        `json:"schemas"`
	Parameters      map[string]parameter      `json:"parameters"`
	Headers         map[string]header         `json:"headers"`
	Responses       map[string]response       `json:"responses"`
	SecuritySchemes map[string]securityScheme `json:"securitySchemes"`
}

type securityScheme struct {
	Type        string `json:"type"`
	Scheme      string `json:"scheme,omitempty"`
	In          string `json:"in,omitempty"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description"`
}

type operation struct {
	OperationID string      `json:"operationId"`
	Tags        []string    `json:"tags"`
	Summary     string      `json:"summary"`
	Description string      `json:"description,omitempty"`
	Parameters  []parameter `json:"parameters,omitempty"`
	RequestBody *body       `json:"requestBody,omitempty"`
	// Responses are by HTTP status.
	Responses map[string]response `json:"responses"`
	// Security replaces the document's. An empty list means that the operation needs no key.
	Security *[]map[string][]string `json:"security,omitempty"`
}

// parameter is a query, path or header parameter; or, with Ref, a reference to a component.
type parameter struct {
	Ref         string  `json:"$ref,omitempty"`
	Name        string  `json:"name,omitempty"`
	In          string  `json:"in,omitempty"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Style       string  `json:"style,omitempty"`
	Explode     bool    `json:"explode,omitempty"`
	Schema      *schema `json:"schema,omitempty"`
	Example     any     `json:"example,omitempty"`
}

type header struct {
	Ref         string  `json:"$ref,omitempty"`
	Description string  `json:"description,omitempty"`
	Schema      *schema `json:"schema,omitempty"`
}

type body struct {
	Description string           `json:"description,omitempty"`
	Required    bool             `json:"required,omitempty"`
	Content     map[string]media `json:"content"`
}

type media struct {
	Schema   *schema             `json:"schema,omitempty"`
	Examples map[string]example  `json:"examples,omitempty"`
	Encoding map[string]encoding `json:"encoding,omitempty"`
}

type encoding struct {
	ContentType string `json:"contentType"`
}

type example struct {
	Summary string `json:"summary,omitempty"`
	Value   any    `json:"value"`
}

type response struct {
	Ref         string            `json:"$ref,omitempty"`
	Description string            `json:"description,omitempty"`
	Headers     map[string]header `json:"headers,omitempty"`
	Content     map[string]media  `json:"content,omitempty"`
}

// schema is a JSON schema.
type schema struct {
	Ref              string     `json:"$ref,omitempty"`
	Type             any        `json:"type,omitempty"`
	Description      string     `json:"description,omitempty"`
	Format           string     `json:"format,omitempty"`
	Const            string     `json:"const,omitempty"`
	Enum             []string   `json:"enum,omitempty"`
	Pattern          string     `json:"pattern,omitempty"`
	Not              *schema    `json:"not,omitempty"`
	MinLength        uint64     `json:"minLength,omitempty"`
	MaxLength        uint64     `json:"maxLength,omitempty"`
	ContentEncoding  string     `json:"contentEncoding,omitempty"`
	ContentMediaType string     `json:"contentMediaType,omitempty"`
	Minimum          any        `json:"minimum,omitempty"`
	ExclusiveMinimum any        `json:"exclusiveMinimum,omitempty"`
	Maximum          any        `json:"maximum,omitempty"`
	Items            *schema    `json:"items,omitempty"`
	MinItems         uint64     `json:"minItems,omitempty"`
	MaxItems         uint64     `json:"maxItems,omitempty"`
	UniqueItems      bool       `json:"uniqueItems,omitempty"`
	Properties       properties `json:"properties,omitempty"`
	Required         []string   `json:"required,omitempty"`
	// AdditionalProperties is false or a schema.
	AdditionalProperties any       `json:"additionalProperties,omitempty"`
	PropertyNames        *schema   `json:"propertyNames,omitempty"`
	MaxProperties        uint64    `json:"maxProperties,omitempty"`
	OneOf                []*schema `json:"oneOf,omitempty"`
}

// properties are in the order of the contract.
type properties []property

type property struct {
	name string
	*schema
}

// MarshalJSON implements [json.Marshaler].
func (all properties) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	text.WriteByte('{')
	for i, p := range all {
		if i > 0 {
			text.WriteByte(',')
		}
		name, err := json.Marshal(p.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p.schema)
		if err != nil {
			return nil, err
		}
		text.Write(name)
		text.WriteByte(':')
		text.Write(value)
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}
