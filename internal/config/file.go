package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
)

// fileBytesMax bounds the YAML file and each secret's file.
const fileBytesMax = 1 << 20

// entry is one value of the file.
type entry struct {
	text string
	line int
}

// parseFile reads the YAML file: one mapping from keys to plain values, of which one may be a map itself, and one a list. A key that is no setting is refused by name,
// since a typing error must not become a default. An empty value counts as not set.
func parseFile(text []byte) (map[string]entry, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntaxError(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("holds more than one document")
	}
	root := document.Content[0]
	if isNull(root) {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: must be a mapping of settings to values", root.Line)
	}
	known := fileKeys()
	values := map[string]entry{}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		switch _, twice := values[key.Value]; {
		case key.Kind != yaml.ScalarNode || !known[key.Value]:
			return nil, fmt.Errorf("line %d: %q is no setting%s", key.Line, key.Value, nearest(key.Value, known))
		case twice:
			return nil, fmt.Errorf("line %d: %s is set twice", key.Line, key.Value)
		case value.Kind == yaml.MappingNode && key.Value == keyName(codesSetting), value.Kind == yaml.SequenceNode && key.Value == accountsSetting:
			text, err := oneLine(value)
			if err != nil {
				return nil, fmt.Errorf("line %d: %s %w", value.Line, key.Value, err)
			}
			values[key.Value] = entry{text: text, line: key.Line}
			continue
		case value.Kind != yaml.ScalarNode:
			return nil, fmt.Errorf("line %d: %s must be a plain value", value.Line, key.Value)
		}
		values[key.Value] = entry{line: key.Line}
		if !isNull(value) {
			values[key.Value] = entry{text: value.Value, line: key.Line}
		}
	}
	return values, nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

var lineOfError = regexp.MustCompile(`line \d+`)

// syntaxError keeps the line and drops the parser's words, which may quote the file: it may hold secrets.
func syntaxError(err error) error {
	if line := lineOfError.FindString(err.Error()); line != "" {
		return fmt.Errorf("%s: is not YAML", line)
	}
	return errors.New("is not YAML")
}

// fileKeys are the keys the file may hold.
func fileKeys() map[string]bool {
	keys := map[string]bool{}
	for _, row := range Table() {
		if !row.inFile() {
			continue
		}
		keys[row.Key()] = true
		if row.Secret {
			keys[keyName(row.Name+fileSuffix)] = true
		}
	}
	return keys
}

// nearest suggests a key for one that differs from it only in case, dashes or section dots.
func nearest(key string, known map[string]bool) string {
	plain := strings.NewReplacer("-", "_", ".", "_", " ", "_").Replace(strings.ToLower(strings.TrimPrefix(key, envPrefix)))
	if known[plain] {
		return ": did you mean " + plain + "?"
	}
	return ""
}

// readSecret reads a file with one secret, without the final line end.
func readSecret(path string) (string, error) {
	text, err := boundedio.ReadFile(path, fileBytesMax)
	if err != nil {
		return "", err
	}
	// Editors on Windows begin a file with a byte order mark, which is no part of the secret.
	value := strings.TrimRight(strings.TrimPrefix(string(text), "\ufeff"), "\r\n")
	if value == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return value, nil
}
