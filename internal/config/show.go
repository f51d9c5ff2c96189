package config

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// Print writes every setting in force as a YAML file with where it came from beside it. Secrets are [redacted].
func (l *Loaded) Print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	section := ""
	for _, row := range Table() {
		if row.Section != section {
			section = row.Section
			fmt.Fprintf(out, "\n# %s\n", section)
		}
		text, err := yamlScalar(shown(row.field(&l.Settings)))
		if err != nil {
			return err
		}
		line := row.Key() + ": " + text
		if !row.inFile() {
			line = "# " + line
		}
		fmt.Fprintf(out, "%s\t# %s\n", line, cmp.Or(l.Origins[row.Name], "default"))
	}
	return out.Flush()
}

// shown is a setting's value as it may be shown: addresses without their passwords.
func shown(v reflect.Value) any {
	switch value := v.Interface().(type) {
	case time.Duration:
		return value.String()
	case fmt.Stringer:
		return value.String()
	case string:
		if u, err := url.Parse(value); err == nil && u.User != nil {
			u.User = url.User("[redacted]")
			return u.String()
		}
		return value
	default:
		return value
	}
}

func yamlScalar(v any) (string, error) {
	text, err := yaml.Marshal(v)
	return strings.TrimSpace(string(text)), err
}

// Markdown writes the settings as tables, one a section.
func Markdown(w io.Writer) error {
	var b strings.Builder
	section := "\x00"
	for _, row := range Table() {
		if row.Section != section {
			section = row.Section
			if section != "" {
				fmt.Fprintf(&b, "\n## %s\n\n", section)
			}
			b.WriteString("| flag | variable | key in the file | default | meaning |\n|---|---|---|---|---|\n")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n",
			code(row.Flag(), "none"), secretTwin(row, row.Env(), envName), keyCell(row), code(row.Default, ""), cell(row.Help))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func keyCell(row Row) string {
	if !row.inFile() {
		return ""
	}
	return secretTwin(row, row.Key(), keyName)
}

// secretTwin names beside a secret the setting for the file that holds it.
func secretTwin(row Row, name string, spell func(string) string) string {
	if !row.Secret {
		return code(name, "")
	}
	return code(name, "") + " or " + code(spell(row.Name+fileSuffix), "")
}

func code(text, none string) string {
	if text == "" {
		return none
	}
	return "`" + text + "`"
}

// cell keeps a table's cell one cell.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// HelpTexts returns a function that gives a flag's help, of a setting with the variable that sets it too.
func HelpTexts() func(*kong.Value) string {
	table := Table() // Once, as for the headings.
	return func(v *kong.Value) string {
		if row, ok := rowLike(table, v); ok {
			return strings.TrimSuffix(v.Help, ".") + " (" + row.Env() + ")."
		}
		return v.Help
	}
}

// HelpGroups returns a function that puts a setting's flag under its section's heading.
func HelpGroups() func(kong.Visitable, *kong.Flag) *kong.Group {
	table := Table() // Once: every command has many flags, and every start asks for each of them.
	return func(_ kong.Visitable, flag *kong.Flag) *kong.Group {
		if row, ok := rowLike(table, flag.Value); ok && row.Section != "" {
			return &kong.Group{Key: row.Section, Title: row.Section}
		}
		return nil
	}
}

// rowLike is the setting of a flag. A client's flag of the same name has another help.
func rowLike(table []Row, v *kong.Value) (Row, bool) {
	for _, row := range table {
		if v.Flag != nil && row.Name == v.Name && row.Help == strings.ReplaceAll(v.Help, "$$", "$") {
			return row, true
		}
	}
	return Row{}, false
}
