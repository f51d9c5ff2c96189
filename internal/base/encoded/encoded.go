// Package encoded is about answers that stay in their encoded form on the way from a store to the caller, so that nobody decodes
// them only to encode them again. It knows no store, no transport and no message type.
package encoded

import (
	"context"
	"slices"
	"sync/atomic"

	"google.golang.org/protobuf/proto"
)

// Question is a request that was checked and prepared. It may be asked any number of times and at the same time. It must return
// before ctx ends, and every failure as a fault.
type Question func(ctx context.Context) (*Message, error)

// Message is the encoding of one message, in two parts. In protobuf, two encodings one after the other are the encoding of both
// messages merged. Nobody changes the parts.
type Message struct {
	// Head and Body are the parts.
	Head, Body []byte
	// New makes an empty message of the type.
	New func() proto.Message
	// Forms keeps other forms of this message; nil where there is no place for them.
	Forms *Forms
}

// Of encodes a message.
func Of(m proto.Message) (*Message, error) {
	body, err := proto.Marshal(m)
	if err != nil {
		return nil, err
	}
	return &Message{Body: body, New: func() proto.Message { return m.ProtoReflect().New().Interface() }}, nil
}

// With is the message merged with another one of its type, which is given encoded and has only fields that the message has not.
func (m *Message) With(more []byte) *Message {
	return &Message{Head: slices.Concat(m.Head, more), Body: m.Body, New: m.New, Forms: m.Forms.with(more)}
}

// Decode decodes the message. Each call returns a message of its own.
func (m *Message) Decode() (proto.Message, error) {
	message := m.New()
	if err := m.DecodeInto(message); err != nil {
		return nil, err
	}
	return message, nil
}

// DecodeInto decodes the message into another one of its type.
func (m *Message) DecodeInto(message proto.Message) error {
	if err := proto.Unmarshal(m.Head, message); err != nil {
		return err
	}
	return proto.UnmarshalOptions{Merge: true}.Unmarshal(m.Body, message)
}

// JSON is a message as REST sends it.
type JSON struct {
	// Text is the JSON, and Zipped the same in gzip.
	Text, Zipped []byte
	// Tag is its entity tag.
	Tag string
}

// Forms keeps the JSON of a message once it was made, and that of the message with something more: see [Message.With]. It is safe for
// concurrent use.
type Forms struct {
	json atomic.Pointer[JSON]
	// fuller is nil until something more was asked for.
	fuller atomic.Pointer[fuller]
	// grown is called when something is kept.
	grown func()
}

// fuller is what a message was asked for with. Its forms are nil as long as it was asked for once.
type fuller struct {
	more  string
	forms *Forms
}

// NewForms makes an empty place. grown is called after something was put there: it takes memory.
func NewForms(grown func()) *Forms { return &Forms{grown: grown} }

// JSON is what was kept; nil for nothing yet.
func (f *Forms) JSON() *JSON { return f.json.Load() }

// Keep keeps the JSON. Nobody changes it afterwards.
func (f *Forms) Keep(j *JSON) {
	if f.json.CompareAndSwap(nil, j) && f.grown != nil {
		f.grown()
	}
}

// with is the place for the message with something more. There is one such place, for what is asked for twice in a row: forms of what
// nobody asks for next would be made in vain.
func (f *Forms) with(more []byte) *Forms {
	if f == nil {
		return nil
	}
	last := f.fuller.Load()
	switch {
	case last == nil || last.more != string(more):
		f.fuller.Store(&fuller{more: string(more)})
		return nil
	case last.forms == nil:
		f.fuller.CompareAndSwap(last, &fuller{last.more, NewForms(f.grown)})
		last = f.fuller.Load()
		if last.more != string(more) {
			return nil
		}
	}
	return last.forms
}

// Size is the bytes that are kept.
func (f *Forms) Size() int {
	if f == nil {
		return 0
	}
	size := 0
	if j := f.json.Load(); j != nil {
		size = len(j.Text) + len(j.Zipped) + len(j.Tag)
	}
	if last := f.fuller.Load(); last != nil {
		size += len(last.more) + last.forms.Size()
	}
	return size
}
