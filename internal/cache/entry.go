package cache

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// entry is a kept answer: a header of fixed size, then the encoded answer without its meta, or the fault that is
// remembered instead. It is kept encoded everywhere, so that its weight is known and nobody can change it.
type entry []byte

// The header: format, shape, source, then two times in nanoseconds since 1970, then the CRC-32C of all the rest. Entries of the format
// before have no sum; they are read, so that an update of the service costs no calls.
const (
	entryFormat    = 3
	unsummedFormat = 2
	sumAt          = 3 + 8 + 8
	headerSize     = sumAt + 4
)

// The shapes.
const (
	shapeAnswer byte = iota
	shapeNotFound
)

func newEntry(shape byte, source zhaohuov1.AnswerSource, at, until time.Time, size int) entry {
	e := make(entry, headerSize, headerSize+size)
	e[0], e[1], e[2] = entryFormat, shape, byte(source)
	binary.BigEndian.PutUint64(e[3:], uint64(at.UnixNano()))
	binary.BigEndian.PutUint64(e[11:], uint64(until.UnixNano()))
	return e
}

// sealed is the entry with its sum, once its body is complete.
func (e entry) sealed() entry {
	binary.BigEndian.PutUint32(e[sumAt:], e.sum())
	return e
}

func (e entry) sum() uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(e[:sumAt], table), table, e[headerSize:])
}

// summed reports whether the entry has a sum, which entryOf has checked.
func (e entry) summed() bool { return e[0] == entryFormat }

// entryOf reads what a store gave back. It is false for what this version does not understand, and for what is not as it was written.
func entryOf(b []byte) (entry, bool) {
	if len(b) < sumAt || b[1] > shapeNotFound {
		return nil, false
	}
	e := entry(b)
	switch b[0] {
	case unsummedFormat:
		return e, true
	case entryFormat:
		return e, len(b) >= headerSize && binary.BigEndian.Uint32(b[sumAt:]) == e.sum()
	default:
		return nil, false
	}
}

// at is when the upstream gave the answer.
func (e entry) at() time.Time { return time.Unix(0, int64(binary.BigEndian.Uint64(e[3:]))) }

// until is when the answer is of no use any more.
func (e entry) until() time.Time { return time.Unix(0, int64(binary.BigEndian.Uint64(e[11:]))) }

func (e entry) source() zhaohuov1.AnswerSource { return zhaohuov1.AnswerSource(e[2]) }

func (e entry) notFound() bool { return e[1] == shapeNotFound }

func (e entry) body() []byte {
	if !e.summed() {
		return e[sumAt:]
	}
	return e[headerSize:]
}

// age is how old the answer is. An answer from the future is as good as new while clocks may differ by so much; one
// from further away tells that a clock was set, and its age is not known.
func (e entry) age(now time.Time) (time.Duration, bool) {
	age := now.Sub(e.at())
	if age < -clockTolerance {
		return 0, false
	}
	return max(age, 0), true
}

const clockTolerance = time.Minute

// answerMessage is a response of the contract.
type answerMessage interface {
	proto.Message
	GetMeta() *zhaohuov1.AnswerMeta
}

// encodeAnswer keeps the answer but not its meta, which is told anew each time.
func encodeAnswer(a answerMessage, life Life, now time.Time) (entry, error) {
	meta := a.GetMeta()
	at := now
	if meta.GetFetchTime() != nil {
		at = meta.GetFetchTime().AsTime()
	}
	setMeta(a, nil)
	defer setMeta(a, meta)
	options := proto.MarshalOptions{}
	size := options.Size(a)
	e := newEntry(shapeAnswer, meta.GetSource(), at, at.Add(life.retention()), size)
	b, err := options.MarshalAppend(e, a)
	if err != nil {
		return nil, err
	}
	return entry(b).sealed(), nil
}

// decodeAnswer gives a copy of its own to everybody who asks.
func decodeAnswer[A answerMessage](e entry, meta *zhaohuov1.AnswerMeta) (A, error) {
	var none A
	if e.notFound() {
		return none, e.fault()
	}
	a := none.ProtoReflect().New().Interface().(A)
	if err := proto.Unmarshal(e.body(), a); err != nil {
		return none, fault.New(fault.Internal, "").WithCause(err)
	}
	setMeta(a, meta)
	return a, nil
}

func setMeta(a answerMessage, meta *zhaohuov1.AnswerMeta) {
	m := a.ProtoReflect()
	field := m.Descriptor().Fields().ByName("meta")
	if meta == nil {
		m.Clear(field)
		return
	}
	m.Set(field, protoreflect.ValueOfMessage(meta.ProtoReflect()))
}

// missing is a remembered not-found.
type notFoundRecord struct {
	Detail  string            `json:"detail,omitempty"`
	Subject string            `json:"subject,omitempty"`
	Meta    map[string]string `json:"meta,omitempty"`
}

func encodeNotFound(f *fault.Fault, life Life, now time.Time) (entry, error) {
	b, err := json.Marshal(notFoundRecord{Detail: f.Detail, Subject: f.Subject, Meta: f.Meta})
	if err != nil {
		return nil, err
	}
	e := newEntry(shapeNotFound, zhaohuov1.AnswerSource_ANSWER_SOURCE_UNSPECIFIED, now, now.Add(life.NotFound), len(b))
	return append(e, b...).sealed(), nil
}

// fault is the remembered not-found, which cost nothing this time.
func (e entry) fault() error {
	var m notFoundRecord
	if err := json.Unmarshal(e.body(), &m); err != nil {
		return fault.New(fault.Internal, "").WithCause(err)
	}
	f := fault.New(fault.ProductNotFound, "%s", m.Detail).WithSubject(m.Subject)
	for key, value := range m.Meta {
		f = f.WithMeta(key, value)
	}
	return f.WithCalls(0)
}
