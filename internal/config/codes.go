package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// codesSetting is the name of the setting that [Codes] are read from, and its text in the file is a map.
const codesSetting = "upstream-codes"

// Codes are undocumented error codes and phrases of the platform. They take precedence over those that the dialects know.
type Codes struct {
	// Success are the codes that mean success, instead of the known ones; empty for the known ones.
	Success []string
	// Faults map error codes to kinds of faults.
	Faults map[string]fault.Kind
	// Scopes map error codes to the scope of their limit.
	Scopes map[string]fault.Scope
	// Phrases are words of messages. The first match counts.
	Phrases []Phrase
	// BanMax is the longest ban that counts as a rate limit, in dialect top; 0 for the dialect's own.
	BanMax time.Duration
	// Tokens map error codes of token calls to kinds of faults.
	Tokens map[string]fault.Kind
}

// Phrase maps words of an error message to a kind of fault.
type Phrase struct {
	Words string
	Kind  fault.Kind
}

// The bounds of BanMax.
const (
	banLeast = time.Second
	banMost  = 31 * 24 * time.Hour
)

// ReadCodes reads the setting.
func (u Upstream) ReadCodes() (Codes, error) {
	var c Codes
	decoder := yaml.NewDecoder(strings.NewReader(u.Codes))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return c, nil
	case err != nil:
		return c, errors.New("is not YAML")
	}
	root := document.Content[0]
	if isNull(root) {
		return c, nil
	}
	parts := map[string]func(*yaml.Node) error{
		"success":     func(n *yaml.Node) (err error) { c.Success, err = readList(n); return err },
		"faults":      func(n *yaml.Node) (err error) { c.Faults, err = readKinds(n, refusalKinds()); return err },
		"scopes":      func(n *yaml.Node) (err error) { c.Scopes, err = readScopes(n); return err },
		"phrases":     func(n *yaml.Node) (err error) { c.Phrases, err = readPhrases(n); return err },
		"ban_max":     func(n *yaml.Node) (err error) { c.BanMax, err = readBan(n); return err },
		"token_codes": func(n *yaml.Node) (err error) { c.Tokens, err = readKinds(n, tokenKinds()); return err },
	}
	err := eachPair(root, func(key string, value *yaml.Node) error {
		part, ok := parts[key]
		if !ok {
			return fmt.Errorf("%q is not one of success, faults, scopes, phrases, ban_max, token_codes", key)
		}
		if err := part(value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err != nil {
		return Codes{}, err
	}
	return c, c.check(u.Dialect)
}

// check refuses contradictions and entries without effect.
func (c Codes) check(dialect string) error {
	for _, code := range c.Success {
		if _, both := find(c.Faults, code); both {
			return fmt.Errorf("%q is under success and under faults: remove one", code)
		}
	}
	if c.BanMax != 0 && dialect != "top" {
		return errors.New("ban_max: only dialect top reports how long a ban lasts")
	}
	if dialect != "top" {
		return nil
	}
	for code := range c.Faults {
		if strings.Contains(code, ":") {
			return fmt.Errorf("faults: %q: leave out the colon and what follows it, which differ from answer to answer", code)
		}
	}
	for code := range c.Scopes {
		if strings.Contains(code, ":") {
			return fmt.Errorf("scopes: %q: leave out the colon and what follows it, which differ from answer to answer", code)
		}
	}
	return nil
}

// find looks a code up without regard to case.
func find[V any](codes map[string]V, code string) (V, bool) {
	for known, value := range codes {
		if strings.EqualFold(known, code) {
			return value, true
		}
	}
	var none V
	return none, false
}

// refusalKinds are the kinds a refusal of the upstream can have.
func refusalKinds() []fault.Kind {
	return []fault.Kind{
		fault.ProductNotFound, fault.CategoryNotFound, fault.UpstreamImageRefused, fault.UpstreamImageForgotten, fault.UpstreamArgumentRefused, fault.UpstreamRefused,
		fault.UpstreamCredentialsInvalid, fault.UpstreamTokenInvalid, fault.UpstreamPermissionDenied, fault.UpstreamIPNotAllowed,
		fault.UpstreamAPIUnknown, fault.UpstreamClockSkew, fault.UpstreamThrottled, fault.UpstreamQuotaExhausted, fault.UpstreamUnavailable,
		fault.UpstreamTimeout,
	}
}

// tokenKinds are the kinds a refusal of a token call can have.
func tokenKinds() []fault.Kind {
	return []fault.Kind{
		fault.UpstreamTokenInvalid, fault.UpstreamCredentialsInvalid, fault.UpstreamAPIUnknown, fault.UpstreamPermissionDenied,
		fault.UpstreamThrottled, fault.UpstreamUnavailable, fault.UpstreamRefused,
	}
}

// eachPair walks a mapping. It refuses duplicate keys, ignoring case, since it is unclear which one should count.
func eachPair(n *yaml.Node, do func(key string, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return errors.New("must be a map")
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := strings.TrimSpace(key.Value)
		switch {
		case key.Kind != yaml.ScalarNode || name == "" || isNull(key):
			return errors.New("a key is empty")
		case seen[strings.ToLower(name)]:
			return fmt.Errorf("%q occurs twice", name)
		}
		seen[strings.ToLower(name)] = true
		if err := do(name, value); err != nil {
			return err
		}
	}
	return nil
}

// scalar is the text of a plain value, and whether there is one.
func scalar(n *yaml.Node) (string, bool) {
	text := strings.TrimSpace(n.Value)
	return text, n.Kind == yaml.ScalarNode && text != "" && !isNull(n)
}

func readList(n *yaml.Node) ([]string, error) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return nil, errors.New("must be a list of codes, such as [\"0\", \"200\"]")
	}
	var all []string
	for _, item := range n.Content {
		code, ok := scalar(item)
		switch {
		case !ok:
			return nil, errors.New("a code is empty")
		case slices.Contains(all, code):
			return nil, fmt.Errorf("%q occurs twice", code)
		}
		all = append(all, code)
	}
	return all, nil
}

// readKind reads the name of a kind, which is one of those allowed.
func readKind(key string, n *yaml.Node, allowed []fault.Kind) (fault.Kind, error) {
	name, ok := scalar(n)
	if !ok {
		return 0, fmt.Errorf("%q has no kind: name one of %s", key, names(allowed))
	}
	at := slices.IndexFunc(allowed, func(k fault.Kind) bool { return k.String() == name })
	if at < 0 {
		return 0, fmt.Errorf("%q: %q is not a kind: name one of %s", key, name, names(allowed))
	}
	return allowed[at], nil
}

func names(kinds []fault.Kind) string {
	var all []string
	for _, kind := range kinds {
		all = append(all, kind.String())
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func readKinds(n *yaml.Node, allowed []fault.Kind) (map[string]fault.Kind, error) {
	all := map[string]fault.Kind{}
	return all, eachPair(n, func(code string, value *yaml.Node) (err error) {
		all[code], err = readKind(code, value, allowed)
		return err
	})
}

func readPhrases(n *yaml.Node) ([]Phrase, error) {
	var all []Phrase
	return all, eachPair(n, func(words string, value *yaml.Node) error {
		kind, err := readKind(words, value, refusalKinds())
		all = append(all, Phrase{words, kind})
		return err
	})
}

func readScopes(n *yaml.Node) (map[string]fault.Scope, error) {
	all := map[string]fault.Scope{}
	return all, eachPair(n, func(code string, value *yaml.Node) error {
		switch name, _ := scalar(value); name {
		case fault.ScopeApp.String():
			all[code] = fault.ScopeApp
		case fault.ScopeAPI.String():
			all[code] = fault.ScopeAPI
		default:
			return fmt.Errorf("%q must be app (the limit holds for the whole App Key) or api (for the one API) but is %q", code, name)
		}
		return nil
	})
}

func readBan(n *yaml.Node) (time.Duration, error) {
	text, _ := scalar(n)
	d, err := time.ParseDuration(text)
	if err != nil || d < banLeast || d > banMost {
		return 0, fmt.Errorf("must be a duration of %v to %v, such as 10m, but is %q", banLeast, banMost, text)
	}
	return d, nil
}

// checkCodes refuses codes that cannot be read.
func (l *Loaded) checkCodes() error {
	if _, err := l.Upstream.ReadCodes(); err != nil {
		return l.refuse(codesSetting, "%v", err)
	}
	return nil
}

// oneLine is a map of the file in the form of a variable or a flag.
func oneLine(n *yaml.Node) (string, error) {
	if err := plainNode(n); err != nil {
		return "", err
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	err := errors.Join(encoder.Encode(n), encoder.Close())
	return strings.TrimSpace(b.String()), err
}

// plainNode removes comments and styles that do not fit in one line, and refuses references.
func plainNode(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return errors.New("must not hold references (& and *)")
	}
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	n.Style = yaml.FlowStyle
	if n.Kind == yaml.ScalarNode && n.ShortTag() != "!!null" {
		n.Style, n.Tag = yaml.DoubleQuotedStyle, "!!str"
	}
	for _, child := range n.Content {
		if err := plainNode(child); err != nil {
			return err
		}
	}
	return nil
}
