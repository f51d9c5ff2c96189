package push

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Message is what this service reads of a pushed message.
type Message struct {
	// ID is the platform's id of the message. Empty: it has none.
	ID string
	// Type is its topic.
	Type string
	// AppKey is the app that the message is for. Empty: it does not say.
	AppKey string
	// Born is when the platform made it. Zero: it does not say.
	Born time.Time
	// Products are the ids of the goods that it is about, each once.
	Products []string
}

// Errors of [Parse].
var (
	// ErrUnreadable: the text is no message, or its data is not as its topic says.
	ErrUnreadable = errors.New("the text is no message of the platform")
	// ErrTopic: it is a message of a topic that is not among [Topics].
	ErrTopic = errors.New("messages of this topic are not used")
)

// envelope is what the platform wraps all messages in. Ids come as numbers or as text, data as an object or as JSON text.
type envelope struct {
	ID     json.RawMessage `json:"msgId"`
	Type   json.RawMessage `json:"type"`
	Group  json.RawMessage `json:"topicGroup"`
	Topic  json.RawMessage `json:"topicName"`
	AppKey json.RawMessage `json:"appKey"`
	Born   json.RawMessage `json:"gmtBorn"`
	Data   json.RawMessage `json:"data"`
}

// AppKeyOf is the App Key that a message names, before anything else of it is believed; empty if it names none.
func AppKeyOf(message string) string {
	var e struct {
		AppKey json.RawMessage `json:"appKey"`
	}
	if json.Unmarshal([]byte(message), &e) != nil {
		return ""
	}
	key, _ := scalar(e.AppKey)
	return key
}

// idOf is the id of a message that cannot be read otherwise; empty if it has none.
func idOf(message string) string {
	var e struct {
		ID json.RawMessage `json:"msgId"`
	}
	if json.Unmarshal([]byte(message), &e) != nil {
		return ""
	}
	id, _ := scalar(e.ID)
	return id
}

// Parse reads the text of a message. The error is [ErrUnreadable] or [ErrTopic]; with ErrTopic everything but Products is set.
func Parse(message string) (Message, error) {
	var e envelope
	if json.Unmarshal([]byte(message), &e) != nil {
		return Message{}, ErrUnreadable
	}
	m := Message{}
	m.ID, _ = scalar(e.ID)
	m.Type, _ = scalar(e.Type)
	m.AppKey, _ = scalar(e.AppKey)
	if m.Type == "" {
		group, _ := scalar(e.Group)
		name, _ := scalar(e.Topic)
		m.Type = group + "_" + name
	}
	if len(m.ID) > 64 || m.Type == "_" {
		return Message{}, ErrUnreadable
	}
	if text, ok := scalar(e.Born); ok {
		if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > 0 {
			m.Born = time.UnixMilli(ms).UTC()
		}
	}
	topic, known := topicOf(m.Type)
	if !known {
		return m, ErrTopic
	}
	ids, ok := topic.products(inner(e.Data))
	if !ok {
		return Message{}, ErrUnreadable
	}
	slices.Sort(ids)
	m.Products = slices.Compact(ids)
	return m, nil
}

// inner is JSON that may be written as text within JSON.
func inner(raw json.RawMessage) json.RawMessage {
	var text string
	if !bytes.HasPrefix(raw, []byte(`"`)) || json.Unmarshal(raw, &text) != nil {
		return raw
	}
	return json.RawMessage(strings.TrimSpace(text))
}

// scalar is the text of a JSON string, or of a number as it is written. It is false for anything else, and for nothing.
func scalar(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 {
		return "", false
	}
	switch c := raw[0]; {
	case c == '"':
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return "", false
		}
		return text, text != ""
	case c == '-', c >= '0' && c <= '9':
		return string(raw), true
	default:
		return "", false
	}
}
