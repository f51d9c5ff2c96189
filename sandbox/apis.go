package sandbox

import (
	"github.com/zhaohuo-dev/zhaohuo/sandbox/aopwire"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/topwire"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// API is an API that the sandbox serves.
type API = wire.API

// AOPAPIs are the APIs of AOP, sorted by name, without those that give out tokens.
func AOPAPIs() []API { return aopwire.Served() }

// TOPAPIs are the methods of TOP, sorted by name.
func TOPAPIs() []API { return topwire.Served() }

// Followed are the ids of the goods that an app follows, in ascending order.
func (s *Sandbox) Followed(appKey string) []int64 { return s.backend.Follows.Of(appKey) }

// StoreUndelivered stores the text of a message that could not be pushed to an app, until the app confirms it. It reports whether
// there was room, and a message in it.
func (s *Sandbox) StoreUndelivered(appKey, text string) bool {
	return s.backend.Undelivered.Add(appKey, text)
}

// Undelivered are the texts that are stored for an app, the oldest first.
func (s *Sandbox) Undelivered(appKey string) []string {
	var texts []string
	for _, m := range s.backend.Undelivered.Of(appKey) {
		texts = append(texts, m.Text)
	}
	return texts
}
