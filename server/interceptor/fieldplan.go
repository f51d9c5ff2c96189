package interceptor

import "google.golang.org/protobuf/reflect/protoreflect"

// fieldPlan lists, for each message with wanted fields at any depth, the fields that are wanted or lead to them.
// Requests have no maps and no lists of messages with wanted fields.
type fieldPlan struct {
	wanted func(protoreflect.FieldDescriptor) bool
	fields map[protoreflect.FullName][]protoreflect.FieldDescriptor
}

func newFieldPlan(inputs []protoreflect.MessageDescriptor, wanted func(protoreflect.FieldDescriptor) bool) fieldPlan {
	p := fieldPlan{wanted: wanted, fields: map[protoreflect.FullName][]protoreflect.FieldDescriptor{}}
	for _, input := range inputs {
		p.add(input)
	}
	return p
}

// add records a message's fields and reports whether it has wanted ones.
func (p fieldPlan) add(message protoreflect.MessageDescriptor) bool {
	if fields, known := p.fields[message.FullName()]; known {
		return len(fields) > 0
	}
	p.fields[message.FullName()] = nil // For recursive messages.
	var fields []protoreflect.FieldDescriptor
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		inside := field.Message() != nil && !field.IsMap() && !field.IsList() && p.add(field.Message())
		if inside || p.wanted(field) {
			fields = append(fields, field)
		}
	}
	p.fields[message.FullName()] = fields
	return len(fields) > 0
}

// each visits the wanted fields that are set, with their path in the request.
func (p fieldPlan) each(m protoreflect.Message, at string, visit func(m protoreflect.Message, field protoreflect.FieldDescriptor, path string)) {
	for _, field := range p.fields[m.Descriptor().FullName()] {
		if !m.Has(field) {
			continue
		}
		path := at + string(field.Name())
		if field.Message() != nil {
			p.each(m.Mutable(field).Message(), path+".", visit)
			continue
		}
		visit(m, field, path)
	}
}
