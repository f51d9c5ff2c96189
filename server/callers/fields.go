package callers

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// field reads one field of a mapping: a plain value or a list. No error quotes the text.
type field[T any] struct {
	plain func(into *T, text string) error
	// list returns the line of what is wrong too.
	list func(into *T, value *yaml.Node) (line int, err error)
}

// readFields reads a mapping, each of whose fields is known and there once. It returns the names of the fields that are there, or
// the line of what is wrong. unknown is the error about a field that is not known.
func readFields[T any](into *T, mapping *yaml.Node, fields map[string]field[T], unknown error) (seen map[string]bool, line int, err error) {
	seen = map[string]bool{}
	for i := 0; i < len(mapping.Content); i += 2 {
		name, value := mapping.Content[i], mapping.Content[i+1]
		read, known := fields[name.Value]
		switch {
		case !known:
			return nil, name.Line, unknown
		case seen[name.Value]:
			return nil, name.Line, fmt.Errorf("%s is there twice", name.Value)
		}
		seen[name.Value] = true
		line = value.Line
		switch {
		case read.list != nil:
			line, err = read.list(into, value)
		case value.Kind != yaml.ScalarNode:
			err = fmt.Errorf("%s must be a plain value", name.Value)
		default:
			err = read.plain(into, value.Value)
		}
		if err != nil {
			return nil, line, err
		}
	}
	return seen, 0, nil
}
