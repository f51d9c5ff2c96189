package wire

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Message is a message that could not be pushed.
type Message struct {
	ID   int64
	Type string
	User string
	// Born is when it was made.
	Born time.Time
	// Text is the message as JSON.
	Text string
}

// undeliveredMax bounds the memory of a long-running sandbox.
const undeliveredMax = 10_000

// Undelivered are the messages of apps that could not be pushed. The zero value is ready. It is safe for concurrent use.
type Undelivered struct {
	mu       sync.Mutex
	messages map[string][]Message
}

// Add stores a message for an app, once. It reports whether there was room, and a message in the text.
func (u *Undelivered) Add(app, text string) bool {
	var head struct {
		ID   int64  `json:"msgId"`
		Type string `json:"type"`
		User string `json:"userInfo"`
		Born int64  `json:"gmtBorn"`
	}
	if json.Unmarshal([]byte(text), &head) != nil {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	all := u.messages[app]
	if slices.ContainsFunc(all, func(m Message) bool { return m.ID == head.ID }) {
		return true
	}
	if len(all) >= undeliveredMax {
		return false
	}
	if u.messages == nil {
		u.messages = map[string][]Message{}
	}
	all = append(all, Message{ID: head.ID, Type: head.Type, User: head.User, Born: time.UnixMilli(head.Born), Text: text})
	slices.SortStableFunc(all, func(a, b Message) int { return a.Born.Compare(b.Born) })
	u.messages[app] = all
	return true
}

// Of are the messages of an app, the oldest first.
func (u *Undelivered) Of(app string) []Message {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.messages[app])
}

// Confirm forgets messages of an app.
func (u *Undelivered) Confirm(app string, ids []int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.messages[app] = slices.DeleteFunc(slices.Clone(u.messages[app]), func(m Message) bool { return slices.Contains(ids, m.ID) })
}
