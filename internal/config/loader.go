package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Environ is the process's environment as names and values.
type Environ map[string]string

// ParseEnviron reads what os.Environ gives.
func ParseEnviron(lines []string) Environ {
	env := Environ{}
	for _, line := range lines {
		if name, value, ok := strings.Cut(line, "="); ok {
			env[name] = value
		}
	}
	return env
}

// Loaded are checked settings with the origin of each.
type Loaded struct {
	Settings
	// Pool are the accounts at 1688 with their secrets: one for app-key, several for accounts, none for the sandbox.
	Pool []PoolAccount
	// Origins has the origin of each setting that is not the default, by name.
	Origins map[string]string
	// Warnings are allowed settings that are probably mistakes.
	Warnings []string
}

// Loader fills [Settings] from everything but the flags, which kong reads itself. It is the kong.Resolver of the
// command that embeds the settings.
type Loader struct {
	settings *Settings
	table    []Row
	env      Environ
	path     string
	opened   bool
	file     map[string]entry
	origins  map[string]string
	// err is the first error of environment or file. Finish returns it: kong would prefix the name of an unrelated flag.
	err error
}

// NewLoader returns a loader for settings, which must be embedded in the grammar kong parses.
func NewLoader(settings *Settings, env Environ) *Loader {
	return &Loader{settings: settings, table: Table(), env: env, origins: map[string]string{}}
}

// Load reads settings from flags, environment and file. args are flags only.
func Load(args []string, env Environ) (*Loaded, error) {
	var settings Settings
	loader := NewLoader(&settings, env)
	parser, err := kong.New(&settings, kong.Name("zhaohuo"), kong.NoDefaultHelp(), kong.Resolvers(loader))
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return nil, err
	}
	return loader.Finish(parsed)
}

// Validate is part of kong.Resolver. Errors are returned by Finish.
func (l *Loader) Validate(*kong.Application) error { return nil }

// Resolve gives kong the value of a setting that no flag set. It never fails.
func (l *Loader) Resolve(parsed *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	row, ok := l.rowOf(flag)
	if !ok {
		return nil, nil
	}
	l.open(parsed)
	text, origin, ok := l.find(row.Name)
	if !ok {
		return nil, nil
	}
	if err := try(flag, row, text); err != nil {
		l.fail(fmt.Errorf("%s: %w", origin, err))
		return nil, nil
	}
	l.origins[row.Name] = origin
	return text, nil
}

// rowOf is the setting behind a flag; false for flags that are no settings, whatever their names.
func (l *Loader) rowOf(flag *kong.Flag) (Row, bool) {
	if !flag.Target.CanAddr() {
		return Row{}, false
	}
	for _, row := range l.table {
		if flag.Name == row.Name && flag.Target.Addr().Pointer() == row.field(l.settings).Addr().Pointer() {
			return row, true
		}
	}
	return Row{}, false
}

func (l *Loader) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// find looks a setting up in the environment, then in the file.
func (l *Loader) find(name string) (text, origin string, ok bool) {
	if text := l.env[envName(name)]; text != "" {
		return text, envName(name), true
	}
	if got := l.file[keyName(name)]; got.text != "" {
		return got.text, fmt.Sprintf("%s in %s line %d", keyName(name), l.path, got.line), true
	}
	return "", "", false
}

// try parses text as the flag's value without setting it, so that an error names the origin and not a flag that was not
// given.
func try(flag *kong.Flag, row Row, text string) error {
	scan := kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: text})
	scratch := reflect.New(flag.Target.Type()).Elem()
	if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, scratch); err != nil {
		return err
	}
	if len(row.Choices) > 0 && !slices.Contains(row.Choices, text) {
		return fmt.Errorf("must be one of %s but is %q", strings.Join(row.Choices, ", "), text)
	}
	return nil
}

// open reads the file, once, if one is named.
func (l *Loader) open(parsed *kong.Context) {
	if l.opened {
		return
	}
	l.opened = true
	origin := "--config"
	for _, step := range parsed.Path {
		if step.Flag != nil && step.Flag.Name == "config" {
			l.path, _ = parsed.FlagValue(step.Flag).(string)
		}
	}
	if l.path == "" {
		l.path, origin = l.env[envName("config")], envName("config")
	}
	if l.path == "" {
		return
	}
	text, err := boundedio.ReadFile(l.path, fileBytesMax)
	if err != nil {
		l.fail(fmt.Errorf("%s: %w", origin, err))
		return
	}
	if l.file, err = parseFile(text); err != nil {
		l.fail(fmt.Errorf("%s: %w", l.path, err))
	}
}

// Finish reads the secrets and checks everything. parsed is what kong made of the command line.
func (l *Loader) Finish(parsed *kong.Context) (*Loaded, error) {
	l.open(parsed)
	if l.err != nil {
		return nil, l.err
	}
	for _, step := range parsed.Path {
		if step.Flag == nil || step.Resolved {
			continue
		}
		if row, ok := l.rowOf(step.Flag); ok {
			l.origins[row.Name] = row.Flag()
		}
	}
	for _, row := range l.table {
		if !row.Secret {
			continue
		}
		if err := l.loadSecret(row); err != nil {
			return nil, err
		}
	}
	loaded := &Loaded{Settings: *l.settings, Origins: l.origins}
	if loaded.Listen.DataDir == "" {
		loaded.Listen.DataDir = defaultDataDir(l.env)
	}
	if loaded.Origins["watch-interval-min"] == "" && !loaded.Live() {
		loaded.Watches.IntervalMin = sandboxInterval
	}
	if err := loaded.loadPool(); err != nil {
		return nil, err
	}
	if err := loaded.check(); err != nil {
		return nil, err
	}
	loaded.Warnings = append(unknownVariables(l.env), loaded.doubts()...)
	return loaded, nil
}

// loadSecret reads a secret from its variable, its key in the file, or the file that a _file setting names. Two places of
// the same rank are an error.
func (l *Loader) loadSecret(row Row) error {
	text, origin, direct := l.find(row.Name)
	path, fileOrigin, indirect := l.find(row.Name + fileSuffix)
	if direct && indirect && (strings.HasPrefix(origin, envPrefix) == strings.HasPrefix(fileOrigin, envPrefix)) {
		return fmt.Errorf("%s and %s are both set: remove one", origin, fileOrigin)
	}
	if indirect && (!direct || strings.HasPrefix(fileOrigin, envPrefix)) {
		var err error
		if text, err = readSecret(path); err != nil {
			return fmt.Errorf("%s: %w", fileOrigin, err)
		}
		origin, direct = fileOrigin, true
	}
	if !direct {
		return nil
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return fmt.Errorf("%s: holds white space or control characters", origin)
	}
	row.field(l.settings).Set(reflect.ValueOf(secret.Text(text)))
	l.origins[row.Name] = origin
	return nil
}
