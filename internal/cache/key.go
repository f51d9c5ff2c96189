package cache

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// keyVersion is raised when an answer stored under an old key must not be given any more: when a decoder reads the members it
// knows in another way, or when the canonical form below changes its meaning. Members and fields that decoders learn are in
// [Scope.Reading], so nobody has to raise it for them.
const keyVersion = 2

// Key is a question's identity: the first 128 bits of a SHA-256 over its canonical form.
//
// Callers choose the words that are hashed, so a fast hash without a secret (xxhash, FNV) would let one of them craft
// a question that is answered with another's goods; SHA-256 costs some 200 ns with the processor's help, against a
// network round trip that it saves. 128 bits are enough: finding any second question for a given key takes 2^128
// tries, and among a billion questions two share a key by chance with a probability below 2^-68.
type Key [16]byte

// String is the key in hexadecimal digits.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Scope is what answers depend on beside the question. Equal questions of different scopes never share an answer.
type Scope struct {
	// Account names a pool of App Keys whose answers are interchangeable.
	Account string
	Dialect zhaohuov1.UpstreamDialect
	// Sandbox is the mode: made-up goods are never found by one who asks for real ones.
	Sandbox bool
	// Origin is everything else that answers depend on: the upstream's address, the names of its APIs, the limits by which
	// it is asked and read.
	Origin string
	// Reading is what the decoders read, as a digest. An answer of an older version that dropped a member is never given by a
	// version that reads it.
	Reading string
}

// prefix is the part of the canonical form that all keys of the scope share.
func (s Scope) prefix() []byte {
	b := binary.AppendUvarint(nil, keyVersion)
	b = appendText(b, s.Account)
	b = binary.AppendUvarint(b, uint64(s.Dialect))
	b = append(b, flag(s.Sandbox))
	b = appendText(b, s.Origin)
	return appendText(b, s.Reading)
}

func flag(on bool) byte {
	if on {
		return 1
	}
	return 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// form is what the canonical form of one kind needs beside the rules of [canonicalize].
type form struct {
	kind Kind
	// defaults are written into the key where the question leaves them unset.
	defaults map[protoreflect.Name]protoreflect.Value
	// excluded are fields that the answer does not depend on, or that the key carries in another way.
	excluded []protoreflect.Name
}

// listDefaults are the contract's, for lists of the size a page has there.
func listDefaults(size int32) map[protoreflect.Name]protoreflect.Value {
	return map[protoreflect.Name]protoreflect.Value{
		"page":      protoreflect.ValueOfInt32(1),
		"page_size": protoreflect.ValueOfInt32(size),
		"sort":      protoreflect.ValueOfEnum(protoreflect.EnumNumber(zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE)),
	}
}

// staleness is the field that says how old an answer may be: no part of what is asked.
const staleness protoreflect.Name = "max_staleness"

// canonical is the question with everything said in one way only: white space collapsed, filters in order, decimals in
// their shortest form. It is this question that goes upstream, so that the answer does not depend on which of its equals
// was asked first. A field that has no rule here is part of the key as it stands, so that a new one is never forgotten.
func canonical[Q proto.Message](q Q, f form) Q {
	c := proto.CloneOf(q)
	m := c.ProtoReflect()
	m.SetUnknown(nil)
	fields := m.Descriptor().Fields()
	clearField(m, staleness)
	for _, name := range f.excluded {
		clearField(m, name)
	}
	for i := range fields.Len() {
		canonicalize(m, fields.Get(i))
	}
	return c
}

func clearField(m protoreflect.Message, name protoreflect.Name) {
	if field := m.Descriptor().Fields().ByName(name); field != nil {
		m.Clear(field)
	}
}

// keyOf hashes the scope's prefix, the kind, what the question is about beside its message, and the tidied message with
// its defaults written out. Every part but the last has its length before it, so no two questions run into one text.
// The message's wire form is injective; that it stays the same from one version of the protobuf library to the next is
// likely and pinned by a test, but all that hangs on it is a miss.
func keyOf(prefix []byte, kind Kind, extra string, message []byte) Key {
	b := make([]byte, 0, 512)
	b = append(b, prefix...)
	b = appendText(b, string(kind))
	b = appendText(b, extra)
	b = append(b, message...)
	sum := sha256.Sum256(b)
	return Key(sum[:len(Key{})])
}

// withDefaults encodes the message with its defaults set and leaves it as it was: a dialect that lacks paging
// must not get a request for the first page.
func withDefaults(f form, m protoreflect.Message) ([]byte, error) {
	var added []protoreflect.FieldDescriptor
	for name, value := range f.defaults {
		if field := m.Descriptor().Fields().ByName(name); field != nil && !m.Has(field) {
			m.Set(field, value)
			added = append(added, field)
		}
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m.Interface())
	for _, field := range added {
		m.Clear(field)
	}
	return b, err
}

// canonicalize brings one field into its one form. Fields of the same name mean the same in every request.
func canonicalize(m protoreflect.Message, field protoreflect.FieldDescriptor) {
	switch field.Name() {
	case "keyword", "item_title", "auxiliary_text", "name":
		m.Set(field, protoreflect.ValueOfString(words(m.Get(field).String())))
	case "price_min", "price_max":
		if amount, ok := money.Parse(m.Get(field).String()); ok {
			m.Set(field, protoreflect.ValueOfString(amount.String()))
		}
	case "language_code":
		if m.Get(field).String() == "zh" {
			m.Clear(field)
		}
	case "filters", "facet_ids", "category_ids":
		order(m, field)
	}
}

// words is the text composed (NFC), without white space around it and with one space where there was any within.
// Compatibility forms (NFKC) are left apart: to the upstream's search ２ and 2 may be different words.
func words(s string) string {
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

// order sorts a list of enum values or texts and drops repeats. Neither changes what a list of criteria asks for.
func order(m protoreflect.Message, field protoreflect.FieldDescriptor) {
	if !m.Has(field) {
		return
	}
	list := m.Mutable(field).List()
	values := make([]protoreflect.Value, list.Len())
	for i := range values {
		values[i] = list.Get(i)
	}
	compare := func(a, b protoreflect.Value) int { return strings.Compare(a.String(), b.String()) }
	if field.Kind() == protoreflect.EnumKind {
		compare = func(a, b protoreflect.Value) int { return cmp.Compare(a.Enum(), b.Enum()) }
	}
	slices.SortFunc(values, compare)
	values = slices.CompactFunc(values, func(a, b protoreflect.Value) bool { return compare(a, b) == 0 })
	list.Truncate(0)
	for _, value := range values {
		list.Append(value)
	}
}
