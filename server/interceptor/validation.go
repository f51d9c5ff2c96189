package interceptor

import (
	"errors"
	"slices"
	"sync"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// newValidator makes what checks the contract's rules, when the first request comes. The rules of a request are compiled when the first one
// of its kind comes, in a few milliseconds: to compile all of them took a quarter of a live start. They cannot change after a test has
// compiled all of them.
var newValidator = sync.OnceValues(func() (protovalidate.Validator, error) { //nolint:gochecknoglobals // Nobody writes to it.
	return protovalidate.New()
})

// inputs are the messages of all requests.
func inputs() []protoreflect.MessageDescriptor {
	var all []protoreflect.MessageDescriptor
	for _, method := range contract.Methods() {
		all = append(all, method.Input())
	}
	return all
}

// newValidation checks requests against the contract's rules.
func newValidation() (link, error) {
	inputs := inputs()
	bounds, err := newSizeBounds(inputs)
	if err != nil {
		return link{}, err
	}
	words, lenient := newNormalizer(inputs), newLeniency(inputs)
	check := func(msg any) error {
		m, ok := messageOf(msg)
		if !ok {
			return nil
		}
		if err := undecoded(m); err != nil {
			return err
		}
		lenient.apply(m.ProtoReflect())
		oversized := bounds.oversized(m.ProtoReflect())
		refused := append(oversized, words.normalize(m.ProtoReflect())...)
		validator, err := newValidator()
		if err != nil {
			return fault.New(fault.Internal, "").WithCause(err)
		}
		if len(oversized) == 0 {
			return refusal(validator.Validate(m), refused)
		}
		return refusal(validator.Validate(m, protovalidate.WithFilter(bounds)), refused)
	}
	return checking(Validation, []string{FaultMapping, Recovery, Deadline, Size}, check), nil
}

// refusal names the broken rules, those found before (fields) first, up to the limit of an answer.
func refusal(err error, fields []fault.Field) error {
	if err != nil {
		invalid, ok := errors.AsType[*protovalidate.ValidationError](err)
		if !ok {
			return fault.New(fault.Internal, "").WithCause(err)
		}
		for _, violation := range invalid.Violations[:min(len(invalid.Violations), fault.FieldsMax)] {
			path := protovalidate.FieldPathString(violation.Proto.GetField())
			field := fault.Field{Path: path, Rule: violation.Proto.GetRuleId(), Why: violation.Proto.GetMessage()}
			if !slices.Contains(fields, field) { // Required words that are blank were found before.
				fields = append(fields, field)
			}
		}
	}
	if len(fields) == 0 {
		return nil
	}
	f := fault.Invalid(fields[0].Path, fields[0].Rule, "%s", fields[0].Why)
	for _, field := range fields[1:] {
		f = f.WithField(field.Path, field.Rule, field.Why)
	}
	return f
}
