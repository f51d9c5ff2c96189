// Package callers knows who may call: API keys by their hashes, tokens by their subject and certificates by their names, in one table
// of entries; and each caller's rate.
//
// It does not read requests or metadata and refuses no RPC: server/interceptor does. internal/quota decides what a
// caller's upstream calls cost and when they leave.
package callers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Entry says how a caller is known, by one of Hash, Subject and Certificate, and what it may do. Several entries may have one name,
// so that a key can be replaced without a gap; they are one caller.
type Entry struct {
	// Name is the caller in logs, metrics and fairness.
	Name string
	// Hash is the key's SHA-256. Slow, salted hashes protect passwords that can be guessed. [Mint] makes keys with 130
	// random bits, which cannot be guessed from a hash, and a request must not wait for bcrypt.
	Hash [sha256.Size]byte
	// Subject is who the caller is in a JSON Web Token.
	Subject string
	// Certificate is a name in the caller's client certificate: a DNS name, an address of mail, a URI, or CN= and the common name.
	Certificate string
	// Weight is the caller's share of upstream calls relative to other callers: 1 by default.
	Weight float64
	// Expires is when the key ends; zero for never.
	Expires time.Time
	// Rate is the number of requests per second; 0 if not set, or if the caller is paused.
	Rate float64
	// Paused is true if the caller may send no request: the entry has rate: 0.
	Paused bool
	// Pause is what an operator has paused the caller for, beside its entry. The keyring sets it.
	Pause paused.Span
	// Concurrent is how many requests the caller may have at the same time in one process; 0 for no bound.
	Concurrent int
	// Daily is how many upstream calls the caller may cause a day, in China's days; 0 for no bound.
	Daily int64
	// AgentClass is the priority of the upstream calls of the caller's AI agents that name none: "batch" or "interactive"; empty for
	// batch.
	AgentClass string
	// Admin is true if the caller may use the operators' RPCs.
	Admin bool
	// Accounts are the names of the accounts at 1688 that the caller's upstream calls may go through, sorted and joined by
	// commas; empty for all.
	Accounts string
	// APIs are those that the caller may call by name; none by default.
	APIs APIs
}

// Admit returns the refusal of a caller that is paused; nil if it is not.
func (e Entry) Admit() error {
	if now := time.Now(); e.Pause.On(now) {
		return e.Pause.Refusal(fault.New(fault.CallerPaused, "the caller %s is paused by the operator", e.Name).WithSubject(e.Name), now)
	}
	if e.Paused {
		return fault.New(fault.CallerPaused, "the caller %s is paused: its entry has rate: 0", e.Name).WithSubject(e.Name)
	}
	return nil
}

const (
	weightMax = 1000
	rateMax   = 1e6
	// ConcurrentMax is the highest bound of requests at the same time that an entry may have.
	ConcurrentMax = 1_000_000
	// DailyMax is the highest bound of calls a day that an entry may have.
	DailyMax = 1_000_000_000
)

// nameForm excludes IP addresses and everything else that can be in a name's place.
var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,62}$`)

// nobody are names that mean callers without a key.
var nobody = map[string]bool{"ip": true}

// CheckName returns what is wrong with a caller's name; nil for nothing.
func CheckName(name string) error {
	if !nameForm.MatchString(name) {
		return errors.New("name must be a letter, then up to 62 letters, digits, _ and -")
	}
	if nobody[strings.ToLower(name)] {
		return fmt.Errorf("name %s is taken: it means callers without a key", name)
	}
	return nil
}

// CheckWeight returns what is wrong with a weight; nil for nothing.
func CheckWeight(weight float64) error { return checkNumber("weight", weight, weightMax) }

// CheckRate returns what is wrong with a rate; nil for nothing. A rate of 0 pauses the caller.
func CheckRate(rate float64) error {
	if math.IsNaN(rate) || rate < 0 || rate > rateMax {
		return fmt.Errorf("rate must be over 0 and at most %v requests a second, or 0 to pause the caller", rateMax)
	}
	return nil
}

// CheckConcurrent returns what is wrong with a number of requests at the same time; nil for nothing.
func CheckConcurrent(n int64) error {
	return checkCount("concurrent", "requests at the same time", n, ConcurrentMax)
}

// CheckDaily returns what is wrong with a number of upstream calls a day; nil for nothing.
func CheckDaily(n int64) error { return checkCount("daily", "upstream calls a day", n, DailyMax) }

func checkCount(name, of string, n, most int64) error {
	if n < 1 || n > most {
		return fmt.Errorf("%s must be a number of %s from 1 to %d", name, of, most)
	}
	return nil
}

func checkNumber(name string, n, most float64) error {
	if math.IsNaN(n) || n <= 0 || n > most {
		return fmt.Errorf("%s must be over 0 and at most %v", name, most)
	}
	return nil
}

// Parse reads entries: a list in YAML, or in JSON, which is YAML too. An error names the line and never quotes the
// text, which may contain a pasted key. A list without entries is an error: an editor may empty a file before it writes
// it, and that must neither allow nor refuse everybody.
func Parse(text []byte) ([]Entry, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("there is no key in it")
	case err != nil:
		return nil, syntaxError(err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("holds more than one document")
	}
	root := document.Content[0]
	if root.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("line %d: must be a list of keys, each with name and sha256", root.Line)
	}
	if len(root.Content) == 0 {
		return nil, errors.New("there is no key in it")
	}
	entries := make([]Entry, 0, len(root.Content))
	for _, node := range root.Content {
		entry, err := parseEntry(node)
		if err != nil {
			return nil, err
		}
		if err := fits(entries, entry); err != nil {
			return nil, fmt.Errorf("line %d: %w", node.Line, err)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

var lineOfError = regexp.MustCompile(`line \d+`)

// syntaxError keeps the line number and drops the parser's message, which may quote the text.
func syntaxError(err error) error {
	if line := lineOfError.FindString(err.Error()); line != "" {
		return fmt.Errorf("%s: is not YAML", line)
	}
	return errors.New("is not YAML")
}

func parseEntry(node *yaml.Node) (Entry, error) {
	entry := Entry{Weight: 1}
	if node.Kind != yaml.MappingNode {
		return entry, fmt.Errorf("line %d: must be a key with name and sha256", node.Line)
	}
	seen, line, err := readFields(&entry, node, entryFields,
		errors.New("holds what is none of name, sha256, subject, certificate, weight, expires, rate, concurrent, daily, agent_class, admin, accounts and apis"))
	if err != nil {
		return entry, fmt.Errorf("line %d: %w", line, err)
	}
	if !seen["name"] {
		return entry, fmt.Errorf("line %d: name is missing", node.Line)
	}
	ways := 0
	for _, name := range []string{"sha256", "subject", "certificate"} {
		if seen[name] {
			ways++
		}
	}
	if ways != 1 {
		return entry, fmt.Errorf("line %d: must have one of sha256, subject and certificate", node.Line)
	}
	return entry, nil
}

// entryFields are the fields of an entry by name.
var entryFields = map[string]field[Entry]{
	"name": {plain: func(e *Entry, text string) error {
		e.Name = text
		return CheckName(text)
	}},
	"sha256": {plain: func(e *Entry, text string) error {
		hash, err := hex.DecodeString(text)
		if err != nil || len(hash) != len(e.Hash) {
			return errors.New("sha256 must be the key's SHA-256 in 64 hexadecimal digits")
		}
		e.Hash = [sha256.Size]byte(hash)
		return nil
	}},
	"subject": {plain: func(e *Entry, text string) error {
		e.Subject = text
		return checkIdentity("subject", text)
	}},
	"certificate": {plain: func(e *Entry, text string) error {
		e.Certificate = text
		return checkIdentity("certificate", text)
	}},
	"weight": {plain: func(e *Entry, text string) error {
		e.Weight = number(text)
		return CheckWeight(e.Weight)
	}},
	"expires": {plain: func(e *Entry, text string) error {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return errors.New("expires must be a time such as 2027-01-31T00:00:00+08:00")
		}
		e.Expires = at
		return nil
	}},
	"rate": {plain: func(e *Entry, text string) error {
		e.Rate = number(text)
		e.Paused = e.Rate == 0
		return CheckRate(e.Rate)
	}},
	"concurrent": {plain: func(e *Entry, text string) error {
		n := count(text)
		e.Concurrent = int(n)
		return CheckConcurrent(n)
	}},
	"daily": {plain: func(e *Entry, text string) error {
		e.Daily = count(text)
		return CheckDaily(e.Daily)
	}},
	"agent_class": {plain: func(e *Entry, text string) error {
		e.AgentClass = text
		if _, ok := upstream.ParseClass(text); !ok {
			return errors.New("agent_class must be batch or interactive")
		}
		return nil
	}},
	"accounts": {list: readAccounts},
	"apis": {list: func(e *Entry, value *yaml.Node) (line int, err error) {
		e.APIs, line, err = readAPIs(value)
		return line, err
	}},
	"admin": {plain: func(e *Entry, text string) error {
		e.Admin = text == "true"
		if !e.Admin && text != "false" {
			return errors.New("admin must be true or false")
		}
		return nil
	}},
}

// checkIdentity returns what is wrong with a subject or a name in a certificate; nil for nothing.
func checkIdentity(field, text string) error {
	if text == "" || len(text) > 255 || strings.ContainsFunc(text, unicode.IsControl) {
		return fmt.Errorf("%s must be a text of 1 to 255 bytes", field)
	}
	return nil
}

// readAccounts reads the list of accounts.
func readAccounts(e *Entry, n *yaml.Node) (line int, err error) {
	wrong := errors.New("accounts must be a list of names of accounts, such as [main, second]")
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return n.Line, wrong
	}
	var all []string
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || !nameForm.MatchString(item.Value) {
			return n.Line, wrong
		}
		all = append(all, item.Value)
	}
	slices.Sort(all)
	e.Accounts = strings.Join(slices.Compact(all), ",")
	return 0, nil
}

// number parses a number; NaN for anything else.
func number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return n
}

// count parses a whole number; -1 for anything else.
func count(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return -1
	}
	return n
}

// fits returns why an entry conflicts with those before it; nil if it does not.
func fits(entries []Entry, entry Entry) error {
	for _, e := range entries {
		if e.Hash == entry.Hash && e.Subject == entry.Subject && e.Certificate == entry.Certificate {
			return errors.New("is a key that is there already")
		}
		if e.Name == entry.Name && !e.same(entry) {
			return errors.New("has another weight, rate, concurrent, daily, agent_class, admin, accounts or apis than another key of the same name: they are one caller")
		}
	}
	return nil
}

// same reports whether two entries say the same of their caller.
func (e Entry) same(other Entry) bool {
	other.Hash, other.Subject, other.Certificate, other.Expires = e.Hash, e.Subject, e.Certificate, e.Expires
	return reflect.DeepEqual(e, other)
}
