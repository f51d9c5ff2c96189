// Command openapi writes the description of the REST API, OpenAPI 3.1, from the contract.
//
//	go run ./tools/openapi IMAGE FILE
//
// Paths, messages and validation rules come from the linked descriptors, comments from the image (`buf build`), and errors
// from the table that the service answers from. What descriptors cannot express is written here: the two routes that accept
// photos, the paths outside the contract, headers and examples. The server fills in version and address.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: openapi IMAGE FILE")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func write(image, to string) error {
	comments, err := readComments(image)
	if err != nil {
		return err
	}
	api, err := describe(comments)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(api); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text.Bytes(), 0o644)
}
