package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// keysCommand creates API keys for callers. It changes no server: the operator adds the entry to the server's keys
// file.
type keysCommand struct {
	New keysNew `cmd:"" help:"Make an API key for a caller: the key, shown only this once, and the entry for the server's keys file."`
}

// keysNew creates a key.
type keysNew struct {
	Name       string   `name:"name" required:"" placeholder:"NAME" help:"Caller the key is for: logs, metrics and fairness go by it. Keys of one name are one caller."`
	Weight     float64  `name:"weight" default:"1" placeholder:"N" help:"The caller's share of upstream calls against other callers, over 0 to 1000."`
	Expires    string   `name:"expires" placeholder:"TIME" help:"When the key ends, as 2027-01-31T00:00:00+08:00. Unset: never."`
	Rate       *float64 `name:"rate" placeholder:"N" help:"Most requests a second; 0 pauses the caller. Unset: the server's --caller-rate."`
	Concurrent *int64   `name:"concurrent" placeholder:"N" help:"Most requests at the same time, in each server. Unset: no bound."`
	Daily      *int64   `name:"daily" placeholder:"N" help:"Most upstream calls a day, in China's days, that the caller may cause, retries and price watches included. Unset: no bound."`
	AgentClass string   `name:"agent-class" placeholder:"CLASS" enum:",batch,interactive" default:"" help:"Priority of the upstream calls of the caller's AI agents: batch or interactive. Unset: batch."`
	Admin      bool     `name:"admin" help:"Let the caller do what is for operators: zhaohuo admin, and zhaohuo doctor --addr."`
	Output     string   `name:"output" short:"o" default:"text" enum:"text,json" help:"Form of the answer: text, or json with key and entry."`
}

// Run prints the key, which is stored nowhere.
func (c *keysNew) Run(s *session) error {
	entry, err := c.entry(time.Now())
	if err != nil {
		return usageError{err}
	}
	key, entry := callers.Mint(entry)
	if c.Output == "json" {
		return json.NewEncoder(s.Stdout).Encode(map[string]string{"key": key.Reveal(), "entry": entry.YAML()})
	}
	return s.printEnd("API key of %s, shown only once; give it only to the caller:\n\n%s\n\n"+
		"Entry for the file of ZHAOHUO_API_KEYS_FILE, which holds no secret:\n\n%s", entry.Name, key.Reveal(), entry.YAML())
}

func (c *keysNew) entry(now time.Time) (callers.Entry, error) {
	entry := callers.Entry{Name: c.Name, Weight: c.Weight, AgentClass: c.AgentClass, Admin: c.Admin}
	if err := callers.CheckName(c.Name); err != nil {
		return entry, fmt.Errorf("--name: %w", err)
	}
	if err := callers.CheckWeight(c.Weight); err != nil {
		return entry, fmt.Errorf("--weight: %w", err)
	}
	if c.Rate != nil {
		entry.Rate, entry.Paused = *c.Rate, *c.Rate == 0
		if err := callers.CheckRate(*c.Rate); err != nil {
			return entry, fmt.Errorf("--rate: %w", err)
		}
	}
	if c.Concurrent != nil {
		if err := callers.CheckConcurrent(*c.Concurrent); err != nil {
			return entry, fmt.Errorf("--concurrent: %w", err)
		}
		entry.Concurrent = int(*c.Concurrent)
	}
	if c.Daily != nil {
		if err := callers.CheckDaily(*c.Daily); err != nil {
			return entry, fmt.Errorf("--daily: %w", err)
		}
		entry.Daily = *c.Daily
	}
	if c.Expires == "" {
		return entry, nil
	}
	at, err := time.Parse(time.RFC3339, c.Expires)
	if err != nil {
		return entry, trouble("--expires: must be a time such as 2027-01-31T00:00:00+08:00")
	}
	if !at.After(now) {
		return entry, trouble("--expires: %s is in the past", c.Expires)
	}
	entry.Expires = at
	return entry, nil
}
