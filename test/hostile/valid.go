package hostile

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"image"
	"image/png"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	// triesPerField is how many values are tried to find those that a field's rules allow.
	triesPerField = 64
	// idsPerField is how many of them are ids that the service knows.
	idsPerField = 24
	// repairsMax is how often what breaks a rule in a request is changed.
	repairsMax = 6
)

// Generator makes requests that keep the rules of the contract, as the rules' descriptors state them. It is safe for concurrent use.
type Generator struct {
	validator protovalidate.Validator
	// ids are texts of answers by the last word of their field's name, such as "id" and "url".
	ids map[string][]string
	// photo is a small one that can be decoded.
	photo []byte
	// allowed are the values that a field's own rules allow, by the field's name.
	allowed sync.Map
}

// NewGenerator makes a generator. answers are messages whose ids and addresses requests should use, because the service knows them.
func NewGenerator(answers ...proto.Message) (*Generator, error) {
	validator, err := protovalidate.New()
	if err != nil {
		return nil, fmt.Errorf("hostile: %w", err)
	}
	var photo bytes.Buffer
	if err := png.Encode(&photo, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		return nil, fmt.Errorf("hostile: %w", err)
	}
	g := &Generator{validator: validator, photo: photo.Bytes(), ids: map[string][]string{}}
	for _, answer := range answers {
		g.learn(answer.ProtoReflect())
	}
	return g, nil
}

// learn collects the ids and addresses in a message.
func (g *Generator) learn(m protoreflect.Message) {
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.IsMap():
		case field.IsList():
			for i := range v.List().Len() {
				g.learnValue(field, v.List().Get(i))
			}
		default:
			g.learnValue(field, v)
		}
		return true
	})
}

func (g *Generator) learnValue(field protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch {
	case field.Message() != nil:
		g.learn(v.Message())
	case field.Kind() == protoreflect.StringKind:
		if role := roleOf(field); len(g.ids[role]) < triesPerField {
			g.ids[role] = append(g.ids[role], v.String())
		}
	}
}

// roleOf is the last word of a field's name, in the singular.
func roleOf(field protoreflect.FieldDescriptor) string {
	name := strings.TrimSuffix(string(field.Name()), "s")
	return name[strings.LastIndexByte(name, '_')+1:]
}

// Valid is a request of a method that keeps the contract's rules, nearly always. Each eighth has any value in one of its fields.
func (g *Generator) Valid(r *rand.Rand, method protoreflect.MethodDescriptor) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
	if err != nil {
		return nil, fmt.Errorf("hostile: %w", err)
	}
	m := kind.New()
	g.fill(r, m, depthRandom)
	for range repairsMax {
		broken, err := g.broken(m.Interface())
		if err != nil {
			return nil, err
		}
		if len(broken) == 0 {
			break
		}
		for _, one := range broken {
			g.repair(r, m, one)
		}
	}
	if fields := m.Descriptor().Fields(); fields.Len() > 0 && r.IntN(8) == 0 {
		if field := fields.Get(r.IntN(fields.Len())); field.Message() == nil && !field.IsList() {
			m.Set(field, scalar(r, field))
		}
	}
	return m.Interface(), nil
}

// Keeps reports whether a message keeps the contract's rules.
func (g *Generator) Keeps(m proto.Message) (bool, error) {
	broken, err := g.broken(m)
	return len(broken) == 0, err
}

func (g *Generator) broken(m proto.Message) ([]*protovalidate.Violation, error) {
	err := g.validator.Validate(m)
	if err == nil {
		return nil, nil
	}
	invalid, ok := errors.AsType[*protovalidate.ValidationError](err)
	if !ok {
		return nil, fmt.Errorf("hostile: %w", err)
	}
	return invalid.Violations, nil
}

// fill sets some fields of a message, and all that it must have.
func (g *Generator) fill(r *rand.Rand, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if rules := rulesOf(field); rules.GetRequired() || rules.GetRepeated().GetMinItems() > 0 || r.IntN(fields.Len()) < 3 {
			g.set(r, m, field, depth)
		}
	}
}

// set sets one field.
func (g *Generator) set(r *rand.Rand, m protoreflect.Message, field protoreflect.FieldDescriptor, depth int) {
	switch {
	case depth == 0 || field.IsMap():
	case field.IsList():
		rules := rulesOf(field).GetRepeated()
		items := 1 + r.IntN(3)
		if n := rules.GetMinItems(); n > uint64(items) {
			items = int(n)
		}
		m.Clear(field)
		list := m.Mutable(field).List()
		for range items {
			if field.Message() != nil && !isTime(field) {
				g.fill(r, list.AppendMutable().Message(), depth-1)
			} else if v, ok := g.pick(r, field); ok && !(rules.GetUnique() && contains(list, v)) {
				list.Append(v)
			}
		}
	case field.Message() != nil && !isTime(field):
		m.Clear(field)
		g.fill(r, m.Mutable(field).Message(), depth-1)
	default:
		if v, ok := g.pick(r, field); ok {
			m.Set(field, v)
		}
	}
}

func contains(list protoreflect.List, v protoreflect.Value) bool {
	for i := range list.Len() {
		if list.Get(i).Equal(v) {
			return true
		}
	}
	return false
}

// repair changes what breaks a rule: a field is set anew or left out, and a message whose fields do not fit together has one of them set
// or left out.
func (g *Generator) repair(r *rand.Rand, m protoreflect.Message, broken *protovalidate.Violation) {
	path := broken.Proto.GetField().GetElements()
	for i, element := range path {
		field := m.Descriptor().Fields().ByNumber(protoreflect.FieldNumber(element.GetFieldNumber()))
		if field == nil {
			break // It names a oneof of the message.
		}
		inner := field.Message() != nil && !field.IsMap() && !isTime(field)
		switch item, inList := element.GetSubscript().(*validate.FieldPathElement_Index); {
		case inner && inList && item.Index < uint64(m.Get(field).List().Len()):
			m = m.Get(field).List().Get(int(item.Index)).Message()
		case inner && !field.IsList() && (i < len(path)-1 || m.Has(field)):
			m = m.Mutable(field).Message()
		case rulesOf(field).GetRequired() || rulesOf(field).GetRepeated().GetMinItems() > 0 || !m.Has(field):
			g.set(r, m, field, depthRandom)
			return
		default:
			m.Clear(field)
			return
		}
	}
	fields := m.Descriptor().Fields()
	if fields.Len() == 0 {
		return
	}
	field := fields.Get(r.IntN(fields.Len()))
	if m.Has(field) && !rulesOf(field).GetRequired() {
		m.Clear(field)
	} else {
		g.set(r, m, field, depthRandom)
	}
}

// pick is a value that the field's rules allow; false if none was found.
func (g *Generator) pick(r *rand.Rand, field protoreflect.FieldDescriptor) (protoreflect.Value, bool) {
	known, ok := g.allowed.Load(field.FullName())
	if !ok {
		known, _ = g.allowed.LoadOrStore(field.FullName(), g.find(field))
	}
	values, _ := known.([]protoreflect.Value)
	if len(values) == 0 {
		return protoreflect.Value{}, false
	}
	v := values[r.IntN(len(values))]
	if field.Message() != nil { // Each message has its own.
		v = protoreflect.ValueOfMessage(proto.Clone(v.Message().Interface()).ProtoReflect())
	}
	return v, true
}

// find tries values in a field, and returns those that its rules allow.
func (g *Generator) find(field protoreflect.FieldDescriptor) []protoreflect.Value {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(field.ContainingMessage().FullName())
	if err != nil {
		return nil // It is the entry of a map.
	}
	name := fnv.New64a()
	_, _ = name.Write([]byte(field.FullName()))  // A hash takes all.
	r := rand.New(rand.NewPCG(20, name.Sum64())) // The same values, whoever asks first.
	var found []protoreflect.Value
	for try := range triesPerField {
		v := g.candidate(r, field, try)
		m := kind.New()
		if field.IsList() {
			m.Mutable(field).List().Append(v)
		} else {
			m.Set(field, v)
		}
		broken, err := g.broken(m.Interface())
		allowed := err == nil
		for _, one := range broken {
			path := one.Proto.GetField().GetElements()
			if len(path) == 0 || path[0].GetFieldNumber() != int32(field.Number()) || one.Proto.GetRuleId() == "repeated.min_items" {
				continue // Another field breaks a rule.
			}
			allowed = false
		}
		if allowed {
			found = append(found, v)
		}
	}
	return found
}

// candidate is a value to try: in texts, what the service knows comes first.
func (g *Generator) candidate(r *rand.Rand, field protoreflect.FieldDescriptor, try int) protoreflect.Value {
	small := []int64{0, 1, 2, 3, 5, 10, 20, 50, 60, 100, 1000, 3600, 86400}[r.IntN(13)]
	switch field.Kind() {
	case protoreflect.MessageKind:
		if field.Message().FullName() == "google.protobuf.Timestamp" {
			return protoreflect.ValueOfMessage(timestamppb.New(time.Now().Add(time.Duration(small) * time.Second)).ProtoReflect())
		}
		return protoreflect.ValueOfMessage(durationpb.New(time.Duration(small) * time.Second).ProtoReflect())
	case protoreflect.StringKind:
		words := good()
		if ids := g.ids[roleOf(field)]; try < min(len(ids), idsPerField) {
			return protoreflect.ValueOfString(ids[try])
		}
		if try >= triesPerField-len(words) {
			return protoreflect.ValueOfString(words[triesPerField-1-try])
		}
	case protoreflect.BytesKind:
		if try%2 == 0 {
			return protoreflect.ValueOfBytes(g.photo)
		}
	case protoreflect.Int32Kind, protoreflect.Int64Kind:
		if try%2 == 0 && field.Kind() == protoreflect.Int32Kind {
			return protoreflect.ValueOfInt32(int32(small))
		} else if try%2 == 0 {
			return protoreflect.ValueOfInt64(small)
		}
	}
	return scalar(r, field)
}

// good are texts of which each field of the contract takes some.
func good() []string {
	return []string{
		"1", "10", "99.90", "0.5", "耳机", "蓝牙耳机", "保温杯", "T恤 女", "en", "ja", "zh", "330100", "440300", "CNY", "USD", "2026-01-15", "2026-11-28",
		"6000000000001", "1:2", "Asia/Shanghai", "complex", "products.price", "products.id", "https://example.com/hook", "https://cbu01.alicdn.com/x.jpg", "name_1",
	}
}

// isTime reports whether a field holds a time or a duration, which are picked as one value.
func isTime(field protoreflect.FieldDescriptor) bool {
	if field.Message() == nil {
		return false
	}
	name := field.Message().FullName()
	return name == "google.protobuf.Timestamp" || name == "google.protobuf.Duration"
}

// rulesOf are the rules of a field; nil if it has none.
func rulesOf(field protoreflect.FieldDescriptor) *validate.FieldRules {
	rules, err := protovalidate.ResolveFieldRules(field)
	if err != nil {
		return nil
	}
	return rules
}
