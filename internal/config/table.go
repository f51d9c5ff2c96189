package config

import (
	"reflect"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// envPrefix begins the name of every variable.
const envPrefix = "ZHAOHUO_"

// fileSuffix makes a secret's name that of the file that holds it.
const fileSuffix = "-file"

// Row is one setting as users see it.
type Row struct {
	// Section is the heading it stands under; empty for the first few.
	Section string
	// Name is the setting's one name, which all others come from.
	Name string
	// Default is the default's text; empty for none.
	Default string
	// Choices are the values that are taken, if there are only so many.
	Choices []string
	Help    string
	// Secret settings have no flag, are never shown, and may stand in a file of their own.
	Secret bool

	index []int
}

// Env is the setting's environment variable.
func (r Row) Env() string { return envName(r.Name) }

// Key is the setting's key in the YAML file.
func (r Row) Key() string { return keyName(r.Name) }

// Flag is the setting's flag; empty for a secret.
func (r Row) Flag() string {
	if r.Secret {
		return ""
	}
	return "--" + r.Name
}

// inFile reports whether the setting may stand in the file, which does not name itself.
func (r Row) inFile() bool { return r.Name != "config" }

func envName(name string) string { return envPrefix + strings.ToUpper(keyName(name)) }

func keyName(name string) string { return strings.ReplaceAll(name, "-", "_") }

// Table lists every setting in the order of [Settings].
func Table() []Row {
	return rowsOf(reflect.TypeFor[Settings](), "", nil)
}

func rowsOf(t reflect.Type, section string, at []int) []Row {
	var rows []Row
	for i := range t.NumField() {
		field := t.Field(i)
		index := append(at[:len(at):len(at)], i)
		if title, ok := field.Tag.Lookup("section"); ok {
			rows = append(rows, rowsOf(field.Type, title, index)...)
			continue
		}
		row := Row{
			Section: section,
			Name:    field.Tag.Get("name"),
			Default: field.Tag.Get("default"),
			Help:    strings.ReplaceAll(field.Tag.Get("help"), "$$", "$"),
			Secret:  field.Type == reflect.TypeFor[secret.Text](),
			index:   index,
		}
		if choices := field.Tag.Get("enum"); choices != "" {
			row.Choices = strings.Split(choices, ",")
		}
		rows = append(rows, row)
	}
	return rows
}

// field is the setting's place in s.
func (r Row) field(s *Settings) reflect.Value { return reflect.ValueOf(s).Elem().FieldByIndex(r.index) }
