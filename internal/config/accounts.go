package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// accountsSetting is the name of the setting that several accounts are read from, and its text in the file is a list.
const accountsSetting = "accounts"

// accountsMax is the most accounts of a pool.
const accountsMax = 32

// PoolAccount is one account at 1688: an App Key with its credentials, limits and permissions.
type PoolAccount struct {
	// Name is empty for the account of app-key.
	Name        string
	AppKey      string
	AppSecret   secret.Text
	AccessToken secret.Text
	// TokenMode is as the setting token-mode.
	TokenMode string
	QPS       float64
	Daily     int64
	PerAPI    map[string]APILimit
	// APIs are those that the account may call; empty for all.
	APIs []string

	secretFile, tokenFile string
}

// Serves reports whether the account may call an API.
func (a PoolAccount) Serves(api string) bool { return len(a.APIs) == 0 || slices.Contains(a.APIs, api) }

// TokenModeOf is the source of an account's access tokens; stored reports whether OAuth tokens are stored for it.
func (l *Loaded) TokenModeOf(a PoolAccount, stored bool) string {
	switch {
	case a.TokenMode != tokenAuto:
		return a.TokenMode
	case !a.AccessToken.Empty():
		return TokenStatic
	case stored || l.Origins["oauth-redirect-url"] != "":
		return TokenOAuth
	default:
		return TokenNone
	}
}

// PoolNames are the names of the accounts with their App Keys.
func (l *Loaded) PoolNames() string {
	var all []string
	for _, a := range l.Pool {
		all = append(all, a.Name+" ("+a.AppKey+")")
	}
	return strings.Join(all, ", ")
}

// Find returns the account of a name; the first one for an empty name.
func (l *Loaded) Find(name string) (PoolAccount, error) {
	if name == "" && len(l.Pool) > 0 {
		return l.Pool[0], nil
	}
	at := slices.IndexFunc(l.Pool, func(a PoolAccount) bool { return a.Name == name })
	if at < 0 {
		return PoolAccount{}, fmt.Errorf("there is no account %q in the setting accounts", name)
	}
	return l.Pool[at], nil
}

// loadPool reads the accounts with their secrets: those of the setting accounts, or the one of app-key.
func (l *Loaded) loadPool() error {
	if l.Account.Accounts == "" {
		if l.Account.AppKey != "" {
			perAPI, err := l.Quota.APILimits()
			if err != nil {
				return l.refuse("upstream-api-limits", "%v", err)
			}
			l.Pool = []PoolAccount{{
				AppKey: l.Account.AppKey, AppSecret: l.Account.AppSecret, AccessToken: l.Account.AccessToken, TokenMode: l.Tokens.Mode,
				QPS: l.Quota.QPS, Daily: l.Quota.Daily, PerAPI: perAPI,
			}}
		}
		return nil
	}
	for _, name := range []string{"app-key", "app-secret", "access-token"} {
		if l.Origins[name] != "" {
			return l.refuse(accountsSetting, "and %s are both set: remove one", l.Named(name))
		}
	}
	all, err := l.readAccounts()
	if err != nil {
		return l.refuse(accountsSetting, "%v", err)
	}
	for i := range all {
		if err := l.loadSecrets(&all[i]); err != nil {
			return l.refuse(accountsSetting, "%s: %v", all[i].Name, err)
		}
	}
	l.Pool = all
	return nil
}

// loadSecrets reads the files of an account's secrets. A relative path is looked for from the working directory.
func (l *Loaded) loadSecrets(a *PoolAccount) error {
	for _, one := range []struct {
		key, path string
		to        *secret.Text
	}{{"app_secret_file", a.secretFile, &a.AppSecret}, {"access_token_file", a.tokenFile, &a.AccessToken}} {
		if one.path == "" {
			continue
		}
		text, err := readSecret(filepath.Clean(one.path))
		if err != nil {
			return fmt.Errorf("%s: %w", one.key, err)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return fmt.Errorf("%s: holds white space or control characters", one.key)
		}
		*one.to = secret.Text(text)
	}
	switch set := !a.AccessToken.Empty(); {
	case a.TokenMode == TokenStatic && !set:
		return errors.New("token_mode is static but there is no access_token_file")
	case set && (a.TokenMode == TokenNone || a.TokenMode == TokenOAuth):
		return fmt.Errorf("token_mode is %s but access_token_file is there: remove one", a.TokenMode)
	}
	return nil
}

// readAccounts reads the setting. No error quotes a value, which may be a pasted secret.
func (l *Loaded) readAccounts() ([]PoolAccount, error) {
	decoder := yaml.NewDecoder(strings.NewReader(l.Account.Accounts))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, errors.New("is not YAML")
	}
	list := document.Content[0]
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 || len(list.Content) > accountsMax {
		return nil, fmt.Errorf("must be a list of 1 to %d accounts, each with name, app_key and app_secret_file", accountsMax)
	}
	var all []PoolAccount
	for i, node := range list.Content {
		a, err := l.readAccount(node)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", cmp.Or(a.Name, fmt.Sprintf("account %d", i+1)), err)
		}
		for _, before := range all {
			switch {
			case before.Name == a.Name:
				return nil, fmt.Errorf("two accounts have the name %s", a.Name)
			case before.AppKey == a.AppKey:
				return nil, fmt.Errorf("%s and %s have the same app_key: its limit would be counted twice", before.Name, a.Name)
			}
		}
		all = append(all, a)
	}
	return all, nil
}

// readAccount reads one entry. What it leaves out is as the settings of all accounts say.
func (l *Loaded) readAccount(node *yaml.Node) (PoolAccount, error) {
	perAPI, err := l.Quota.APILimits()
	if err != nil {
		return PoolAccount{}, fmt.Errorf("upstream_api_limits: %w", err)
	}
	a := PoolAccount{TokenMode: l.Tokens.Mode, QPS: l.Quota.QPS, Daily: l.Quota.Daily, PerAPI: perAPI}
	err = eachPair(node, func(key string, value *yaml.Node) error {
		read, known := accountFields()[key]
		if !known {
			return fmt.Errorf("has what is none of %s", strings.Join(slices.Sorted(maps.Keys(accountFields())), ", "))
		}
		if key != "apis" && value.Kind != yaml.ScalarNode {
			return fmt.Errorf("%s must be a plain value", key)
		}
		return read(&a, value)
	})
	switch {
	case err != nil:
	case a.Name == "":
		err = errors.New("name is missing")
	case a.AppKey == "":
		err = errors.New("app_key is missing")
	case a.secretFile == "":
		err = errors.New("app_secret_file is missing: the file that has the App Secret")
	}
	return a, err
}

// accountNameForm has no comma and no line feed, which separate names.
var accountNameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,62}$`)

// accountFields read the keys of an account.
func accountFields() map[string]func(*PoolAccount, *yaml.Node) error {
	return map[string]func(*PoolAccount, *yaml.Node) error{
		"name": func(a *PoolAccount, n *yaml.Node) error {
			if !accountNameForm.MatchString(n.Value) {
				return errors.New("name must be a letter, then up to 62 letters, digits, _ and -")
			}
			a.Name = n.Value
			return nil
		},
		"app_key": func(a *PoolAccount, n *yaml.Node) error {
			if !appKeyForm.MatchString(n.Value) {
				return errors.New("app_key is not an App Key: letters, digits and _.- only")
			}
			a.AppKey = n.Value
			return nil
		},
		"app_secret": func(*PoolAccount, *yaml.Node) error {
			return errors.New("app_secret must not be here: put it in a file of its own and name that in app_secret_file")
		},
		"access_token": func(*PoolAccount, *yaml.Node) error {
			return errors.New("access_token must not be here: put it in a file of its own and name that in access_token_file")
		},
		"app_secret_file":   func(a *PoolAccount, n *yaml.Node) error { a.secretFile = n.Value; return nil },
		"access_token_file": func(a *PoolAccount, n *yaml.Node) error { a.tokenFile = n.Value; return nil },
		"token_mode": func(a *PoolAccount, n *yaml.Node) error {
			if !slices.Contains([]string{tokenAuto, TokenNone, TokenStatic, TokenOAuth}, n.Value) {
				return errors.New("token_mode must be auto, none, static or oauth")
			}
			a.TokenMode = n.Value
			return nil
		},
		"upstream_qps": func(a *PoolAccount, n *yaml.Node) (err error) {
			if a.QPS, err = strconv.ParseFloat(n.Value, 64); err != nil || math.IsNaN(a.QPS) || a.QPS < 0 || a.QPS > 1e6 {
				return errors.New("upstream_qps must be 0 (no limit) to 1000000")
			}
			return nil
		},
		"upstream_daily": func(a *PoolAccount, n *yaml.Node) (err error) {
			if a.Daily, err = strconv.ParseInt(n.Value, 10, 64); err != nil || a.Daily < 0 {
				return errors.New("upstream_daily must be 0 (no limit) or a number of calls")
			}
			return nil
		},
		"upstream_api_limits": func(a *PoolAccount, n *yaml.Node) (err error) {
			if a.PerAPI, err = (Quota{PerAPI: n.Value}).APILimits(); err != nil {
				return fmt.Errorf("upstream_api_limits: %w", err)
			}
			return nil
		},
		"apis": readAPIs,
	}
}

// readAPIs reads the permissions of an account: a list of APIs, or all.
func readAPIs(a *PoolAccount, n *yaml.Node) error {
	wrong := errors.New("apis must be all, or a list of APIs such as com.alibaba.fenxiao.crossborder:product.search.keywordQuery-1")
	if text, ok := scalar(n); ok && text == "all" {
		return nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return wrong
	}
	for _, item := range n.Content {
		api, ok := scalar(item)
		if !ok || !aopAPIForm.MatchString(api) && !topMethodForm.MatchString(api) {
			return wrong
		}
		a.APIs = append(a.APIs, api)
	}
	return nil
}
